"""Planets: gravity, shape, spin, air, ground, ephemeris, calendars.

Never contains a machine: a planet does not know who visits.
"""
