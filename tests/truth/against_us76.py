"""The published tables of the US Standard Atmosphere 1976."""

from __future__ import annotations

import pytest

from anabasis.worlds.air import air_of

SOURCE = "US Standard Atmosphere, 1976 (NOAA-S/T 76-1562), table I"
REASON = "printed to four or five digits"

# Geometric altitude [km], temperature [K], pressure [Pa], density [kg/m^3].
TABLE = (
    (0.0, 288.150, 1.01325e5, 1.2250),
    (5.0, 255.676, 5.4048e4, 7.3643e-1),
    (10.0, 223.252, 2.6499e4, 4.1351e-1),
    (20.0, 216.650, 5.5293e3, 8.8910e-2),
    (30.0, 226.509, 1.1970e3, 1.8410e-2),
    (40.0, 250.350, 2.8714e2, 3.9957e-3),
    (50.0, 270.650, 7.9779e1, 1.0269e-3),
    (60.0, 247.021, 2.1958e1, 3.0968e-4),
    (70.0, 219.585, 5.2209e0, 8.2829e-5),
    (80.0, 198.639, 1.0524e0, 1.8458e-5),
)


@pytest.mark.parametrize(("altitude", "temperature", "pressure", "density"), TABLE)
def test_the_standard_atmosphere(altitude, temperature, pressure, density, witness) -> None:
    found = air_of("us76")(1e3 * altitude)
    told = (
        ("temperature", "K", temperature, found.temperature, 2e-3),
        ("pressure", "Pa", pressure, found.pressure, 1e-4 * pressure),
        ("density", "kg/m^3", density, found.density, 1e-4 * density),
    )
    for quantity, unit, expected, measured, tolerance in told:
        witness(
            case=f"US Standard Atmosphere at {altitude:g} km",
            quantity=quantity,
            unit=unit,
            expected=expected,
            measured=measured,
            tolerance=tolerance,
            source=SOURCE,
            reason=REASON,
        )


@pytest.mark.parametrize(("altitude", "density"), [(90.0, 3.416e-6), (120.0, 2.222e-8)])
def test_the_upper_air(altitude, density, witness) -> None:
    witness(
        case=f"US Standard Atmosphere at {altitude:g} km",
        quantity="density",
        unit="kg/m^3",
        expected=density,
        measured=air_of("us76")(1e3 * altitude).density,
        tolerance=1e-3 * density,
        source=SOURCE,
        reason=REASON,
    )


def test_the_speed_of_sound_at_sea_level(witness) -> None:
    witness(
        case="US Standard Atmosphere at 0 km",
        quantity="speed of sound",
        unit="m/s",
        expected=340.29,
        measured=air_of("us76")(0.0).sound_speed,
        tolerance=0.01,
        source=SOURCE,
        reason=REASON,
    )
