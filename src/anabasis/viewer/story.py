"""The march in plain words, and a quiz: every number in them is read from the run.

A sentence stands only where the figures it needs were flown; nothing here is canned.
"""

from __future__ import annotations

import datetime
import hashlib
import random
from collections.abc import Callable
from typing import Any

from anabasis.viewer.run import Run

CAR_KG = 1500.0
"""A family car, for comparison."""
HIGHWAY_M_S = 120.0 / 3.6
"""A car on a motorway, for comparison."""
ASTRONAUT_G = 4.0
"""What a crew feels coming home from orbit in a capsule, about, for comparison."""
_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]


def story_of(run: Run) -> list[dict[str, Any]]:
    """Chapters, each a title and paragraphs of plain text."""
    chapters: list[Callable[[Run], dict[str, Any] | None]] = [
        _plan, _way_out, _seven_minutes, _rocks, _rocket, _meeting, _way_home, _verdict, _doubt,
    ]  # fmt: skip
    return [chapter for tell in chapters if (chapter := tell(run)) is not None]


def quiz_of(run: Run) -> list[dict[str, Any]]:
    """Questions made from this run: text, answers, which one is right, and why."""
    makers = (_ask_home, _ask_tubes, _ask_mass, _ask_g, _ask_speed, _ask_dust, _ask_days)
    found = []
    for make in makers:
        made = make(run)
        if made is None:
            continue
        question, right, wrong, because = made
        wrong = [w for w in dict.fromkeys(wrong) if w != right]
        if len(wrong) < 2:
            continue
        answers = [right, *wrong[:3]]
        # the order is chance, but always the same for the same run
        seed = hashlib.sha256(f"{run.journey['scenario_hash']}{question}".encode()).digest()
        random.Random(seed).shuffle(answers)
        found.append(
            {
                "question": question,
                "answers": answers,
                "right": answers.index(right),
                "because": because,
            }
        )
    return found


# ---------------------------------------------------------------- words for numbers


def figure(run: Run, phase: str, name: str) -> float | None:
    """One figure of the journey, or None where it was not flown."""
    value = run.journey["phases"].get(phase, {}).get("figures", {}).get(name)
    return None if value is None else float(value)


def event(run: Run, name: str, phase: str | None = None) -> dict[str, Any] | None:
    """The first event of that name."""
    for one in run.journey["events"]:
        if one["name"] == name and phase in (None, one["phase"]):
            return one
    return None


def day(utc: str) -> str:
    """`2031-07-27T...` as `27 July 2031`."""
    date = datetime.date.fromisoformat(utc[:10])
    return f"{date.day} {_MONTHS[date.month - 1]} {date.year}"


def month(utc: str) -> str:
    """`2031-07-27T...` as `July 2031`."""
    return day(utc).split(" ", 1)[1]


def span(days: float | int) -> str:
    """A span of days as one says it."""
    if days < 2.0:
        hours = days * 24.0
        return f"{hours * 60.0:.0f} minutes" if hours < 2.0 else f"{hours:.0f} hours"
    if days < 60.0:
        return f"{days:.0f} days"
    if days < 700.0:
        return f"{days / 30.44:.0f} months"
    return f"{days / 365.25:.1f} years"


def count(number: float | int, thing: str) -> str:
    """`3 tubes`, `1 tube`."""
    whole = round(number)
    return f"{whole:,} {thing}{'' if whole == 1 else 's'}"


def _days_between(first: str, last: str) -> float:
    read = datetime.datetime.fromisoformat
    return (
        read(last.replace("Z", "+00:00")) - read(first.replace("Z", "+00:00"))
    ).total_seconds() / 86400.0


def _home(run: Run) -> list[dict[str, Any]]:
    return [t for t in run.journey["tubes"] if t["state"] == "delivered"]


def _chapter(title: str, *paragraphs: str | None) -> dict[str, Any] | None:
    kept = [p for p in paragraphs if p]
    return {"title": title, "text": kept} if kept else None


# ---------------------------------------------------------------- chapters


def _plan(run: Run) -> dict[str, Any] | None:
    tubes = run.journey["tubes"]
    if not tubes:
        return _chapter(
            "What this is",
            f"This report shows one piece of a journey, flown on a computer: "
            f"{run.scenario.summary or run.journey['scenario']}.",
        )
    filled = [t for t in tubes if t["state"] != "empty"]
    launch = event(run, "lander_launch") or event(run, "orbiter_launch")
    first = min((c["from_utc"] for t in tubes for c in t["custody"] if c["from_utc"]), default=None)
    opening = (
        f"On Mars, in a crater called Jezero, a rover has filled {len(filled)} metal tubes, each "
        "about as thick as a finger"
    )
    if first:
        opening += f". The first was ready on {day(first)}"
    opening += (
        ". They hold rock, sand and air from a place where, more than three billion years ago, a "
        "river ran into a lake."
    )
    plan = None
    if launch:
        plan = (
            f"The plan has two ships. They leave the Earth on {day(launch['utc'])}. One lands beside "
            "the rover and carries a rocket. The other goes into orbit and waits. The rocket throws "
            "the tubes up, the second ship catches them and brings them home."
        )
    return _chapter("What is the plan?", opening, plan)


def _way_out(run: Run) -> dict[str, Any] | None:
    flight = figure(run, "lander_outbound", "time_of_flight_day")
    arrival = event(run, "entry_interface", "entry")
    if flight is None or arrival is None:
        return None
    faster = figure(run, "lander_outbound", "c3_km2_s2")
    text = (
        f"The way to Mars takes {span(flight)}. Nobody steers straight at Mars: it moves on while the "
        f"ships fly, so they aim at the place where it will be on {day(arrival['utc'])}."
    )
    swing = None
    if faster is not None and faster > 0:
        swing = (
            f"When the pull of the Earth is behind them they still have {faster**0.5:.1f} kilometres a "
            "second left over. For the rest of the way their engines are almost silent; the Sun's "
            "gravity bends their road into the long arc you see in the pictures."
        )
    return _chapter("Two ships, one long arc", text, swing)


def _seven_minutes(run: Run) -> dict[str, Any] | None:
    speed = figure(run, "entry", "interface_speed_m_s")
    g = figure(run, "entry", "peak_deceleration_g")
    if speed is None or g is None:
        return None
    start, down = event(run, "entry_interface", "entry"), event(run, "touchdown")
    length = None
    if start and down:
        length = (down["et_s"] - start["et_s"]) / 60.0
    soft = figure(run, "landing", "touchdown_vertical_speed_m_s")
    text = (
        f"The lander meets the air of Mars at {speed / 1000:.1f} kilometres a second, "
        f"{speed / HIGHWAY_M_S:.0f} times as fast as a car on a motorway. The thin air brakes it so "
        f"hard that everything on board weighs {g:.0f} times what it weighs on Earth."
    )
    chute = figure(run, "entry", "parachute_deploy_altitude_km")
    mach = figure(run, "entry", "parachute_deploy_mach")
    fall = None
    if chute is not None and mach is not None:
        fall = (
            f"At {chute:.0f} kilometres, still at {mach:.1f} times the speed of sound, the parachute "
            "opens."
        )
        if soft is not None:
            fall += (
                f" The engines do the last part, and the legs touch the ground at {soft:.1f} metres a "
                "second: a walking pace."
            )
    title = f"{_word(round(length)).capitalize()} minutes" if length else "Into the air of Mars"
    return _chapter(title, text, fall)


def _word(number: int) -> str:
    words = [
        "zero",
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "eleven",
        "twelve",
    ]
    return words[number] if 0 <= number < len(words) else str(number)


def _rocks(run: Run) -> dict[str, Any] | None:
    loaded = figure(run, "surface", "tubes_loaded_count")
    if loaded is None:
        return None
    drive = figure(run, "surface", "drive_distance_km")
    left = [t for t in run.journey["tubes"] if t["state"] == "left on Mars"]
    text = f"The rover brings {count(loaded, 'tube')} to the lander"
    text += f", a drive of {drive:.0f} kilometres." if drive else "."
    days = figure(run, "surface", "loading_duration_sol")
    if days is not None:
        text += (
            f" A robot arm loads them one by one; that takes {count(days, 'Martian day')}, each "
            "about forty minutes longer than ours."
        )
    stay = None
    if left:
        stay = (
            f"{count(len(left), 'filled tube')} stay{'s' if len(left) == 1 else ''} behind on Mars"
            + (": " + ", ".join(t["name"] for t in left[:5]) if left else "")
            + (" and others." if len(left) > 5 else ".")
            + " Perhaps someone fetches them one day."
        )
    solid = _sample_words(run)
    return _chapter("What is in the tubes?", text, solid, stay)


def _sample_words(run: Run) -> str | None:
    from anabasis.vehicles.tube import all_tubes

    home = {t["id"] for t in _home(run)}
    grams = [t.mass_g for t in all_tubes() if t.id in home and t.mass_g is not None]
    kinds = [t.kind for t in all_tubes() if t.id in home]
    if not grams:
        return None
    cores = sum(1 for k in kinds if k == "rock core")
    return (
        f"Among those that go home are {count(cores, 'core')} drilled from rock, each about as long "
        f"as a piece of chalk. All the samples together weigh only about {sum(grams):.0f} grams (reckoned "
        "from their length; the rover has no scales). Laboratories on Earth can search every grain "
        "for traces of old water, and perhaps of old life."
    )


def _rocket(run: Run) -> dict[str, Any] | None:
    mass = figure(run, "ascent", "lift_off_mass_kg")
    ideal = figure(run, "ascent", "ideal_delta_v_m_s")
    if mass is None:
        return None
    final = figure(run, "ascent", "final_mass_kg")
    burnout = figure(run, "ascent", "stage_two_burnout_time_s")
    apoapsis = figure(run, "ascent", "apoapsis_km")
    text = (
        f"No rocket has ever started from another planet. This one weighs {mass:.0f} kilograms, as "
        f"much as {mass / CAR_KG:.0%} of a car"
    )
    text += f", and most of that is fuel: {final:.0f} kilograms reach orbit." if final else "."
    up = None
    if burnout is not None and apoapsis is not None:
        up = (
            f"After {span(burnout / 86400.0)} it is in an orbit {apoapsis:.0f} kilometres high. "
            "In between it flies for a long while without any engine, like a ball thrown upwards."
        )
    losses = None
    gravity = figure(run, "ascent", "gravity_loss_m_s")
    if ideal and gravity:
        losses = (
            f"Of every hundred parts of its strength, {100 * gravity / ideal:.0f} are spent merely on "
            "not falling back. That is why it has to be strong and light at once."
        )
    return _chapter("How strong and how light must the rocket be?", text, up, losses)


def _meeting(run: Run) -> dict[str, Any] | None:
    days = figure(run, "rendezvous", "duration_day")
    effort = figure(run, "rendezvous", "delta_v_m_s")
    if days is None:
        return None
    text = (
        f"Up there the tubes drift in a ball the size of a basketball. The waiting ship needs "
        f"{span(days)} to catch it."
    )
    if effort is not None:
        text += (
            f" It hardly uses its engines, changing its speed by {effort:.0f} metres a second in all: "
            "it flies a little lower, where one gets round faster, and lets time do the work."
        )
    return _chapter("A meeting far from home", text)


def _way_home(run: Run) -> dict[str, Any] | None:
    g = figure(run, "arrival", "peak_deceleration_g")
    impact = figure(run, "arrival", "impact_speed_m_s")
    left = event(run, "mars_departure")
    if g is None and left is None:
        return None
    text = None
    if left:
        met = event(run, "container_captured")
        wait = f" {span(_days_between(met['utc'], left['utc']))} after the meeting," if met else ""
        text = (
            f"The road home opens only when the planets stand right. So{wait} on {day(left['utc'])}, "
            "the ship leaves Mars."
        )
        flight = figure(run, "homeward", "time_of_flight_day")
        if flight:
            text += f" The way back takes {span(flight)}."
    fall = None
    if g is not None:
        speed = figure(run, "arrival", "interface_speed_m_s")
        fall = (
            f"Then a capsule falls into our air at {speed / 1000:.1f} kilometres a second. "
            if speed
            else "Then a capsule falls into our air. "
        )
        fall += (
            f"It is braked with {g:.0f} times the Earth's gravity: people in a capsule feel about "
            f"{ASTRONAUT_G:.0f}. Rocks can bear it."
        )
        if impact is not None:
            fall += (
                f" There is no parachute that could fail: it hits the ground at {impact:.0f} metres a "
                "second, and is built for that."
            )
    return _chapter("The road home", text, fall)


def _verdict(run: Run) -> dict[str, Any] | None:
    journey = run.journey
    if journey["outcome"]:
        where = (journey.get("outcome_phase") or "the march").replace("_", " ")
        return _chapter(
            "How does it end?",
            f"This time it ends badly, in {where}: {journey['outcome']}. A computer can lose a "
            "mission a thousand times so that the real one need not be lost once.",
        )
    if not journey["home_utc"]:
        return None
    home = _home(run)
    broken = [
        lim["name"] for p in journey["phases"].values() for lim in p["limits"] if not lim["met"]
    ]
    text = (
        f"On {day(journey['home_utc'])}, {count(len(home), 'tube')} from Mars lie in the desert of "
        "Utah, and the work of the laboratories begins."
    )
    if broken:
        text += (
            f" Not everything was as it should be: {count(len(broken), 'limit')} "
            f"{'was' if len(broken) == 1 else 'were'} broken ({', '.join(broken[:4])})."
        )
    else:
        text += " Every limit that the engineers had set was kept."
    return _chapter("When are they home?", text)


def _doubt(run: Run) -> dict[str, Any] | None:
    from anabasis.campaign.scenario import numbers

    words = [where.confidence for _, where in numbers(run.scenario)]
    assumed = sum(1 for w in words if w in ("assumed", "unsourced"))
    if not assumed:
        return None
    return _chapter(
        "How sure is all this?",
        f"This is a calculation. Of the {len(words)} numbers it starts from, {assumed} are educated "
        "guesses, because nobody has published them or nobody knows them yet. The engineer's part of "
        "this report lists every one, with where it comes from.",
    )


# ---------------------------------------------------------------- questions

Question = tuple[str, str, list[str], str] | None


def _ask_home(run: Run) -> Question:
    home = run.journey["home_utc"]
    if not home or run.journey["outcome"]:
        return None
    year = int(home[:4])
    wrong = [str(year + d) for d in (-3, 2, 5)]
    return ("In which year do the tubes reach the Earth?", str(year), wrong,
            f"They come down on {day(home)}.")  # fmt: skip


def _ask_tubes(run: Run) -> Question:
    home = len(_home(run))
    if not run.journey["tubes"] or not home:
        return None
    every = len(run.journey["tubes"])
    wrong = [str(n) for n in (every, max(1, home // 2), home + 9) if n != home]
    return (f"Of {every} tubes, how many come home?", str(home), wrong,
            "The others stay on Mars, or were never filled.")  # fmt: skip


def _ask_mass(run: Run) -> Question:
    mass = figure(run, "ascent", "lift_off_mass_kg")
    final = figure(run, "ascent", "final_mass_kg")
    if mass is None or final is None:
        return None
    share = round(100 * (1 - final / mass))
    wrong = [f"{s} of 100 kg" for s in (round(share / 2), round(share / 4), 99) if s != share]
    return ("Of every 100 kg of the rocket at lift-off, how much is gone when it is in orbit?",
            f"{share} of 100 kg", wrong,
            f"It lifts off with {mass:.0f} kg and arrives with {final:.0f}.")  # fmt: skip


def _ask_g(run: Run) -> Question:
    for phase, place in (("arrival", "coming home to the Earth"), ("entry", "entering the air")):
        g = figure(run, phase, "peak_deceleration_g")
        if g is not None:
            return (f"How hard is the capsule braked, {place}?",
                    f"{g:.0f} times its weight on Earth",
                    [f"{f * g:.0f} times its weight on Earth" for f in (0.1, 0.4, 3.0)],
                    "The air does it all within seconds.")  # fmt: skip
    return None


def _ask_speed(run: Run) -> Question:
    speed = figure(run, "entry", "interface_speed_m_s")
    if speed is None:
        return None
    return ("How fast does the capsule meet the air at the first entry?",
            f"{speed / 1000:.1f} km each second",
            [f"{speed / 1000 * f:.1f} km each second" for f in (0.06, 0.3, 4.0)],
            f"That is {speed / HIGHWAY_M_S:.0f} times a car on a motorway.")  # fmt: skip


def _ask_dust(run: Run) -> Question:
    off = event(run, "lift_off", "ascent")
    ready = figure(run, "surface", "ready_ls_deg")
    if off is None or ready is None or off["ls_deg"] is None or not 330 <= off["ls_deg"] < 345:
        return None
    return ("The rocket is ready early, yet it waits. For what?",
            "For the season of dust storms to end",
            ["For more tubes", "For the batteries to charge", "For a new engine"],
            f"It lifts off on {day(off['utc'])}, when the season is just over.")  # fmt: skip


def _ask_days(run: Run) -> Question:
    launch, home = event(run, "lander_launch"), run.journey["home_utc"]
    if launch is None or not home:
        return None
    days = _days_between(launch["utc"], home)
    return ("How long is it from the launch to the landing in Utah?", span(days),
            [span(days * f) for f in (0.4, 0.65, 2.0)],
            f"From {month(launch['utc'])} to {month(home)}.")  # fmt: skip
