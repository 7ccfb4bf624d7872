"""Signs of life from a file of JSON lines, on the wall clock of each one's home.

A time without an offset is the home's wall clock, and so is one whose offset is not that of UTC: who writes +01:00 tells the local
time. A home whose times are all in UTC (Z, +00:00) or count seconds since 1970 tells no local time: it is shown in the zone that is
asked for, else in that of a care plan where that makes the nights quiet, else as it stands.
"""

import json
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from gzip import BadGzipFile
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

from domain.careplan import CarePlan
from domain.errors import Mendable
from domain.passages import Direction
from domain.signals import Sign, SignOfLife, sign_of
from evaluate._text import opened

AS_WRITTEN = "as written"
# years: a clock that was never set begins in 1970 or 2000, and would make decades of one home
BELIEVED = range(2001, 2100)
# share of a home's signs, and how far from all others, that no clock was right for
_ALONE, _HOLE = 0.01, timedelta(days=180)
_MIXED_DAYS = 3  # more than the clocks of a year are changed on
_NIGHT, _AFTERNOON = range(1, 5), range(13, 17)  # hours
_SECOND = {1e11: 1.0, 1e14: 1e3, 1e17: 1e6}  # numbers of 2001-2100 below: seconds, ms, µs; else ns


@dataclass
class Signals:
    """Signs by elder in order of time, as if the wall clock were UTC; how many lines said nothing, by why, or the same as one
    before (which changes nothing); the clock's zone."""

    signs: dict[str, list[SignOfLife]] = field(default_factory=dict)
    ignored: Counter[str] = field(default_factory=Counter)
    repeated: int = 0
    timezone: str = AS_WRITTEN
    mixed: bool = False  # times of several kinds on the same days: some of them may be hours off

    @property
    def awake_at_night(self) -> bool:
        """Whether the nights are busier than the afternoons, as they are on the wrong clock."""
        times = [s.at for signs in self.signs.values() for s in signs]
        return busy(times, _NIGHT) > 1.2 * busy(times, _AFTERNOON)


def read_file(path: Path, timezone: str | None) -> Signals:
    """Raises Mendable where there is no such file, it is damaged, or none of its lines is a sign of life."""
    if not path.is_file():
        raise Mendable("signals_missing", path=path)
    try:
        with opened(path) as lines:
            found = read(lines, timezone)
    except (BadGzipFile, EOFError, zlib.error) as e:
        raise Mendable("signals_damaged", path=path) from e
    if found.ignored and not found.signs:
        why = ", ".join(f"{n} {why}" for why, n in found.ignored.most_common(3))
        raise Mendable("signals_none", path=path, why=why)
    return found


def read(lines: Iterable[str], timezone: str | None = None) -> Signals:
    """`timezone` is the IANA name of the homes' zone; None leaves it to the times."""
    found = Signals()
    rows: list[tuple[str, Sign, datetime, Direction, float]] = []
    for line in lines:
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            at = _time(row["at"])
            word = str(row["kind"]).strip().lower().removeprefix("sign.")
            if not isinstance(row["elder"], str | int):
                raise TypeError("nobody")
            elder = str(row["elder"])
            amount = float(row.get("amount") or 0)
            direction = str(row.get("direction") or "").strip().lower()
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
            found.ignored["unreadable"] += 1
            continue
        if at.year not in BELIEVED:
            found.ignored["the clock was not set"] += 1
        elif (kind := sign_of(word)) is None:
            found.ignored[f"no sign of life: {row['kind']}"] += 1
        else:
            rows.append(
                (elder, kind, at, Direction(direction) if direction in set(Direction) else Direction.UNKNOWN, amount)
            )
    times: dict[str, list[datetime]] = defaultdict(list)
    for elder, _, at, _, _ in rows:
        times[elder].append(at)
    exported = {elder for elder, theirs in times.items() if {at.utcoffset() for at in theirs} == {timedelta(0)}}
    zone = timezone or _zone([at for elder in exported for at in times[elder]])
    found.timezone = zone if timezone or exported == times.keys() else AS_WRITTEN
    if exported and found.timezone != zone:
        found.timezone += f"; {zone} for {', '.join(sorted(exported))}"
    found.mixed = timezone is None and any(map(_mixed, times.values()))
    found.repeated = len(rows) - len({row[:3] for row in rows})
    signs: dict[str, list[SignOfLife]] = defaultdict(list)
    for elder, kind, at, towards, amount in rows:
        shown = zone if timezone or elder in exported else AS_WRITTEN
        signs[elder].append(SignOfLife(kind, _wall(at, shown), direction=towards, amount=amount))
    for elder, theirs in signs.items():
        found.signs[elder] = _of_one_life(sorted(theirs, key=lambda s: s.at))
        if left := len(theirs) - len(found.signs[elder]):
            found.ignored["the clock was not set"] += left
    return found


def _of_one_life(signs: list[SignOfLife]) -> list[SignOfLife]:
    """Without what stands far from all others: one sign of a clock that leapt would make years of silence of one home."""
    edges = [0, *(n for n in range(1, len(signs)) if signs[n].at - signs[n - 1].at > _HOLE), len(signs)]
    spans = [signs[a:b] for a, b in pairwise(edges)]
    return [sign for span in spans if len(span) > _ALONE * len(signs) for sign in span]


def _mixed(times: Iterable[datetime]) -> bool:
    """Whether times with different offsets, or with and without one, stand on more days than the clocks are changed on."""
    kinds: dict[int, set[timedelta | None]] = defaultdict(set)
    for at in times:
        kinds[at.toordinal()].add(at.utcoffset())
    return sum(len(each) > 1 for each in kinds.values()) > _MIXED_DAYS


def busy(times: Sequence[datetime], hours: range) -> int:
    """In how many hours of the days between these hours there was anything."""
    return len({(at.toordinal(), at.hour) for at in times if at.hour in hours})


def _time(at: object) -> datetime:
    """Aware where it has an offset or counts from 1970. Raises ValueError, OverflowError; a day without its hour is no time."""
    text = str(at).strip()
    try:
        number = float(text)
    except ValueError:
        if ":" not in text:
            raise
        return datetime.fromisoformat(text.replace("/", "-"))
    divisor = next((d for most, d in _SECOND.items() if number < most), 1e9)
    return datetime.fromtimestamp(number / divisor, UTC)


def _zone(times: Sequence[datetime]) -> str:
    """The zone of times that are all in UTC; `AS_WRITTEN` where there are none."""
    if not times:
        return AS_WRITTEN
    usual = CarePlan("").zone
    shown = [_wall(at, usual) for at in times]
    return usual if busy(shown, _NIGHT) <= busy(times, _NIGHT) else "UTC"


def _wall(at: datetime, zone: str) -> datetime:
    return (at if zone == AS_WRITTEN or at.tzinfo is None else at.astimezone(ZoneInfo(zone))).replace(tzinfo=UTC)
