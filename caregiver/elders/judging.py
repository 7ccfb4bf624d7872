"""Asks the rules (`domain.checkins`) how an elder stands, from what the replica holds of the last days."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from caregiver.elders.board import Judge
from caregiver.elders.outages import Outages
from caregiver.elders.seen import facts
from caregiver.elders.standing import Standing, Urgency
from caregiver.memory.reading import Reader
from domain.assessment import Assessment, State
from domain.calendars import ORDINARY, Calendar
from domain.careplan import CarePlan
from domain.checkins import assess
from domain.consent import Purpose
from domain.events import from_ms, to_ms
from domain.passages import Direction
from domain.routine import Routine
from domain.signals import Sign, SignOfLife
from domain.watched import Source
from watch.ledger import Seen, as_said
from watch.plan_payloads import plan_of
from watch.signs import KIOSK_FACTS, MUTE, REMOVED, SOURCE_FACTS, kiosks
from watch.signs import sources as sources_of

LOOK_BACK = timedelta(hours=72)
URGENCY = {
    State.WELL: Urgency.WELL, State.AWAY: Urgency.AWAY, State.DUE: Urgency.DUE, State.BLIND: Urgency.BLIND,
    State.OVERDUE: Urgency.OVERDUE, State.MISSED: Urgency.OVERDUE,
}  # fmt: skip


DAY = timedelta(days=1)
Routines = Callable[[str], Routine | None]  # what this desk has learned of an elder's days


def no_routine(_elder: str) -> Routine | None:
    return None


def judge_for(reader: Reader, calendar: Calendar = ORDINARY, routine: Routines = no_routine) -> Judge:
    """The judge over what the replica holds. Without a plan nothing is expected, and nobody is called well who is not heard."""

    outages = Outages(reader)

    def judge(person: str, plain: dict[str, Any] | None, now: datetime) -> Standing:
        if plain is None:
            at = reader.value("SELECT at FROM elders_last WHERE person = ?", (person,))
            heard = None if at is None else from_ms(at)
            fresh = heard is not None and now - heard < DAY
            return Standing(Urgency.WELL, "well", heard + DAY) if heard and fresh else Standing(Urgency.DUE, "no_plan")
        found = assessment(reader, agreed_plan(reader, person, plain), now, calendar, routine(person), outages)
        word = "unheard" if found.unheard_of else found.state.value
        until = found.next_due or (found.look_at if found.state is State.WELL else None)
        return Standing(URGENCY[found.state], word, until, found.since)

    return judge


def agreed_plan(reader: Reader, person: str, plain: dict[str, Any] | None) -> CarePlan:
    """The plan with what the elder agreed to, which only the ledger of consents knows."""
    rows = reader.rows("SELECT purpose FROM roster_consents WHERE person = ? AND given", (person,))
    return replace(plan_of(person, plain), consents=frozenset(p for p in Purpose if (p.value,) in rows))


def assessment(
    reader: Reader,
    plan: CarePlan,
    now: datetime,
    calendar: Calendar = ORDINARY,
    routine: Routine | None = None,
    outages: Outages | None = None,
) -> Assessment:
    """What the rules say of the plan's elder at `now`; by when silence would ring too, where the home's days are known.
    Whoever asks for many gives `outages` along, which reads for all of them once."""
    heard = signs(reader, plan.elder, to_ms(now - LOOK_BACK))
    learned = None if routine is None else routine.learned(filter(plan.admits, heard), calendar)
    seen = sources(reader, plan.elder, heard, now - LOOK_BACK)
    stood = (outages or Outages(reader)).unheard(plan.elder, now - LOOK_BACK)
    return assess(plan, heard, now, sources=seen, calendar=calendar, learned=learned, unheard=stood)


def signs(reader: Reader, person: str, since: int, until: int | None = None) -> list[SignOfLife]:
    """Signs of life of `person` from `since` (ms) on, as the rules read them."""
    rows = reader.rows(
        "SELECT at, sign, device, 'unknown', trusted, amount FROM elders_signs"
        " WHERE person = ?1 AND at >= ?2 AND at < ?3"
        " UNION ALL SELECT at, CASE method WHEN 'face' THEN ?4 ELSE ?5 END, gate, direction, 1, 0.0 FROM gatelog_passages"
        " WHERE person = ?1 AND at >= ?2 AND at < ?3 AND outcome = 'identified'",
        (person, since, until or 1 << 62, Sign.GATE, Sign.GATE_CREDENTIAL),
    )
    return [
        SignOfLife(Sign(sign), from_ms(at), source or "", _direction(direction), bool(trusted), amount)
        for at, sign, source, direction, trusted, amount in rows
    ]


def _direction(name: str) -> Direction:
    return Direction(name) if name in ("in", "out") else Direction.UNKNOWN


def sources(
    reader: Reader, person: str, heard: Iterable[SignOfLife], mute_since: datetime | None = None
) -> list[Source]:
    """The devices that can show signs of life of `person`, since when any of them cannot be heard, and the kiosks of the gates.

    `heard` says what a device of no known kind shows; when they said nothing at all is told from `mute_since` on.
    """
    told = facts(reader, "JOIN elders_sources s ON s.fact = f.rowid WHERE s.person = ?", person)
    if mute_since is not None:
        told += facts(reader, "WHERE f.kind = ? AND f.subject = ? AND f.at >= ?", MUTE, person, to_ms(mute_since))
    gates = facts(reader, f"WHERE f.kind IN ({', '.join('?' * len(KIOSK_FACTS))})", *KIOSK_FACTS)
    return [*sources_of(told, heard), *kiosks(gates)]


def devices(reader: Reader) -> Iterator[tuple[Source, datetime | None]]:
    """Every device that stands in a home, and those that stood there with the moment at which they were taken down."""
    told: dict[str | None, list[Seen]] = {}
    found = facts(reader, f"WHERE f.kind IN ({', '.join('?' * len(SOURCE_FACTS))})", *SOURCE_FACTS)
    for fact in as_said(found):
        here = told.setdefault(fact.subject, [])
        if fact.kind == REMOVED:
            of_it = [f for f in here if f.payload.get("device") == fact.payload.get("device")]
            yield from ((device, from_ms(fact.at)) for device in sources_of(of_it))
            told[fact.subject] = [f for f in here if f not in of_it]
        else:
            here.append(fact)
    for stands in told.values():
        yield from ((device, None) for device in sources_of(stands))
