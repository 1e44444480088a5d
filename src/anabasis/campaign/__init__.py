"""The march: scenario, schedule, custody of every tube, ledgers, limits, and `fly`.

Never contains physics: what a phase does stands in `phases`.
"""
