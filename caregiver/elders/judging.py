"""Asks the rules (`domain.checkins`) how an elder stands, from what the replica holds of the last days."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from caregiver.elders.board import Judge
from caregiver.elders.standing import Standing, Urgency
from caregiver.reading import Reader
from domain.careplan import CarePlan
from domain.checkins import Assessment, State, assess
from domain.consent import Purpose
from domain.events import from_ms, to_ms
from domain.signals import Direction, Sign, SignOfLife, sign_of
from domain.watched import Source
from offline.projections import read_payload
from watch.ledger import Seen
from watch.plans import plan_of
from watch.signs import KIOSK_SILENT, silent_kiosks

LOOK_BACK = timedelta(hours=72)
URGENCY = {
    State.WELL: Urgency.WELL, State.AWAY: Urgency.AWAY, State.DUE: Urgency.DUE, State.BLIND: Urgency.BLIND,
    State.OVERDUE: Urgency.OVERDUE, State.MISSED: Urgency.OVERDUE,
}  # fmt: skip


DAY = timedelta(days=1)
KINDS = {
    "door": frozenset({Sign.DOOR}), "motion": frozenset({Sign.MOTION}), "presence": frozenset({Sign.PRESENCE}),
    "radar": frozenset({Sign.PRESENCE}), "water": frozenset({Sign.WATER}), "power": frozenset({Sign.POWER}),
    "bed": frozenset({Sign.BED}), "wearable": frozenset({Sign.WEARABLE}),
}  # fmt: skip


def judge_for(reader: Reader) -> Judge:
    """The judge over what the replica holds. Without a plan nothing is expected, and nobody is called well who is not heard."""

    def judge(person: str, plain: dict[str, Any] | None, now: datetime) -> Standing:
        if plain is None:
            at = reader.value("SELECT at FROM elders_last WHERE person = ?", (person,))
            heard = None if at is None else from_ms(at)
            fresh = heard is not None and now - heard < DAY
            return Standing(Urgency.WELL, "well", heard + DAY) if heard and fresh else Standing(Urgency.DUE, "no_plan")
        found = assessment(reader, agreed_plan(reader, person, plain), now)
        return Standing(URGENCY[found.state], found.state.value, found.next_due, found.since)

    return judge


def agreed_plan(reader: Reader, person: str, plain: dict[str, Any] | None) -> CarePlan:
    """The plan with what the elder agreed to, which only the ledger of consents knows."""
    rows = reader.rows("SELECT purpose FROM roster_consents WHERE person = ? AND given", (person,))
    return replace(plan_of(person, plain), consents=frozenset(p for p in Purpose if (p.value,) in rows))


def assessment(reader: Reader, plan: CarePlan, now: datetime) -> Assessment:
    """What the rules say of the plan's elder at `now`."""
    since = to_ms(now - LOOK_BACK)
    return assess(plan, signs(reader, plan.elder, since), now, sources=sources(reader, plan.elder))


def signs(reader: Reader, person: str, since: int, until: int | None = None) -> list[SignOfLife]:
    """Signs of life of `person` from `since` (ms) on, as the rules read them."""
    rows = reader.rows(
        "SELECT at, kind, device, '', trusted FROM elders_signs WHERE person = ?1 AND at >= ?2 AND at < ?3"
        " UNION ALL SELECT at, method, gate, direction, 1 FROM gatelog_passages WHERE person = ?1 AND at >= ?2 AND at < ?3"
        " AND outcome = 'identified'",
        (person, since, until or 1 << 62),
    )
    found = []
    for at, kind, source, direction, trusted in rows:
        if (sign := _sign(kind)) is not None:
            found.append(SignOfLife(sign, from_ms(at), source or "", _direction(direction), bool(trusted)))
    return found


def _sign(kind: str) -> Sign | None:
    """A fact's kind (`sign.motion`, `checkin.pressed`), or the method of a passage, as a sign of life."""
    match kind.partition("."):
        case ("sign", _, name):
            return sign_of(name)
        case ("checkin", _, _):
            return Sign.BUTTON
        case ("visit", _, _):
            return Sign.VISIT
        case ("face", _, _):
            return Sign.GATE
        case _:
            return Sign.GATE_CREDENTIAL


def _direction(name: str) -> Direction:
    return Direction(name) if name in ("in", "out") else Direction.UNKNOWN


def sources(reader: Reader, person: str) -> list[Source]:
    """The devices that can show signs of life of `person`, since when any of them cannot be heard, and the gates' silent kiosks."""
    rows = reader.rows("SELECT device, kind, since, blind_since FROM elders_devices WHERE person = ?", (person,))
    of_home = [
        Source(
            device,
            KINDS.get(kind, frozenset()),
            since=from_ms(since or 0),
            gaps=((from_ms(blind), None),) if blind else (),
        )
        for device, kind, since, blind in rows
    ]
    return [*of_home, *silent_kiosks(_kiosk_facts(reader))]


def _kiosk_facts(reader: Reader) -> list[Seen]:
    rows = reader.rows(
        "SELECT f.rowid, f.id, f.kind, f.community, f.subject, f.at, f.received, f.trusted, p.body FROM facts f"
        " JOIN payloads p ON p.fact = f.rowid WHERE f.kind = ? ORDER BY f.rowid",
        (KIOSK_SILENT,),
    )
    return [
        Seen(row, id, kind, community, subject, at, received, bool(trusted), read_payload(body) or {})
        for row, id, kind, community, subject, at, received, trusted, body in rows
    ]
