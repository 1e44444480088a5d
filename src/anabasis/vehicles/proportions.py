"""How heavy a rocket's parts are for what they hold."""

from __future__ import annotations

from anabasis.mechanics.arrays import Scalar


def motor_inert(propellant: Scalar) -> Scalar:
    """The inert mass of a solid motor by the published regression [kg].

        m = 0.2833 m_p^0.789

    Args:
        propellant: [kg].

    Valid: upper-stage motors with titanium cases, 40 to 300 kg; R^2 0.985, nozzle included,
    thrust-vector control not. Source: J. Gaffarel, MAV_sim, 2022.
    """
    return 0.2833 * propellant**0.789
