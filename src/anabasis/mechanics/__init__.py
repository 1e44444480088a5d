"""Motion: states, rotations, Kepler, Lambert, propagation to an event, formulas of plain numbers.

Never contains a planet, a machine or a decision: gravity here takes a constant, drag an area.
"""
