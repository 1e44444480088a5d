"""Decisions: bank, descent, ascent steering.

Never contains the truth: a law sees only what a machine could sense, and its own copy of what the
onboard computer believes.
"""
