"""The stages of a fall: suspected, then confirmed or downgraded. Nothing is dropped: every suspicion ends in one of the two.

A classifier's hit is *suspected*. Stillness, or a wearer who does not cancel, confirms it within 90 s of the impact. A wearable's
own fall event and a fall radar's alarm are confirmed at receipt, for the device has waited already; a radar's warning is suspected.
Movement, a door or a gate passage seen afterwards downgrades it, unless its wearer lies still after that: before confirmation to a
record without a ring, after it to a note on the open incident, which people close. The event's time is the impact; the ladder's
clock starts at `ladder_from`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from domain.events import derived_id
from domain.signals import ANSWERS, UPRIGHT, Sign, weighing
from domain.windows import stamp, utc

CONFIRM_WITHIN = timedelta(seconds=90)
STILL_FOR = timedelta(seconds=30)  # lying still this long after the impact needs no further wait
SETTLE = timedelta(seconds=10)  # the fall itself, and its echo in door and motion sensors, is no getting up
JOIN = timedelta(seconds=90)  # impacts within a suspicion that nothing speaks against are the same fall


class Origin(StrEnum):
    DETECTOR = "detector"  # our own classifier on a raw stream
    DEVICE = "device"  # the wearable's own fall event
    RADAR_WARNING = "radar_warning"
    RADAR_ALARM = "radar_alarm"


class Stage(StrEnum):
    SUSPECTED = "suspected"
    CONFIRMED = "confirmed"
    DOWNGRADED = "downgraded"


class Cause(StrEnum):
    """Why the stage is what it is."""

    WAITING = "waiting"
    STILLNESS = "stillness"
    NO_CANCEL = "no_cancel"
    DEVICE_SAYS = "device_says"
    CANCELLED = "cancelled"  # by the wearer, or each by the device that said it
    MOVED = "moved"  # walking again, a door, the gate


@dataclass(frozen=True, slots=True)
class Suspicion:
    """One report of a fall. `impact` and `received` are aware; `score` is the classifier's, 1 for devices."""

    elder: str
    source: str
    origin: Origin
    impact: datetime
    received: datetime
    score: float = 1.0


class Kind(StrEnum):
    STILL = "still"  # `since` the wearer has not moved (the detector says so)
    MOVEMENT = "movement"  # walking or upright movement in the stream
    CANCEL = "cancel"
    SIGN = "sign"  # a sign of life of kind `sign`


@dataclass(frozen=True, slots=True)
class Afterwards:
    """Something seen after the impact. Untrusted evidence never downgrades."""

    kind: Kind
    at: datetime
    since: datetime | None = None  # STILL: still from
    sign: Sign | None = None
    trusted: bool = True
    source: str = ""  # the device that says so


DOWNGRADING = UPRIGHT & weighing(ANSWERS)


@dataclass(frozen=True, slots=True)
class Fall:
    """Where one fall stands. `notes` is everything seen that speaks against it, in order, also after confirmation."""

    id: str
    elder: str
    impact: datetime
    stage: Stage
    cause: Cause
    since: datetime  # when the stage was reached
    due: datetime | None  # while suspected: when it will be confirmed
    ladder_from: datetime | None  # when confirmed: where the ladder's clock starts
    reports: int
    score: float
    notes: tuple[Afterwards, ...] = ()


def joined(reports: Iterable[Suspicion], afterwards: Iterable[Afterwards] = ()) -> list[list[Suspicion]]:
    """Reports of one elder that belong to one fall: within `JOIN` of its first impact, with nothing that spoke against it in
    between, for who was up again has fallen anew. Sorted by impact."""
    seen = [*afterwards]
    falls: list[list[Suspicion]] = []
    for report in sorted(reports, key=lambda r: (r.impact, r.source)):
        if falls and report.impact - falls[-1][0].impact <= JOIN and not _over(falls[-1], seen, report.impact):
            falls[-1].append(report)
        else:
            falls.append([report])
    return falls


def fall_id(elder: str, impact: datetime) -> str:
    """Of the fall whose first impact was then."""
    return derived_id(elder, "fall", stamp(utc(impact)))


def stage(reports: Iterable[Suspicion], afterwards: Iterable[Afterwards], now: datetime) -> Fall:
    """How one fall (one group of `joined`) stands at `now`. Raises ValueError without reports.

    Facts may arrive in any order: the earliest thing that settles it wins, by the time it happened. What the home's sensors saw
    settles it no sooner than at 90 s: whoever tried to get up and lies still again has fallen.
    """
    known = sorted(reports, key=lambda r: (r.impact, r.source))
    if not known:
        raise ValueError("a fall needs a report")
    first = known[0]
    impact = utc(first.impact)
    due = impact + CONFIRM_WITHIN
    seen = sorted((a for a in afterwards if a.at <= now and a.trusted), key=lambda a: (a.at, a.kind))
    up = [a for a in seen if a.kind is not Kind.CANCEL and speaks_against(a, _last_impact(known, a.at))]
    cancelled = _cancelled(known, seen)
    settled: list[tuple[datetime, Stage, Cause]] = []
    for report in known:
        withdrawn = cancelled.get(report)
        heard = report.received <= now and (withdrawn is None or withdrawn > report.received)
        if report.origin in (Origin.DEVICE, Origin.RADAR_ALARM) and heard:
            settled.append((utc(report.received), Stage.CONFIRMED, Cause.DEVICE_SAYS))
    for a in seen:
        if a.kind is Kind.STILL:
            began = max([utc(a.since or a.at), impact, *(utc(u.at) for u in up if u.at <= a.at)])
            if a.at - began >= STILL_FOR:
                settled.append((utc(a.at), Stage.CONFIRMED, Cause.STILLNESS))
    if len(cancelled) == len(known):
        settled.append((max(cancelled.values()), Stage.DOWNGRADED, Cause.CANCELLED))
    walked = [utc(a.at) for a in up if a.kind is Kind.MOVEMENT and a.source in {r.source for r in known}]
    settled += [(at, Stage.DOWNGRADED, Cause.MOVED) for at in walked[:1]]
    if any(a.at <= due for a in up):
        settled.append((due, Stage.DOWNGRADED, Cause.MOVED))
    else:
        settled.append((due, Stage.CONFIRMED, Cause.NO_CANCEL))
    at, what, why = min(settled, key=lambda s: (s[0], s[1]))
    which = fall_id(first.elder, impact)
    score = max(r.score for r in known)
    if at > now:
        return Fall(which, first.elder, impact, Stage.SUSPECTED, Cause.WAITING, impact, due, None, len(known), score)
    ladder = at if what is Stage.CONFIRMED else None
    against = tuple(a for a in seen if a in up or (a.kind is Kind.CANCEL and a.at >= impact))
    return Fall(which, first.elder, impact, what, why, at, None, ladder, len(known), score, against)


def speaks_against(a: Afterwards, impact: datetime) -> bool:
    if a.kind is Kind.CANCEL:
        return a.at >= impact
    if a.at < impact + SETTLE:
        return False
    return a.kind is Kind.MOVEMENT or (a.kind is Kind.SIGN and a.sign in DOWNGRADING)


def _over(reports: list[Suspicion], afterwards: list[Afterwards], now: datetime) -> bool:
    """Whether these reports are of a fall that is over before `now`: all are taken back, or somebody was up."""
    seen = [a for a in afterwards if a.at < now and a.trusted]
    up = any(a.kind is not Kind.CANCEL and speaks_against(a, _last_impact(reports, a.at)) for a in seen)
    return up or len(_cancelled(reports, seen)) == len(reports)


def _last_impact(reports: Iterable[Suspicion], at: datetime) -> datetime:
    """Of these by then; the first one where none was."""
    impacts = sorted(utc(r.impact) for r in reports)
    return max((i for i in impacts if i <= at), default=impacts[0])


def _cancelled(reports: Iterable[Suspicion], seen: Iterable[Afterwards]) -> dict[Suspicion, datetime]:
    """Which were taken back, and when: each by its own device, and all by the wearer. A radar knows of its room alone."""
    known, cancels = [*reports], [a for a in seen if a.kind is Kind.CANCEL]
    worn = {r.source for r in known if r.origin in (Origin.DETECTOR, Origin.DEVICE)}
    taken = dict[Suspicion, datetime]()
    for report in known:
        when = [utc(a.at) for a in cancels if a.at >= report.impact and a.source in {report.source, *worn}]
        if when:
            taken[report] = min(when)
    return taken
