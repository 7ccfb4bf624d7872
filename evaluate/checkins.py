"""Score the learned silence rule: ``./run evaluate checkins SIGNALS.jsonl [--learn-days N] [--inject hourly] [--json]``.

Each line is ``{"elder": …, "kind": …, "at": …}``; kinds as in intake, `at` ISO 8601 on the home's wall clock (an offset is read as
the home's own). The first N days (28) only teach. After them the rule learns anew every day from the last 90, as the product does,
and every silence that outlasts what it allows is an alarm; nobody in these data was in need, so each is a false one. `--inject
hourly` begins a silence at every full hour, one at a time, and measures from that hour to the alarm: 0 where one was ringing
already (`already_ringing` counts these), missed where none comes within 24 h. `fresh` tells the delays of the others alone: those
zeros flatter a rule that rings often. Day: the silence began 07-22 local. In the night in which the clocks change a silence counts
an hour more or less than it lasted.
"""

import argparse
import json
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median, quantiles
from typing import Any
from zoneinfo import ZoneInfo

from domain.careplan import CarePlan
from domain.errors import Mendable
from domain.retaught import Retaught
from domain.routine import BINS, CELLS, MIN_DAYS, Gap, Routine, learn
from domain.signals import Direction, SignOfLife, sign_of
from evaluate._text import opened

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
MISSED_AFTER = 24.0  # h
BELIEVED = range(
    2001, 2100
)  # years: a clock that was never set begins in 1970 or 2000, and would make decades of one home


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


def read(lines: Iterable[str]) -> tuple[dict[str, list[SignOfLife]], Counter[str]]:
    """Signs by elder in order of time, and how many lines said nothing, by why."""
    signs: dict[str, list[SignOfLife]] = defaultdict(list)
    ignored: Counter[str] = Counter()
    for line in lines:
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            at = _wall(row["at"])
            kind = sign_of(str(row["kind"]).strip().lower().removeprefix("sign."))
            if not isinstance(row["elder"], str | int):
                raise TypeError("nobody")
            elder = str(row["elder"])
            amount = float(row.get("amount") or 0)
            direction = str(row.get("direction") or "").strip().lower()
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
            ignored["unreadable"] += 1
            continue
        if at.year not in BELIEVED:
            ignored["the clock was not set"] += 1
            continue
        if kind is None:
            ignored[f"no sign of life: {row['kind']}"] += 1
            continue
        towards = Direction(direction) if direction in set(Direction) else Direction.UNKNOWN
        signs[elder].append(SignOfLife(kind, at, direction=towards, amount=amount))
    for of_elder in signs.values():
        of_elder.sort(key=lambda s: s.at)
    return signs, ignored


def _wall(at: object) -> datetime:
    """The wall clock, whatever its offset; seconds or ms since 1970 are shown in a plan's usual zone. Raises ValueError."""
    if isinstance(at, int | float):
        return datetime.fromtimestamp(at / 1000 if at > 1e11 else at, ZoneInfo(CarePlan("").zone)).replace(tzinfo=UTC)
    return datetime.fromisoformat(str(at).strip()).replace(tzinfo=UTC)


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


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="evaluate checkins", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("signals", type=Path)
    parser.add_argument("--learn-days", type=int, default=28)
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
    if not args.signals.is_file():
        raise Mendable("signals_missing", path=args.signals)
    with opened(args.signals) as f:
        homes, ignored = read(f)
    total = Outcome()
    for elder, signs in sorted(homes.items()):
        total.add(run(elder, signs, args.learn_days, args.inject is not None, args.budget, args.simple))
    answer: dict[str, Any] = {
        "days": round(total.days, 2),
        "alarms": total.alarms,
        "alarms_per_week": round(len(total.alarms) / total.days * 7, 4) if total.days else None,
        "injected": total.injected,
        "missed": total.missed,
        "already_ringing": total.already_ringing,
        **delays(total.delays, total.delays_day),
        "fresh": delays(total.fresh, total.fresh_day),
        "elders": len(homes),
        "ignored": dict(ignored),
    }
    print(json.dumps(answer, ensure_ascii=False) if args.json else "\n".join(f"{k}: {v}" for k, v in answer.items()))
    return 0
