"""What should have come of a walk, by what it knows of every elder: who was not told of, and what rang for nothing."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import holidays

from domain import incident_kinds as k
from domain.events import from_ms
from domain.incident import Incident
from domain.incident_kinds import SILENCES, Kind
from domain.incident_table import FOLDED
from tests.walks.people import DAY, EVERY, GRACE, HOUR, LIE_LATE, SECOND, ZONE, Elder, Span, here
from tests.walks.weeks import Weeks
from watch.cases import incidents_in
from watch.ledger import Seen

FREE = holidays.country_holidays("CN", years=[2026])


@dataclass
class Verdict:
    """`missed`: what nobody was told of. `wrong`: what rang and should not have. `counts`: how often what happened."""

    missed: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)


def judged(weeks: Weeks) -> Verdict:
    found = Verdict()
    facts = weeks.district.ledger.told(FOLDED)
    known = [i for i in incidents_in(facts) if i.elder in weeks.of]
    alarms = (f.payload for f in facts if f.kind == k.NOTICE_SENT and f.payload.get("act") == "alarm")
    told = {alarm.get("incident") for alarm in alarms}
    opened = {str(f.payload["incident"]): f.payload for f in facts if f.kind == k.OPENED}
    found.counts.update(str(i.kind) for i in known)
    found.missed += [f"nobody was told of {_called(i)}" for i in known if i.id not in told and not _over_at_once(i)]
    for e in weeks.elders:
        spans = [s for s in e.truth if s.begin <= weeks.end - LIE_LATE - 4 * HOUR]
        found.counts.update(s.what.partition(" ")[0] for s in spans)
        signals = [f for f in facts if f.kind in (k.OPENED, k.EVIDENCE) and f.subject == e.id]
        found.missed += [
            _unheard(e, s, until) for s in spans if (until := _bound(weeks, e, s)) and not _came(s, signals, until)
        ]
        wrong = ((i, _wrong(weeks, e, i, opened[i.id])) for i in known if i.elder == e.id)
        found.wrong += [f"{_called(i)}: {why}" for i, why in wrong if why]
    return found


# what must come of a span: the kinds of incident, or "" for any silence
_MUST = {"sos": "sos", "fall": "fall", "detected": "fall", "silent": "", "dead": "device_blind"}


def _came(span: Span, signals: Sequence[Seen], until: datetime) -> bool:
    """Whether something about it opened an incident, or joined one that was open, between its begin and `until`."""
    what, _, device = span.what.partition(" ")
    for fact in signals:
        if not span.begin - EVERY <= from_ms(fact.received) <= until:
            continue
        kind, rule = fact.payload.get("kind", fact.payload.get("rule")), fact.payload.get("rule")
        if kind == _MUST[what] and (not device or rule == device):
            return True
        if what == "silent" and kind in list(SILENCES):
            return True
    return False


def _unheard(e: Elder, span: Span, until: datetime) -> str:
    return f"{span.what} of {e.id} {e.windows} at {here(span.begin)}: nothing by {here(until)}"


def _over_at_once(i: Incident) -> bool:
    """Whether the sign of life came between the deadline and the tick that saw both; the district ticks every second."""
    return i.resolved_by_late_evidence and i.opened_at - i.happened_at <= EVERY


def _called(i: Incident) -> str:
    return f"{i.kind}/{i.rule} of {i.elder} at {here(i.opened_at)}"


def _slack(weeks: Weeks, at: datetime) -> datetime:
    """With the server down then, as soon as it is back."""
    late = [b for a, b in weeks.down if a <= at < b]
    return max([at, *late]) + 2 * EVERY


def _bound(weeks: Weeks, e: Elder, span: Span) -> datetime | None:
    """By when something must have come of it; None where nothing must."""
    match span.what.partition(" ")[0]:
        case "sos" | "fall":
            return _slack(weeks, span.begin)
        case "detected":
            return _slack(weeks, span.begin + timedelta(seconds=90))
        case "silent":
            return _slack(weeks, _after_quiet(e, min([span.begin + DAY, *_deadlines(weeks, e, span.begin)])))
        case "dead":
            return _slack(weeks, _listened_to(weeks, span.begin) + 40 * HOUR)
    return None


def _listened_to(weeks: Weeks, at: datetime) -> datetime:
    """A server that stood still gives a device its day anew, once."""
    return max([at, *(b for a, b in weeks.down if at < b and a < at + 26 * HOUR)])


def _after_quiet(e: Elder, at: datetime) -> datetime:
    """Of every fifth elder quiet hours hold it from 22 to 6."""
    local = at.astimezone(ZONE)
    if not e.id.endswith(("4", "9")) or 6 <= local.hour < 22:
        return at
    return local.replace(hour=6, minute=0, second=0) + (DAY if local.hour >= 22 else timedelta(0))


def _deadlines(weeks: Weeks, e: Elder, begin: datetime) -> Iterator[datetime]:
    for _, a, b, days, since in e.windows:
        for n in range(-1, 4):
            day = begin.astimezone(ZONE).replace(hour=0, minute=0, second=0, microsecond=0) + n * DAY
            start, end = day + a * HOUR, day + b * HOUR
            if not _expected(days, day) or end < since or end + GRACE < begin:
                continue
            if not any(start <= t <= end + GRACE for t, _ in e.heard if t <= begin):
                yield end + GRACE


def _expected(days: str, day: datetime) -> bool:
    if days == "weekdays":
        return day.weekday() < 5 and day.date() not in FREE
    if days == "festivals":
        return day.date() in (date(2026, 9, 25), date(2026, 10, 18))
    return True


def _wrong(weeks: Weeks, e: Elder, i: Incident, said: Mapping[str, Any]) -> str:
    """Why this should not have rung; '' where it should."""
    at = i.happened_at
    match i.kind:
        case Kind.SOS:
            near = any(s.what == "sos" and s.begin - EVERY <= i.opened_at <= _slack(weeks, s.begin) for s in e.truth)
            return "" if near else "nobody pressed"
        case Kind.FALL:
            near = any(
                s.what in ("fall", "detected") and s.begin - EVERY <= i.opened_at <= _slack(weeks, s.begin + EVERY)
                for s in e.truth
            )
            return "" if near else "nobody fell"
        case Kind.DEVICE_BLIND:
            dead = any(s.what == f"dead {i.rule}" and s.begin - 13 * HOUR <= at for s in e.truth)
            return "" if dead else "the device lives"
        case Kind.MISSED_CHECKIN if i.rule == "return":
            late = any(s.what in ("out", "lies") and s.begin + 4 * HOUR <= at <= (s.end or weeks.end) for s in e.truth)
            return "" if late or e.out is not None else "back in time"
        case Kind.MISSED_CHECKIN | Kind.INACTIVITY:
            since, deadline = datetime.fromisoformat(said["since"]), datetime.fromisoformat(said["deadline"])
            kinds = {"no_motion": "motion", "no_door": "door"}.get(i.rule, "")
            heard = [t for t, what in e.heard if since + SECOND < t < deadline - 2 * SECOND and what.startswith(kinds)]
            if heard:
                return f"heard at {here(heard[0])} between {here(since)} and {here(deadline)}"
            if e.state("away", deadline):
                return "they are away"
            if i.rule == "silence" and deadline - since < HOUR:
                return "no silence"
            return ""
    return "nothing of this kind happened"
