"""Raising an incident: which one a signal belongs to, and the fact that says so. The same signal raised twice changes nothing."""

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Any, Protocol

from domain.assessment import Occurrence
from domain.events import derived_id, from_ms, to_ms
from domain.incident import Event, Incident, incident_id
from domain.incident_kinds import EVIDENCE, OPENED, SEVERITY, SILENCES, UNANSWERED, Kind, Severity
from domain.incident_table import FOLDED
from domain.incidents import fold
from domain.joins import GOES_ON, join
from domain.ladder_steps import Ladder
from watch.ledger import Ledger, Seen
from watch.repeats import Repeats

LOOK_BACK = timedelta(days=45)  # an incident of the mildest kind is over in 15 days, extended or not much more

STEPS = tuple(k for k in FOLDED if k.startswith("incident."))


class Ladders(Protocol):
    """The ladder that an elder's plan names for a severity; of what has no plan, that of the alarm's community."""

    def ladder(self, elder: str, kind: Kind, severity: Severity, community: str) -> Ladder: ...


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something to raise. `marker` identifies the signal: raising it again is harmless. `at` is when it happened."""

    elder: str
    kind: Kind
    rule: str
    occurrence: str
    marker: str
    at: datetime
    detail: Mapping[str, Any]
    id: str = ""  # of the incident, where the rule has derived it already
    severity: Severity | None = None  # where it is graver than its kind


def incidents_in(facts: Iterable[Seen]) -> list[Incident]:
    """What these facts add up to, by opening. An incident is its community's: nobody in another one has a say in it."""
    events: dict[tuple[str, str], list[Event]] = {}
    for fact in facts:
        if "incident" in fact.payload:
            events.setdefault((fact.community, str(fact.payload["incident"])), []).append(fact.event())
    return [found for history in events.values() if (found := fold(history)) is not None]


def _was_raised_below(alarm: Alarm, steps: Iterable[Seen]) -> bool:
    """Whether a hub or a desk has raised this very signal by itself: it was heard there, and may have been answered."""
    return any(step.id == derived_id("raised unconfirmed", alarm.marker) for step in steps)


class Cases:
    """`confirmed` False on a desktop that is cut off: its incidents say that the district does not know them yet."""

    def __init__(self, ledger: Ledger, ladders: Ladders, confirmed: bool = True) -> None:
        self._ledger, self._ladders, self._confirmed = ledger, ladders, confirmed
        self._repeats = Repeats()

    def of(self, elder: str, now: datetime, but: Container[str] = ()) -> list[Incident]:
        """The elder's incidents of the last 45 days, by opening; as if the facts `but` (ids) had not been."""
        return incidents_in(step for step in self._steps(elder, now) if step.id not in but)

    def _steps(self, elder: str, now: datetime) -> list[Seen]:
        return self._ledger.about(elder, STEPS, to_ms(now - LOOK_BACK))

    def signal(self, alarm: Alarm, community: str, now: datetime) -> Seen:
        """As `raise_`, for what a device may say again and again: its repeats are counted."""
        device = str(alarm.detail.get("device") or "") if alarm.kind in GOES_ON else ""
        key = (alarm.elder, alarm.kind, alarm.detail.get("exercise") is True, device)
        if (joined := self._repeats.joins(key, alarm.marker, now)) is not None:
            return joined
        fact = self.raise_(alarm, community, now)
        self._repeats.weighed(key, now, fact)
        return fact

    def heed(self, fact: Seen) -> None:
        """A fact that may be a step of an incident."""
        if fact.kind in STEPS and "calls" not in fact.payload:
            self._repeats.heed(fact)

    def tell(self, now: datetime) -> int:
        """Say of each incident how many repeats it took in since; how many facts that was."""
        told = self._repeats.over(now)
        for found in told:
            fact = found.fact
            counted = {"incident": fact.payload["incident"], "by": "system", "calls": found.more}
            id = derived_id("repeats", found.last)
            self._ledger.add(EVIDENCE, counted, fact.community, fact.subject, to_ms(now), id)
        return len(told)

    def raise_(self, alarm: Alarm, community: str, now: datetime) -> Seen:
        """Open an incident or join one; the fact that did so is returned."""
        # An unconfirmed opening is a fact of its own, so that the district's, when it comes, is not taken for a copy.
        marker = derived_id("raised" if self._confirmed else "raised unconfirmed", alarm.marker)
        if not self._confirmed and (theirs := self._of_district(alarm)) is not None:
            return theirs
        steps = self._steps(alarm.elder, now)
        if (call := next((s for s in steps if s.id == marker and s.kind == EVIDENCE), None)) is not None:
            return self._make_sure(alarm, call, now)
        everywhere = incidents_in(steps)
        known = [i for i in everywhere if i.community == community]  # who has moved calls those who are near now
        id = alarm.id or incident_id(alarm.elder, alarm.rule, alarm.occurrence)
        detail = {k: v for k, v in alarm.detail.items() if v is not None}
        drill = detail.get("exercise") is True
        device = str(detail.get("device") or "")
        joined = join(known, alarm.elder, alarm.kind, now, drill, alarm.rule, device)
        if joined is not None:
            if self._confirmed and not joined.incident.confirmed:
                self._open(alarm, joined.incident.id, community, now, derived_id("confirmed", joined.incident.id))
            evidence = {
                **detail,
                "incident": joined.incident.id,
                "by": "system",
                "rule": alarm.rule,
            }
            if not joined.calls or _was_raised_below(alarm, steps):
                return self._ledger.add(EVIDENCE, evidence, community, alarm.elder, to_ms(alarm.at), marker)
            evidence["rings"] = joined.rings
            call = self._ledger.add(EVIDENCE, evidence, community, alarm.elder, to_ms(alarm.at), marker)
            return self._make_sure(alarm, call, now)
        its = (community, alarm.kind, drill)
        if any(over.id == id and (over.community, over.kind, over.exercise) != its for over in everywhere):
            # of another place or nature, under a name that was foreseen
            id = incident_id(alarm.elder, alarm.rule, f"{alarm.occurrence}/{community}/{alarm.kind}/{drill}")
        received = detail.get("received")
        names_another = received is not None and not alarm.id and any(over.id == id for over in known)
        if names_another and not _was_raised_below(alarm, steps):
            # Its time names one that is over: the clock stands still or tells whole minutes, or the press came by two roads, one
            # of them slow. Nobody can tell, so it rings.
            id = incident_id(alarm.elder, alarm.rule, f"{alarm.occurrence}/{received}")
        if any(over.id == id for over in known):  # and told of again
            evidence = {**detail, "incident": id, "by": "system", "rule": alarm.rule}
            return self._ledger.add(EVIDENCE, evidence, community, alarm.elder, to_ms(alarm.at), marker)
        return self._open(alarm, id, community, now, marker)

    def _make_sure(self, alarm: Alarm, call: Seen, now: datetime) -> Seen:
        """A call that joined is heard, though somebody ended the incident, or took it, between the look at it and the fact."""
        if "rings" not in call.payload:
            return call
        community, id = call.community, call.payload["incident"]
        known = [
            s for s in self._steps(alarm.elder, now) if (s.community, s.payload.get("incident")) == (community, id)
        ]
        stood = fold(s.event() for s in takewhile(lambda s: s.id != call.id, known))
        if stood is None:
            return call
        device, at = str(call.payload.get("device") or ""), from_ms(call.received)
        joined = join([stood], alarm.elder, alarm.kind, at, stood.exercise, alarm.rule, device)
        if joined is None:
            alone = incident_id(alarm.elder, alarm.rule, f"{alarm.occurrence}/{call.id}")
            return self._open(alarm, alone, community, now, derived_id("alone", call.id))
        if joined.rings and not call.payload["rings"]:
            rung, marker = {**call.payload, "rings": True}, derived_id("rung", call.id)
            return self._ledger.add(EVIDENCE, rung, community, alarm.elder, call.at, marker)
        return call

    def _open(self, alarm: Alarm, id: str, community: str, now: datetime, marker: str) -> Seen:
        """Also over one that a desk or a hub had opened by itself: it is the district's now, under the district's ladder."""
        severity = alarm.severity or SEVERITY[alarm.kind]
        opened = {
            "exercise": False,
            **{k: v for k, v in alarm.detail.items() if v is not None},
            "incident": id,
            "elder": alarm.elder,
            "kind": alarm.kind.value,
            "severity": int(severity),
            "rule": alarm.rule,
            "occurrence": alarm.occurrence,
            "happened_at": alarm.at.isoformat(),
            "confirmed": self._confirmed,
            "ladder": self._ladders.ladder(alarm.elder, alarm.kind, severity, community).plain(),
            "by": "system",
        }
        return self._ledger.add(OPENED, opened, community, alarm.elder, to_ms(now), marker)

    def has_raised(self, about: str, marker: str) -> bool:
        """Whether anything was made of this signal, here or below."""
        ids = {derived_id(by, marker) for by in ("raised", "raised unconfirmed")}
        return any(fact.id in ids for fact in self._ledger.about(about, STEPS))

    def answered(self, signal: Seen) -> bool:
        """Whether the district has made something of this very signal."""
        id, about = derived_id("raised", signal.id), signal.subject
        return about is not None and any(fact.id == id for fact in self._ledger.about(about, STEPS))

    def _of_district(self, alarm: Alarm) -> Seen | None:
        """What the district has already made of this signal."""
        id = derived_id("raised", alarm.marker)
        return next((fact for fact in self._ledger.about(alarm.elder, STEPS) if fact.id == id), None)

    def note(self, incident: Incident, marker: str, at: datetime, community: str, detail: Mapping[str, Any]) -> Seen:
        """Evidence that rings nobody anew."""
        evidence, where = {**detail, "incident": incident.id, "by": "system"}, incident.community or community
        return self._ledger.add(EVIDENCE, evidence, where, incident.elder, to_ms(at), derived_id("raised", marker))

    def resolve(self, incident: Incident, over: Occurrence, community: str) -> Seen:
        """A late sign of life speaks to an open silence, and is told to whoever was told of it; a person still has to close it."""
        at, answer = over.resolved_at or over.at, over.answer
        tells = incident.kind in SILENCES and incident.state not in UNANSWERED  # else the ladder says so to all
        evidence = {"incident": incident.id, "by": "system", "resolves": True, "reason": over.rule, "tells": tells}
        if answer is not None:
            evidence |= {"sign": answer.kind.value, "weight": round(answer.weight, 3)}
        id, where = derived_id(incident.id, "resolved", str(incident.round)), incident.community or community
        return self._ledger.add(EVIDENCE, evidence, where, incident.elder, to_ms(at), id)
