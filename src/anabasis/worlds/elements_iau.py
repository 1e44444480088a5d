"""The IAU's elements of the rotation of Mars, as plain numbers.

As in the kernel pck00010 (IAU 2000 and 2009), in degrees; T in Julian centuries and d in days of
TDB past J2000. The landing-site kernels of Mars 2020 and InSight use the same.
"""

from __future__ import annotations

import math

MARS_POLE_RIGHT_ASCENSION = (317.68143, -0.1061)
MARS_POLE_DECLINATION = (52.88650, -0.0609)
MARS_PRIME_MERIDIAN = (176.630, 350.89198226)
MARS_SPIN = math.radians(MARS_PRIME_MERIDIAN[1]) / 86400.0
"""Sidereal rotation of Mars [rad/s]."""
