"""How a flight went: an enumeration whose values are sentences; the empty one means nominal.

An outcome is a value, not an exception: a crash on Mars is a result. It survives ``vmap``, one
verdict per lane, and once a march is lost it stays lost (`first_loss`).
"""

from __future__ import annotations

import equinox as eqx


class Outcome(eqx.Enumeration):
    """The verdict on a flight."""

    nominal = ""
    did_not_converge = "the numerical solution did not converge"
    step_budget_spent = "the flight did not end within its step budget"
    skipped_out = "the capsule skipped out of the atmosphere"
    ground_before_parachute = "the capsule met the ground before the parachute trigger"
    ground_under_parachute = "the lander met the ground before its engines could start"
    touchdown_too_hard = "the touchdown was harder than the legs bear"
    out_of_propellant = "the propellant ran out before the manoeuvre was complete"
    orbit_not_reached = "the ascender did not reach an orbit that clears the ground"
    target_out_of_reach = "no steering of the ascender reaches the target orbit"
    latitude_out_of_reach = "the approach declination makes the landing latitude unreachable"
    no_window = "no departure in the window satisfies the limits"
    launch_mass_exceeds_capability = "the launch mass exceeds what the launcher lifts"
    capture_failed = "the orbiter did not capture into orbit"
    rendezvous_failed = "the orbiter did not reach the container"
    rover_never_arrived = "the rover did not reach the lander in the time allowed"
    not_ready_in_time = "the tubes were not aboard in the time allowed"
    missed_target = "the flight ended away from where it was aimed"
    missed_window = "the orbiter was not ready when the departure of its plan home had come"
    orbit_decays = "the orbit of the container decays before it is met"
    attitude_lost = "the ascender lost its attitude"
    lid_not_closed = "the lid of the container did not close"
    grain_too_cold = "the waiting rocket grew too cold before it could lift off"


def first_loss(first: Outcome, second: Outcome) -> Outcome:
    """The first of two outcomes in time that is not nominal: once lost, a march stays lost.

    Args:
        first: the earlier verdict.
        second: the later verdict.

    Returns:
        ``second`` where ``first`` is nominal, else ``first``.
    """
    return Outcome.where(first == Outcome.nominal, second, first)
