"""Signals to try the silence rule on: ``./run evaluate homes NAME|FILE [--seed N] [--days N] > signals.jsonl``.

NAME is a simulated home (`homebody`, `typical`, `outgoing`, `wild`), FILE a `*_Sensors.txt` of Ordonez et al. 2013 (UCI, CC BY).
The simulation is a yardstick for comparing rules where no long real recording is at hand, not evidence about real homes: nights
with visits to the bathroom, naps, dozing, outings of log-normal length through the door, now and then a day away.
"""

import argparse
import json
import math
import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

START = datetime(2027, 1, 4)  # noqa: DTZ001  a home's own wall clock; a Monday
KINDS = {"PIR": "motion", "Magnetic": "door", "Flush": "water", "Pressure": "presence", "Electric": "power"}


@dataclass(frozen=True)
class Habits:
    outings: float = 1.0
    outing_h: float = 1.2
    outing_sigma: float = 0.7
    away_day: float = 0.03
    night_visits: float = 1.5
    restless: float = 0.3  # movements an hour in bed
    doze: float = 0.02  # of all pauses by day are of about an hour
    busy: float = 4.0
    jitter_h: float = 0.6


HOMES = {
    "homebody": Habits(
        outings=0.3, outing_h=0.6, outing_sigma=0.6, away_day=0.01, night_visits=2, restless=0.35, doze=0.005, busy=8
    ),
    "typical": Habits(),
    "outgoing": Habits(outings=1.5, outing_h=1.8),
    "wild": Habits(outing_sigma=1.0, away_day=0.06, jitter_h=1.1),
}


def simulate(h: Habits, seed: int, days: int) -> list[tuple[float, str]]:
    """(hours since START, kind), sorted."""
    rng = random.Random(seed)
    out: list[tuple[float, str]] = []
    outings = [(rng.uniform(9, 11.5), rng.uniform(0.3, 0.9)), (rng.uniform(13.5, 17.5), rng.uniform(0.2, 0.8))]
    wakes, sleeps = rng.uniform(6, 8), rng.uniform(21.3, 23.5)
    slept = 0.0
    for day in range(days):
        wake = 24 * day + rng.gauss(wakes, h.jitter_h) + (0.5 if day % 7 > 4 else 0)
        sleep = 24 * day + rng.gauss(sleeps, h.jitter_h)
        out += _night(rng, h, slept, wake)
        breaks = [(24 * day + rng.gauss(13.2, 0.5), rng.gammavariate(3, 0.3), False)] if rng.random() < 0.5 else []
        for hour, chance in outings:
            if rng.random() < chance * h.outings:
                breaks.append(
                    (24 * day + rng.gauss(hour, 0.8), h.outing_h * math.exp(rng.gauss(0, h.outing_sigma)), True)
                )
        if rng.random() < h.away_day:
            breaks = [(24 * day + rng.uniform(9, 12), rng.uniform(5, 9), True)]
        now = wake
        while now < sleep:
            out.append((now, "motion"))
            which = rng.random()
            rate = h.busy * 5 if which < 0.85 else 3.0 if which < 1 - h.doze else 1.0
            now += rng.expovariate(rate)
            due = [b for b in breaks if b[0] <= now]
            for begin, length, door in due:
                if door:
                    out.append((now, "door"))
                now = max(now, begin + length)
                out.append((now, "door" if door else "motion"))
            breaks = [b for b in breaks if b not in due]
        slept = now
    return sorted(out)


def _night(rng: random.Random, h: Habits, slept: float, wake: float) -> Iterator[tuple[float, str]]:
    for rate, events in ((h.night_visits / 8, 6), (h.restless, 1)):
        now = slept + rng.expovariate(rate)
        while now < wake:
            for _ in range(events):
                yield now + rng.expovariate(20), "motion"
            now += rng.expovariate(rate)


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
        signs = [(START + timedelta(hours=t), kind) for t, kind in simulate(HOMES[args.home], args.seed, args.days)]
    elif Path(args.home).is_file():
        signs = sorted(ordonez(Path(args.home)))
    else:
        print(f"{args.home} is neither a file nor one of {', '.join(HOMES)}", file=sys.stderr)
        return 2
    for at, kind in signs:
        print(json.dumps({"elder": Path(args.home).stem, "kind": kind, "at": at.isoformat(timespec="seconds")}))
    return 0
