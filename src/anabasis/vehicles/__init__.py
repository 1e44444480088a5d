"""Machines: mass, aerodynamics, motors, parachutes; launcher, capsule, lander, rover, ascender,
orbiter, container, tubes.

Never contains a planet: weight, air and ground come from outside. The machines share parts, not an
ancestor.
"""
