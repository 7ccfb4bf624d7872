"""Which incident a new signal belongs to: its own, or one that is open already."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.incident import Event, Incident
from domain.incident_kinds import LIFE_SAFETY, UNANSWERED, WELL_AGAIN, Kind, State
from domain.subjects import is_crowd

JOIN_WITHIN = timedelta(seconds=10)
CROWD_WITHIN = timedelta(minutes=10)  # of devices that call by the dozen and stand in nobody's home
_RING_ANEW = LIFE_SAFETY | {Kind.GATE_CALL, Kind.GATE_NOTICE}  # somebody else stands outside


@dataclass(frozen=True, slots=True)
class Joined:
    """The incident that a new signal belongs to; `rings` when it must be heard again. `calls`: it is a new call, which only what is
    said after it answers, and no repeat of one."""

    incident: Incident
    rings: bool
    calls: bool = False


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
    for incident in known:
        if incident.elder == elder and incident.kind == kind and incident.open and incident.exercise == exercise:
            if kind in (Kind.DEVICE_BLIND, Kind.GATE_TROUBLE) and incident.rule != rule:
                continue
            repeat = _is_repeat(incident, at)
            if not repeat and _reported_on(incident):
                continue
            if not repeat and incident.resolved_by_late_evidence:
                if kind in WELL_AGAIN:
                    return Joined(incident, rings=True, calls=True)  # whoever had been told that it is back
                continue
            heard = incident.state in UNANSWERED  # the ladder is ringing anyway
            calls = not repeat and kind in _RING_ANEW
            return Joined(incident, rings=calls and not heard, calls=calls)
    return None


def is_call(incident: Incident, evidence: Event) -> bool:
    """Whether a signal that joined the incident was a new call for help, though the ladder was ringing anyway; or another incident
    became part of it, and brought its own."""
    if "merged" in evidence.payload:
        return incident.open
    called = incident.open and incident.kind in _RING_ANEW and "rings" in evidence.payload
    return called and not _is_repeat(incident, evidence.at)


def _is_repeat(incident: Incident, at: datetime) -> bool:
    within = CROWD_WITHIN if is_crowd(incident.elder) else JOIN_WITHIN
    return incident.rang_at is not None and abs(at - incident.rang_at) <= within


def _reported_on(incident: Incident) -> bool:
    """Nobody would be called for it any more, though it has not been checked and closed: often not for days."""
    return incident.state in (State.FEEDBACK, State.CHECKED)
