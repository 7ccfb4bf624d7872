"""Which incident a new signal belongs to: its own, or one that is open already."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.incident import Incident
from domain.incident_kinds import LIFE_SAFETY, UNANSWERED, WELL_AGAIN, Kind, State
from domain.subjects import is_crowd

JOIN_WITHIN = timedelta(seconds=10)
CROWD_WITHIN = timedelta(minutes=10)  # of devices that call by the dozen and stand in nobody's home
_RING_ANEW = LIFE_SAFETY | {Kind.GATE_CALL, Kind.GATE_NOTICE}  # somebody else stands outside


@dataclass(frozen=True, slots=True)
class Joined:
    """The incident that a new signal belongs to; `rings` when it must be heard again."""

    incident: Incident
    rings: bool


def join(
    known: Iterable[Incident], elder: str, kind: Kind, at: datetime, exercise: bool = False, rule: str = ""
) -> Joined | None:
    """Which incident of the same elder and kind a signal at `at` joins; None when it opens its own. A drill and the real thing
    never join.

    A repeat within 10 s is the same press. Later, an incident that somebody is still wanted for, or at work on, takes the signal
    in, and it rings again if somebody had already accepted: things may have become worse. One that was rejected, reported back on
    or closed never swallows a new signal, nor does a silence that a sign of life has ended; what falls silent again is called for
    again. Many strays at once (`is_crowd`)
    ring no more often than every ten minutes. Each silent device is an incident of its own, of which `rule` is the name, and so is
    each trouble at a gate: with one mended and closed, nobody would hear of the other.
    """
    within = CROWD_WITHIN if is_crowd(elder) else JOIN_WITHIN
    for incident in known:
        if incident.elder == elder and incident.kind == kind and incident.open and incident.exercise == exercise:
            if kind in (Kind.DEVICE_BLIND, Kind.GATE_TROUBLE) and incident.rule != rule:
                continue
            repeat = incident.rang_at is not None and abs(at - incident.rang_at) <= within
            if not repeat and _reported_on(incident):
                continue
            if not repeat and incident.resolved_by_late_evidence:
                if kind in WELL_AGAIN:
                    return Joined(incident, rings=True)  # whoever had been told that it is back
                continue
            heard = incident.state in UNANSWERED  # the ladder is ringing anyway
            return Joined(incident, rings=not repeat and not heard and kind in _RING_ANEW)
    return None


def _reported_on(incident: Incident) -> bool:
    """Nobody would be called for it any more, though it has not been checked and closed: often not for days."""
    return incident.state in (State.FEEDBACK, State.CHECKED)
