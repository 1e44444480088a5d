"""Questions asked of many marches: windows, gradients.

Never contains a new model of anything.
"""
