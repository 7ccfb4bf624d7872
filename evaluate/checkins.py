"""Score the learned silence rule: ``./run evaluate checkins SIGNALS.jsonl [--learn-days N] [--inject hourly] [--json]``.

Each line is ``{"elder": …, "kind": …, "at": …}``; kinds as in intake, `at` ISO 8601 on the home's wall clock. An offset is the
home's own; times of a home that are all in UTC are shown in the zone told by ``--timezone``, else in a care plan's zone where
that makes the nights quiet, else as they stand: `timezone` says which. The first N days (28) only teach. After them the rule
learns anew every day from the last 90, as the product does, and every silence that outlasts what it allows is an alarm; nobody in
these data was in need, so each is a false one. `--inject hourly` begins a silence at every full hour, one at a time, and measures
from that hour to the alarm: 0 where one was ringing already (`already_ringing` counts these), missed where none comes within 24
h. `fresh` tells the delays of the others alone: those zeros flatter a rule that rings often. Day: the silence began 07-22 local.
In the night in which the clocks change a silence counts an hour more or less than it lasted. Homes whose signs end with the days
of learning are named under `too_short`.
"""

import argparse
import json
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median, quantiles
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from assets.words import say
from domain.careplan import CarePlan
from domain.retaught import Retaught
from domain.routine import BINS, CELLS, MIN_DAYS, Gap, Routine, learn
from domain.signals import SignOfLife
from evaluate._signals import read_file
from offline.program import terminal_language

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
MISSED_AFTER = 24.0  # h


@dataclass
class Outcome:
    """What the rule did in one home, or in all."""

    days: float = 0.0
    alarms: list[dict[str, str]] = field(default_factory=list)
    delays: list[float] = field(default_factory=list)
    delays_day: list[float] = field(default_factory=list)
    injected: int = 0
    missed: int = 0
    already_ringing: int = 0
    fresh: list[float] = field(default_factory=list)
    fresh_day: list[float] = field(default_factory=list)

    def add(self, other: "Outcome") -> None:
        for each in fields(self):
            setattr(self, each.name, getattr(self, each.name) + getattr(other, each.name))

    def tell(self, hour: datetime, ring: datetime) -> None:
        """A silence begun at `hour` that rings then."""
        delay, day = max(0.0, (ring - hour) / HOUR), 7 <= hour.hour < 22
        fresh = ring > hour
        self.injected += 1
        self.missed += delay > MISSED_AFTER
        self.already_ringing += not fresh
        self.delays.append(delay)
        self.delays_day += [delay] * day
        self.fresh += [delay] * fresh
        self.fresh_day += [delay] * (fresh and day)


def simple(gaps: Sequence[Gap], zone: str, budget: float, min_days: int) -> Routine | None:
    """The yardstick: 1.6 times the longest silence that began within an hour of this one."""
    if len({g.day for g in gaps}) < min_days:
        return None
    longest = [0.25] * BINS
    for g in gaps:
        for k in range(-2, 3):
            b = (int(g.start % 24 * 2) + k) % BINS
            longest[b] = max(longest[b], g.hours)
    return Routine(zone, 0, budget, dict.fromkeys(CELLS, tuple(1.6 * h for h in longest)), 0.0, 0.0)


def run(
    elder: str, signs: list[SignOfLife], learn_days: int, inject: bool, budget: float, yardstick: bool = False
) -> Outcome:
    """One home from the end of its learning days to its last sign."""
    result = Outcome()
    signs = [s for s in signs if s.clears]
    if not signs:
        return result
    times = [s.at for s in signs]
    first = times[0].replace(hour=0, minute=0, second=0, microsecond=0)
    begin = max(first + learn_days * DAY, times[0])
    teach = simple if yardstick else learn
    rule = Retaught(signs, "UTC", budget, min_days=min(MIN_DAYS, learn_days), teach=teach)
    rings = [rule(s) if s.at >= begin else None for s in signs]
    for sign, ring, following in zip(signs, rings, times[1:], strict=False):
        if ring and ring < following:
            reason = f"silent since {sign.at.replace(tzinfo=None).isoformat()} ({sign.kind})"
            result.alarms.append(
                {"elder": elder, "at": ring.replace(tzinfo=None).isoformat(timespec="seconds"), "reason": reason}
            )
    result.days = max(0.0, (times[-1] - begin) / DAY)
    hour = begin
    while inject and hour < times[-1]:
        i = bisect_left(times, hour) - 1
        ring = rings[i] if i >= 0 else None
        if ring is not None:
            result.tell(hour, ring)
        hour += HOUR
    return result


def delays(found: Sequence[float], by_day: Sequence[float]) -> dict[str, float | None]:
    return {
        "delay_h_median": round(median(found), 3) if found else None,
        "delay_h_median_day": round(median(by_day), 3) if by_day else None,
        "delay_h_p90": round(quantiles(found, n=10)[-1], 3) if len(found) > 1 else None,
    }


def _known(zone: str) -> str:
    try:
        return ZoneInfo(zone).key
    except (ZoneInfoNotFoundError, ValueError, OSError) as e:
        raise argparse.ArgumentTypeError(f"there is no time zone {zone}; Europe/Madrid is one") from e


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="evaluate checkins", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("signals", type=Path)
    parser.add_argument("--learn-days", type=int, default=28)
    parser.add_argument(
        "--timezone", type=_known, help="of the homes, where the times are in UTC: Europe/Madrid for one"
    )
    parser.add_argument("--inject", choices=["hourly"])
    parser.add_argument(
        "--budget", type=float, default=CarePlan("").false_alarms_per_day, help="false alarms a day the elder accepts"
    )
    parser.add_argument(
        "--simple", action="store_true", help="the yardstick instead: 1.6 x the longest silence around the hour"
    )
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args(argv)
    if args.learn_days < 1:
        parser.error("--learn-days needs at least one day to learn from")
    if not args.budget > 0:
        parser.error("--budget must be above 0: a budget of no false alarms at all leaves no alarm")
    found = read_file(args.signals, args.timezone)
    total = Outcome()
    too_short = []
    for elder, signs in sorted(found.signs.items()):
        home = run(elder, signs, args.learn_days, args.inject is not None, args.budget, args.simple)
        too_short += [elder] * (home.days == 0)
        total.add(home)
    answer: dict[str, Any] = {
        "days": round(total.days, 2),
        "alarms": total.alarms,
        "alarms_per_week": round(len(total.alarms) / total.days * 7, 4) if total.days else None,
        "injected": total.injected,
        "missed": total.missed,
        "already_ringing": total.already_ringing,
        **delays(total.delays, total.delays_day),
        "fresh": delays(total.fresh, total.fresh_day),
        "elders": len(found.signs),
        "too_short": too_short,
        "ignored": dict(found.ignored),
        "repeated": found.repeated,
        "timezone": found.timezone,
        "notes": [
            *[say(terminal_language(), "evaluate.note.awake_at_night")] * found.awake_at_night,
            *[say(terminal_language(), "evaluate.note.mixed_times")] * found.mixed,
        ],
    }
    print(json.dumps(answer, ensure_ascii=False) if args.json else "\n".join(f"{k}: {v}" for k, v in answer.items()))
    return 0
