"""What people may do about an incident, in whatever it has come to: what a desk offers, the fold takes."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import incident_kinds as k
from domain.duties import DUTIES, Actor, allowed, gradable, last_answer
from domain.events import to_ms
from domain.grading import longest_wait
from domain.incident import SYSTEM, Event, Incident
from domain.incident_kinds import OF_EQUIPMENT, TECHNICAL, Kind, Severity
from domain.incident_table import TRANSITIONS
from domain.incidents import apply, fold
from domain.people import Role
from tests.fakes.there import there
from tests.fakes.told_incidents import T0, event, opened, told

PEOPLE = [Actor(f"{role.value} {n}", role) for role in Role for n in (1, 2)]
ANYBODY = st.sampled_from(PEOPLE)
BY_ITSELF = (k.DISPATCHED, k.ESCALATED, k.MERGED, k.EVIDENCE, k.VERIFIED)  # what the district writes without anybody
History = list[tuple[Actor | None, int]]
HISTORIES = st.lists(st.tuples(st.none() | ANYBODY, st.integers(0, 40)), max_size=12)


def might(incident: Incident, actor: Actor | None) -> list[str]:
    """What may come next: from a person, or from the district itself."""
    if actor is not None:
        return sorted(allowed(incident, actor))
    return [kind for kind in BY_ITSELF if (incident.state, kind) in TRANSITIONS or kind == k.EVIDENCE]


def payload(kind: str, incident: Incident, actor: Actor | None) -> dict[str, Any]:
    """What a desk writes into such a step."""
    asked = incident.extension_asked
    match kind:
        case k.MERGED:
            return {"into": "i2"}
        case k.EXTENSION_ASKED:
            return {"until": to_ms(longest_wait(incident))}
        case k.EXTENDED | k.EXTENSION_DECLINED:
            assert asked is not None
            return {"until": to_ms(asked[0])}
        case k.GRADED:
            return {"severity": min(gradable(incident, there(actor)))}
        case k.LOWERED:
            return {"severity": max(gradable(incident, there(actor)))}
        case k.STEP_WITHDRAWN:
            return {"step": last_answer(incident, there(actor).id)}
    return {}


def lived(kind: Kind, history: History) -> tuple[Incident, list[Event]]:
    """An incident in which each in turn did one of the things that they might."""
    events = [opened(kind)]
    found = fold(events)
    assert found is not None
    for n, (actor, which) in enumerate(history, 1):
        may, by = might(found, actor), SYSTEM if actor is None else actor.id
        if may:
            step = may[which % len(may)]
            events.append(Event(step, payload(step, found, actor), by, T0 + timedelta(seconds=n), str(n)))
            before, found = found, fold(events)
            assert found is not None
            assert found.refused == before.refused == (), f"{step} was offered and refused"
    return found, events


@given(st.sampled_from(Kind), HISTORIES)
def test_what_is_offered_is_taken(kind: Kind, history: History) -> None:
    lived(kind, history)


@given(st.sampled_from(Kind), HISTORIES, ANYBODY)
def test_nobody_is_offered_what_is_none_of_their_duties(kind: Kind, history: History, actor: Actor) -> None:
    found, _ = lived(kind, history)
    may = allowed(found, actor)
    assert may <= DUTIES[actor.role]
    if actor.id in found.workers:
        assert k.CHECKED not in may, "one's own work is not checked by oneself"
    if actor.role is Role.GATE_STAFF and kind not in TECHNICAL | OF_EQUIPMENT and actor.id not in found.responsible:
        assert may == frozenset(), "a guard whom the ladder did not call has no business in a home"


@given(kind=st.sampled_from(Kind), history=HISTORIES)
def test_family_does_not_judge_an_alarm_away(kind: Kind, history: History) -> None:
    found, _ = lived(kind, history)
    may = allowed(found, Actor("son", Role.FAMILY))
    assert not may & {k.REJECTED, k.CHECKED, k.CLOSED, k.LOWERED, k.EXTENDED, k.EVALUATED, k.MERGED}


@given(st.sampled_from(Kind), HISTORIES, st.sampled_from(PEOPLE))
def test_what_nobody_looked_at_never_rings_more_slowly(kind: Kind, history: History, actor: Actor) -> None:
    found, events = lived(kind, history)
    if found.state in k.UNANSWERED:
        assert not [s for s in gradable(found, actor) if s > found.severity]
    for severity in Severity:
        step = Event(k.GRADED, {"severity": severity}, actor.id, T0 + timedelta(hours=1), "x")
        assert apply(found, step).severity <= found.severity, "raising never lowers"
    assert [e.kind for e in events].count(k.OPENED) == 1


A, B = "a", "b"  # who works on it; anybody else
RINGING = told(kind=Kind.MISSED_CHECKIN)
TAKEN = told(event(k.ACKNOWLEDGED, A), kind=Kind.MISSED_CHECKIN)
REPORTED = told(event(k.ACKNOWLEDGED, A), event(k.FEEDBACK, A), kind=Kind.MISSED_CHECKIN)
SHUT = told(event(k.ACKNOWLEDGED, A), event(k.FEEDBACK, A), event(k.CLOSED, "c"), kind=Kind.MISSED_CHECKIN)
ANSWERS = {k.ACKNOWLEDGED, k.HANDLING, k.ON_SCENE, k.EVIDENCE}
WORKS = ANSWERS | {k.REJECTED, k.TRANSFERRED, k.GRADED}
LEADS = WORKS | {k.ESCALATED, k.MERGED}


@pytest.mark.parametrize(
    ("role", "found", "may"),
    [
        (Role.FAMILY, RINGING, ANSWERS),
        (Role.CAREGIVER, RINGING, WORKS | {k.VERIFIED}),
        (Role.SUPERVISOR, RINGING, LEADS | {k.VERIFIED, k.DISPATCHED}),
        (Role.ADMINISTRATOR, RINGING, LEADS | {k.VERIFIED, k.DISPATCHED}),
        (Role.FAMILY, TAKEN, ANSWERS | {k.FEEDBACK}),
        (Role.CAREGIVER, TAKEN, WORKS | {k.FEEDBACK}),
        (Role.SUPERVISOR, TAKEN, LEADS | {k.FEEDBACK, k.LOWERED}),
        (Role.FAMILY, REPORTED, {k.ACKNOWLEDGED, k.HANDLING, k.FEEDBACK, k.EVIDENCE}),
        (Role.CAREGIVER, REPORTED, {k.ACKNOWLEDGED, k.HANDLING, k.FEEDBACK, k.EVIDENCE, k.REJECTED, k.CHECKED, k.CLOSED}),
        (Role.CAREGIVER, SHUT, {k.EVIDENCE, k.REOPENED}),
        (Role.SUPERVISOR, SHUT, {k.EVIDENCE, k.REOPENED, k.EVALUATED}),
    ],
)  # fmt: skip
def test_what_everybody_is_offered(role: Role, found: Incident, may: set[str]) -> None:
    assert allowed(found, Actor(B, role)) == may


@pytest.mark.parametrize(
    ("role", "before", "after"),
    [
        (Role.FAMILY, set(), set()),
        (Role.CAREGIVER, {k.EXTENSION_ASKED}, set()),
        (Role.SUPERVISOR, {k.EXTENSION_ASKED}, {k.EXTENDED, k.EXTENSION_DECLINED}),
    ],
)
def test_more_time_is_asked_for_by_who_works_on_it_and_answered_by_who_leads(
    role: Role, before: set[str], after: set[str]
) -> None:
    waits = told(event(k.ON_SCENE, A), event(k.LOWERED, "chief", 20, severity=4))
    asked = apply(waits, event(k.EXTENSION_ASKED, A, 30, until=to_ms(longest_wait(waits))))
    about_time = {k.EXTENSION_ASKED, k.EXTENDED, k.EXTENSION_DECLINED}
    assert allowed(waits, Actor(B, role)) & about_time == before
    assert allowed(asked, Actor(B, role)) & about_time == after


def test_a_guard_whom_nobody_called_takes_nothing_back_in_a_home() -> None:
    taken = told(event(k.ACKNOWLEDGED, "guard"))
    assert k.STEP_WITHDRAWN in allowed(taken, Actor("guard", Role.CAREGIVER))
    assert k.STEP_WITHDRAWN not in allowed(taken, Actor("guard", Role.GATE_STAFF))
