"""Signals to try the silence rule on: ``./run evaluate homes NAME|FILE [--seed N] [--days N] > signals.jsonl``.

NAME is a kind of simulated home, FILE a `*_Sensors.txt` of Ordonez et al. 2013 (UCI, CC BY). `entrance` has motion sensors and a
contact at the entrance door, `doorless` is the same home without the contact, `cupboards` has contacts on cupboards and the fridge
too. `irregular` and `irregular-doorless` are the first two with heavier tails: days that begin hours early or late now and then, a
drift over the months, signs by the thousand a day, hours without a sign at odd times, and in a third of them some days away. Each
seed draws another person: a semi-Markov life of sleep, visits to the bathroom, housework, sitting with little motion,
naps, weekly errands, visits that run late, days out, nights away, days in bed, and sensors that fail for hours. The ranges are a
guess, held against one known figure: the yardstick of `evaluate checkins --simple` does about as well in the middle one of these
homes as it is known to do in a real home of 112 days (0.25 false alarms a week at 3.6 / 5.2 h). A way to compare rules, no evidence
about real homes.
"""

import argparse
import json
import math
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from domain.errors import Mendable

START = datetime(2027, 1, 4)  # noqa: DTZ001 - a home's own wall clock; a Monday
KINDS = {"PIR": "motion", "Magnetic": "door", "Flush": "water", "Pressure": "presence", "Electric": "power"}
HOMES = ("entrance", "doorless", "cupboards", "irregular", "irregular-doorless")
Event = tuple[float, str]  # hours since START, kind


@dataclass(frozen=True)
class Errand:
    """Leaves at `hour` on `days` of the week, mostly, for about `length` hours."""

    hour: float
    spread: float
    days: frozenset[int]
    length: float
    sigma: float
    mostly: float


@dataclass(frozen=True)
class Person:
    """Hours of the day, hours, chances a day, and signs an hour."""

    wakes: float
    wakes_sd: float
    sleeps: float
    sleeps_sd: float
    restless: float
    night_visits: float
    active_rate: float
    sitting_rate: float
    sitting_share: float
    sitting_h: float
    nap: float
    nap_hour: float
    nap_h: float
    nap_sigma: float
    errands: tuple[Errand, ...]
    unplanned: float
    unplanned_h: float
    evening_out: float
    day_out: float
    night_away: float
    sensors_fail: float


def person(rng: random.Random) -> Person:
    errands = []
    for _ in range(rng.randint(1, 4)):
        often = rng.choice((0.2, 0.4, 0.8))
        errands.append(
            Errand(
                rng.uniform(8.5, 18.5),
                rng.uniform(0.2, 1.0),
                frozenset(d for d in range(7) if rng.random() < often),
                0.9 * math.exp(rng.gauss(0, 0.6)),
                rng.uniform(0.2, 0.6),
                rng.uniform(0.5, 0.95),
            )
        )
    return Person(
        wakes=rng.uniform(5.8, 8.3),
        wakes_sd=rng.uniform(0.25, 0.8),
        sleeps=rng.uniform(21.2, 24.0),
        sleeps_sd=rng.uniform(0.3, 0.9),
        restless=rng.choice((0.1, 0.3, 0.6, 1.0)) * rng.uniform(0.7, 1.3),
        night_visits=rng.uniform(0.5, 3),
        active_rate=rng.uniform(15, 60),
        sitting_rate=math.exp(rng.uniform(math.log(1.5), math.log(10))),
        sitting_share=rng.uniform(0.2, 0.6),
        sitting_h=rng.uniform(0.4, 1.2),
        nap=rng.choice((0.05, 0.3, 0.7)) * rng.uniform(0.7, 1.2),
        nap_hour=rng.uniform(12.5, 15),
        nap_h=rng.uniform(0.5, 1.3),
        nap_sigma=rng.uniform(0.3, 0.6),
        errands=tuple(errands),
        unplanned=rng.uniform(0.02, 0.3),
        unplanned_h=rng.uniform(0.4, 1.5),
        evening_out=rng.uniform(0, 0.05),
        day_out=rng.choice((0.005, 0.01, 0.03)),
        night_away=rng.choice((0.0, 0.002, 0.006)),
        sensors_fail=rng.choice((0.0, 0.004, 0.01)),
    )


def simulate(kind: str, seed: int, days: int) -> list[Event]:
    """The signs of one home, sorted."""
    rng = random.Random(seed)
    who = person(rng)
    events: list[Event] = []
    awake_until = 0.0
    for day in range(days):
        ill = rng.random() < 0.005
        up = 24 * day + rng.gauss(who.wakes + 0.5 * (day % 7 > 4), who.wakes_sd)
        up += rng.uniform(1, 2.5) if rng.random() < 0.01 else 0.0
        up = max(up, awake_until + (3 if awake_until < up else 0))
        bed = 24 * day + rng.gauss(who.sleeps, who.sleeps_sd) + (rng.uniform(0.5, 2) if rng.random() < 0.02 else 0)
        events += _night(rng, who, awake_until, up)
        outings = [] if ill else sorted(_outings(rng, who, day))
        nap = 24 * day + rng.gauss(who.nap_hour, 0.5) if ill or rng.random() < who.nap else math.inf
        awake_until = _waking(rng, who, up, bed, outings, nap, ill, events)
    events.sort()
    for _ in range(days):
        if rng.random() < who.sensors_fail:
            begin = rng.uniform(0, 24 * days)
            end = begin + rng.uniform(1, 6)
            events = [e for e in events if not begin < e[0] < end]
    if kind.startswith("irregular"):
        events = _irregular(rng, events, days)
    if kind.endswith("doorless"):
        return [e for e in events if e[1] != "door"]
    if kind == "cupboards":
        return [(t, "door" if 7 < t % 24 < 21 and rng.random() < 0.12 else what) for t, what in events]
    return events


def _irregular(rng: random.Random, events: list[Event], days: int) -> list[Event]:
    """The same life with heavier tails; each day from 5 to 5 is shifted as a whole."""
    drift, spread = rng.uniform(-0.01, 0.01), rng.choice((0.15, 0.3, 0.5))
    shifts = [drift * day + spread * _student(rng) for day in range(days + 1)]
    burst = 1 / rng.choice((1, 3, 8, 15))
    found: list[Event] = []
    for t, kind in events:
        at = t + max(-3.0, min(3.0, shifts[max(0, int((t - 5) // 24))]))
        found.append((at, kind))
        if kind == "motion":
            found += [(at + rng.uniform(0, 0.01), kind) for _ in range(min(40, int(rng.expovariate(burst))))]
    silent = []
    odd = rng.choice((0.02, 0.05, 0.1))
    for day in range(days):
        if rng.random() < odd:
            begin = 24 * day + rng.uniform(9, 20)
            silent.append((begin, begin + 0.8 * math.exp(rng.gauss(0, 0.7))))
    if rng.random() < 0.3:
        begin = 24 * rng.uniform(0.05, 0.9) * days
        silent.append((begin, begin + 24 * rng.uniform(3, 8)))
    return sorted(e for e in found if e[0] >= 0 and not any(a < e[0] < b for a, b in silent))


def _student(rng: random.Random) -> float:
    """Of Student's distribution with three degrees of freedom: now and then far out."""
    return rng.gauss(0, 1) / math.sqrt(max(0.15, rng.gammavariate(1.5, 1 / 1.5)))


def _signs(rng: random.Random, begin: float, end: float, rate: float) -> Iterator[Event]:
    now = begin + rng.expovariate(rate)
    while now < end:
        yield now, "motion"
        now += rng.expovariate(rate)


def _night(rng: random.Random, who: Person, begin: float, end: float) -> Iterator[Event]:
    yield from _signs(rng, begin, end, who.restless)
    for visit, _ in list(_signs(rng, begin, end, who.night_visits / 8)):
        yield from _signs(rng, visit, visit + rng.uniform(0.05, 0.15), 40)


def _outings(rng: random.Random, who: Person, day: int) -> list[tuple[float, float]]:
    """(leaves, hours away) of one day."""
    start = 24.0 * day
    if rng.random() < who.night_away:
        return [(start + rng.uniform(9, 17), rng.uniform(20, 60))]
    if rng.random() < who.day_out:
        return [(start + rng.uniform(8.5, 11.5), rng.uniform(4, 9))]
    found = [
        (start + rng.gauss(e.hour, e.spread), e.length * math.exp(rng.gauss(0, e.sigma)))
        for e in who.errands
        if day % 7 in e.days and rng.random() < e.mostly
    ]
    if rng.random() < who.unplanned:
        found.append((start + rng.uniform(9, 18), who.unplanned_h * math.exp(rng.gauss(0, 0.6))))
    if rng.random() < who.evening_out:
        found.append((start + rng.uniform(17, 20), rng.uniform(1.5, 4)))
    return found


def _waking(
    rng: random.Random,
    who: Person,
    now: float,
    bed: float,
    outings: list[tuple[float, float]],
    nap: float,
    ill: bool,
    events: list[Event],
) -> float:
    """From getting up to going to bed; adds the day's signs and returns when it ended."""
    while now < bed:
        if outings and outings[0][0] <= now:
            away = outings.pop(0)[1]
            events += [(now, "door"), (now + 0.005, "motion"), (now + 0.012, "door")]
            now += 0.02 + away
            events += [(now, "door"), (now + 0.005, "motion"), (now + 0.01, "door")]
            events += _signs(rng, now, now + 0.3, who.active_rate)
            now += 0.3
            continue
        room = max(0.05, outings[0][0] - now) if outings else math.inf
        if nap <= now:
            nap = math.inf
            length = who.nap_h * math.exp(rng.gauss(0, who.nap_sigma)) * (2 if ill else 1)
            events += _signs(rng, now, now + length, 2 * who.restless)
        elif rng.random() < who.sitting_share:
            length = min(room, who.sitting_h * math.exp(rng.gauss(0, 0.5)))
            events += _signs(rng, now, now + length, who.sitting_rate)
        else:
            length = min(room, rng.gammavariate(2, 0.2))
            events += _signs(rng, now, now + length, who.active_rate)
            if rng.random() < 0.03:
                events.append((now + length / 2, "door"))  # the post, a neighbour
        now += length
        events.append((now, "motion"))
    return now


def ordonez(path: Path) -> Iterator[tuple[datetime, str]]:
    """The begin and the end of every activation of a sensor."""
    for line in path.read_text(encoding="latin-1").splitlines():
        words = line.split()
        if len(words) >= 6 and words[0][:2] == "20":
            for day, clock in (words[0:2], words[2:4]):
                yield datetime.fromisoformat(f"{day} {clock}"), "bed" if words[4] == "Bed" else KINDS[words[5]]


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="evaluate homes", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("home", help=f"{', '.join(HOMES)}, or a file")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--days", type=int, default=112)
    args = parser.parse_args(argv)
    if args.home in HOMES:
        signs = [(START + timedelta(hours=t), kind) for t, kind in simulate(args.home, args.seed, args.days)]
    elif Path(args.home).is_file():
        signs = sorted(ordonez(Path(args.home)))
    else:
        raise Mendable("signals_home_unknown", home=args.home, homes=", ".join(HOMES))
    for at, kind in signs:
        print(json.dumps({"elder": Path(args.home).stem, "kind": kind, "at": at.isoformat(timespec="seconds")}))
    return 0
