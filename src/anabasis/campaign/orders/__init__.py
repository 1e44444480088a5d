"""What a scenario orders of each phase: its table, the plan solved from it, its limits.

One file per phase of the march, every file the same shape: the table (fields declared with units
and ranges), ``plan`` (what is solved once from the nominal scenario), ``fly`` (the phase itself,
with that plan), ``limits``. Never contains physics.
"""
