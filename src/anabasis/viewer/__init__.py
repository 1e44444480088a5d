"""The window: pictures of a march.

Never contains a computation that changes an answer.
"""
