"""Which incident a new signal belongs to: its own, or one that is open already."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.incident import Event, Incident
from domain.incident_kinds import LIFE_SAFETY, SEVERITY, UNANSWERED, WELL_AGAIN, Kind, State
from domain.subjects import is_crowd

JOIN_WITHIN = timedelta(seconds=10)
CROWD_WITHIN = timedelta(minutes=10)  # of devices that call by the dozen and stand in nobody's home
_RING_ANEW = LIFE_SAFETY | {Kind.GATE_CALL, Kind.GATE_NOTICE}  # somebody else stands outside
# What a device tells of once, and perhaps again in the same hour: more of it is told by another, or later.
GOES_ON = frozenset({Kind.WATER_LEAK, Kind.INACTIVITY, Kind.TAMPER})
GOES_ON_FOR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Joined:
    """The incident that a new signal belongs to; `rings` when it must be heard again. `calls`: it is a new call, which only what is
    said after it answers, and no repeat of one."""

    incident: Incident
    rings: bool
    calls: bool = False


def join(
    known: Iterable[Incident],
    elder: str,
    kind: Kind,
    at: datetime,
    exercise: bool = False,
    rule: str = "",
    device: str = "",
) -> Joined | None:
    """Which incident of the same elder and kind a signal at `at` joins; None when it opens its own. A drill and the real thing
    never join.

    A repeat within 10 s is the same press. Later, an incident that somebody is still wanted for, or at work on, takes the signal
    in, and it rings again if somebody had already accepted: things may have become worse. One that was rejected, reported back on
    or closed never swallows a new signal, nor does a silence that a sign of life has ended, nor a call for help that was held to be
    milder. What was told to be well again, and is not, is called for again, and so is a leak, say, that another `device` tells of,
    or the same one after an hour. Many strays at once (`is_crowd`) ring no more often than every ten minutes. Each silent device is
    an incident of its own, of which `rule` is the name, and so is each trouble at a gate: with one mended and closed, nobody would
    hear of the other.
    """
    for incident in known:
        if incident.elder == elder and incident.kind == kind and incident.open and incident.exercise == exercise:
            if kind in (Kind.DEVICE_BLIND, Kind.GATE_TROUBLE) and incident.rule != rule:
                continue
            repeat = _is_repeat(incident, at)
            if not repeat and (_reported_on(incident) or _is_held_milder(incident)):
                continue
            resolved = incident.resolved_by_late_evidence
            if not repeat and (incident.over or (resolved and kind in WELL_AGAIN)):
                return Joined(incident, rings=True, calls=True)  # whoever had been told that it is back
            if not repeat and resolved:
                continue
            heard = incident.state in UNANSWERED  # the ladder is ringing anyway
            calls = not repeat and (kind in _RING_ANEW or _is_more(incident, device, at))
            return Joined(incident, rings=calls and not heard, calls=calls)
    return None


def is_call(incident: Incident, evidence: Event) -> bool:
    """Whether a signal that joined the incident was a new call for help, though the ladder was ringing anyway; or another incident
    became part of it, and brought its own."""
    if "merged" in evidence.payload:
        return incident.open
    return incident.open and "rings" in evidence.payload and not _is_repeat(incident, evidence.at)


def _is_more(incident: Incident, device: str, at: datetime) -> bool:
    """Whether what a device tells adds to what is known: a second leak, and no sensor that lies in the water of the first."""
    if incident.kind not in GOES_ON or (not device and incident.kind is Kind.INACTIVITY):
        return False
    later = incident.rang_at is None or abs(at - incident.rang_at) > GOES_ON_FOR
    return later or device not in incident.told_by


def _is_repeat(incident: Incident, at: datetime) -> bool:
    within = CROWD_WITHIN if is_crowd(incident.elder) else JOIN_WITHIN
    return incident.rang_at is not None and abs(at - incident.rang_at) <= within


def _reported_on(incident: Incident) -> bool:
    """Nobody would be called for it any more, though it has not been checked and closed: often not for days."""
    return incident.state in (State.FEEDBACK, State.CHECKED)


def _is_held_milder(incident: Incident) -> bool:
    """Whether people have lowered a call for help: a new one would be called for as slowly."""
    return incident.kind in _RING_ANEW and incident.severity > SEVERITY[incident.kind]
