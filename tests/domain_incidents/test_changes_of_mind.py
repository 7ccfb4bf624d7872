"""How staff change what an incident is held to be: its severity, its time, what it is part of, and an answer given by mistake."""

from datetime import UTC, datetime, timedelta

import pytest

from domain import incident_kinds as k
from domain.duties import Actor, allowed, gradable, last_answer
from domain.events import to_ms
from domain.grading import may_wait_longer
from domain.incident import Event, Incident
from domain.incident_kinds import Kind, Level, Severity, State
from domain.incidents import apply
from domain.ladder import phase_of
from domain.people import Role
from tests.fakes.told_incidents import T0, event, told

UNTIL = datetime(2026, 12, 20, tzinfo=UTC)
ASKED = event(k.EXTENSION_ASKED, "ann", until=to_ms(UNTIL))


def mild(*events: Event, to: int = 4) -> Incident:
    """A fall that was looked at, and may wait."""
    return told(event(k.ON_SCENE, "bo", 1), event(k.LOWERED, "chief", 2, severity=to), *events)


def test_an_extension_is_asked_for_and_approved_by_a_second_person() -> None:
    asked = mild(ASKED)
    assert (asked.extension_asked, asked.extended_until) == ((UNTIL, "ann"), None)
    given = apply(asked, event(k.EXTENDED, "chief", 20, until=to_ms(UNTIL)))
    assert (given.extension_asked, given.extended_until) == (None, UNTIL)
    for by, until in (("ann", UNTIL), ("chief", UNTIL + timedelta(days=1))):
        refused = apply(asked, event(k.EXTENDED, by, 20, until=to_ms(until)))
        assert (len(refused.refused), refused.extended_until) == (1, None)


def test_an_extension_is_declined_by_a_second_person_and_another_may_be_asked_for() -> None:
    asked, no = mild(ASKED), event(k.EXTENSION_DECLINED, "chief", 20, until=to_ms(UNTIL))
    assert k.EXTENSION_ASKED not in allowed(asked, Actor("bo", Role.CAREGIVER))
    assert k.EXTENSION_DECLINED in allowed(asked, Actor("chief", Role.SUPERVISOR))
    for who in (Actor("ann", Role.SUPERVISOR), Actor("bo", Role.CAREGIVER)):
        assert k.EXTENSION_DECLINED not in allowed(asked, who), "not one's own, and not everybody's"
    after = apply(asked, no)
    assert (after.extension_asked, after.extended_until, after.refused) == (None, None, ())
    assert no.id in after.news, "whoever is responsible hears of it"
    assert k.EXTENSION_ASKED in allowed(after, Actor("ann", Role.CAREGIVER))
    sooner = UNTIL - timedelta(days=3)
    again = apply(after, event(k.EXTENSION_ASKED, "ann", 30, until=to_ms(sooner)))
    assert again.extension_asked == (sooner, "ann")
    given = apply(again, event(k.EXTENDED, "chief", 40, until=to_ms(sooner)))
    asked_on = apply(given, event(k.EXTENSION_ASKED, "ann", 50, until=to_ms(UNTIL)))
    assert apply(asked_on, event(k.EXTENSION_DECLINED, "chief", 60, until=to_ms(UNTIL))).extended_until == sooner


@pytest.mark.parametrize(("by", "until"), [("ann", UNTIL), ("chief", UNTIL + timedelta(days=1))])
def test_nobody_declines_their_own_request_or_another_than_stands(by: str, until: datetime) -> None:
    after = apply(mild(ASKED), event(k.EXTENSION_DECLINED, by, 20, until=to_ms(until)))
    assert (len(after.refused), after.extension_asked) == (1, (UNTIL, "ann"))
    assert mild(event(k.EXTENSION_DECLINED, "chief", until=to_ms(UNTIL))).refused, "nobody had asked"


def test_only_the_mildest_severity_is_extended_and_to_twice_its_time_at_most() -> None:
    assert mild(ASKED, to=3).refused
    assert mild(event(k.EXTENDED, "chief", until=to_ms(UNTIL))).refused, "nobody had asked"
    assert mild(event(k.EXTENSION_ASKED, until=to_ms(T0 + timedelta(days=31)))).refused
    assert mild(event(k.EXTENSION_ASKED, until=to_ms(T0))).refused


def graded(to: int, by: str = "chief", seconds: float = 30) -> Event:
    """Of whoever leads, who may lower it too."""
    return event(k.LOWERED, by, seconds, severity=to)


@pytest.mark.parametrize("was", [2, 3])
def test_what_anybody_writes_who_works_on_it_raises_and_never_lowers_whatever_it_was_when_they_chose(was: int) -> None:
    """Chosen while it was a P4, say, and received after somebody else had raised it further."""
    found = mild(event(k.GRADED, "ann", 30, severity=was), event(k.GRADED, "bo", 40, severity=4))
    assert (found.severity, [e.by for e in found.refused]) == (Severity(was), ["bo"])
    later = apply(found, event(k.GRADED, "cy", 50, severity=3))
    assert later.severity is Severity(was)


def test_a_raised_severity_starts_the_clock_anew_and_goes_on_from_its_level() -> None:
    asked = told(event(k.ESCALATED, "system", 5, level=1), graded(1), kind=Kind.TAMPER)
    assert (asked.severity, asked.level, asked.state) == (Severity.P1, Level.COMMUNITY, State.DISPATCHED)
    assert asked.started_at == asked.changed_at == T0 + timedelta(seconds=30)
    assert (asked.from_level, asked.starts, asked.round) == (Level.COMMUNITY, 2, 1)
    answered = apply(asked, event(k.ACKNOWLEDGED, seconds=41))
    assert answered.answered_after == timedelta(seconds=11), "of a P1: from when it became one"


def test_who_had_answered_before_it_was_raised_has_answered_at_once() -> None:
    found = told(event(k.ACKNOWLEDGED, seconds=9000), graded(1, seconds=9060), kind=Kind.TAMPER)
    assert (found.state, found.leader, found.answered_after) == (State.ACCEPTED, "ann", timedelta(0))


def test_who_was_there_before_it_was_raised_has_arrived_at_once() -> None:
    found = told(event(k.ON_SCENE, seconds=9000), graded(1, seconds=9060), kind=Kind.TAMPER)
    assert found.arrived_after == timedelta(0)
    assert told(event(k.ACKNOWLEDGED), graded(1), kind=Kind.TAMPER).arrived_after is None, "nobody was there yet"


def test_time_that_was_asked_for_or_given_is_of_the_severity_before() -> None:
    asked = mild(ASKED)
    given = apply(asked, event(k.EXTENDED, "chief", 20, until=to_ms(UNTIL)))
    for before in (asked, given):
        after = apply(before, graded(3))
        assert (after.severity, after.extension_asked, after.extended_until) == (Severity.P3, None, None)


def test_nothing_is_lowered_before_somebody_looked() -> None:
    assert told(graded(3), kind=Kind.MISSED_CHECKIN).refused
    assert told(event(k.ACKNOWLEDGED), graded(3), kind=Kind.MISSED_CHECKIN).severity is Severity.P3
    assert told(event(k.ACKNOWLEDGED), graded(3), kind=Kind.FALL).refused, "somebody must have been there"
    lowered = told(event(k.ON_SCENE), graded(4), kind=Kind.FALL)
    assert (lowered.severity, lowered.started_at) == (Severity.P4, T0)
    assert told(event(k.ON_SCENE), event(k.FEEDBACK, seconds=20), graded(4)).refused, "it is over"


def test_what_was_handed_on_is_lowered_by_nobody_before_somebody_took_it() -> None:
    """Whoever was there has left; it rings for others, and lowered it would have rung again after two days."""
    handed = told(event(k.ON_SCENE, "bo", 60), event(k.TRANSFERRED, "bo", 90, to=["cy"]), kind=Kind.SOS)
    assert (handed.state, handed.on_scene_at is not None) == (State.DISPATCHED, True)
    assert gradable(handed, Actor("chief", Role.SUPERVISOR)) == ()
    assert apply(handed, graded(4, seconds=100)).severity is Severity.P1
    taken = apply(handed, event(k.ACKNOWLEDGED, "cy", 120))
    assert apply(taken, graded(3, seconds=130)).severity is Severity.P3


@pytest.mark.parametrize("severity", [1, 2, 3])
def test_only_the_mildest_may_wait_longer_and_not_once_it_is_reported(severity: int) -> None:
    seen = event(k.ON_SCENE, "bo", 1)
    grave = told(seen, *([graded(severity, seconds=2)] if severity > 1 else []))
    assert not may_wait_longer(grave)
    mildest = told(seen, graded(4, seconds=2))
    assert may_wait_longer(mildest)
    assert not may_wait_longer(apply(mildest, event(k.FEEDBACK, "bo", 9)))


def test_whoever_works_on_it_raises_and_who_leads_lowers_too() -> None:
    found = told(event(k.ACKNOWLEDGED), kind=Kind.MISSED_CHECKIN)
    assert gradable(found, Actor("ann", Role.CAREGIVER)) == (Severity.P1,)
    assert gradable(found, Actor("chief", Role.SUPERVISOR)) == (Severity.P1, Severity.P3, Severity.P4)
    assert gradable(found, Actor("son", Role.FAMILY)) == ()
    assert gradable(found, Actor("guard", Role.GATE_STAFF)) == ()
    assert allowed(found, Actor("ann", Role.CAREGIVER)) & {k.GRADED, k.LOWERED} == {k.GRADED}
    assert allowed(found, Actor("chief", Role.SUPERVISOR)) >= {k.GRADED, k.LOWERED}


def test_an_answer_taken_back_is_as_if_it_had_never_been_and_both_facts_stay() -> None:
    here = event(k.ON_SCENE, seconds=60)
    back = event(k.STEP_WITHDRAWN, seconds=66, step=here.id)
    before, after = told(event(k.ACKNOWLEDGED)), told(event(k.ACKNOWLEDGED), here, back)
    assert (after.state, after.on_scene_at, after.arrived_after) == (before.state, None, None)
    assert after.accepted_by == ("ann",)
    assert after.changed_at == T0 + timedelta(seconds=66), "what is awaited is awaited from now"
    assert after.news == (event(k.ACKNOWLEDGED).id, here.id, back.id)


def test_an_acceptance_taken_back_rings_again() -> None:
    taken = event(k.ACKNOWLEDGED)
    after = told(taken, event(k.STEP_WITHDRAWN, seconds=12, step=taken.id))
    assert (after.state, after.leader, after.answered_after, after.turns) == (State.DETECTED, None, None, 1)
    assert phase_of(after) not in (phase_of(told()), ""), "those who were called before are called again"


def test_the_arrival_of_somebody_else_stands() -> None:
    hers, his = event(k.ON_SCENE, "ann", 60), event(k.ON_SCENE, "bo", 70)
    after = told(hers, his, event(k.STEP_WITHDRAWN, "bo", 75, step=his.id))
    assert after.on_scene_at == hers.at
    again = told(
        hers, his, event(k.STEP_WITHDRAWN, "bo", 75, step=his.id), event(k.STEP_WITHDRAWN, "ann", 80, step=hers.id)
    )
    assert (again.state, again.turns) == (State.DETECTED, 2)


@pytest.mark.parametrize(
    ("before", "back"),
    [
        ([event(k.ON_SCENE, "bo", 60)], event(k.STEP_WITHDRAWN, "ann", 70, step=f"{k.ON_SCENE}-bo-60")),
        (
            [event(k.ACKNOWLEDGED), event(k.FEEDBACK, seconds=20)],
            event(k.STEP_WITHDRAWN, seconds=30, step=event(k.ACKNOWLEDGED).id),
        ),
        ([event(k.ACKNOWLEDGED)], event(k.STEP_WITHDRAWN, seconds=30, step="0")),
        ([event(k.ACKNOWLEDGED)], event(k.STEP_WITHDRAWN, seconds=30)),
        (
            [event(k.ACKNOWLEDGED), event(k.TRANSFERRED, "bo", 20, to=["cy"]), event(k.ACKNOWLEDGED, "cy", 25)],
            event(k.STEP_WITHDRAWN, seconds=30, step=event(k.ACKNOWLEDGED).id),
        ),
    ],
    ids=["somebody else's", "reported back", "the opening", "nothing", "before it was handed on"],
)
def test_what_may_not_be_taken_back(before: list[Event], back: Event) -> None:
    stood, after = told(*before), told(*before, back)
    assert [e.kind for e in after.refused] == [k.STEP_WITHDRAWN]
    assert (after.state, after.accepted_by, after.on_scene_at) == (stood.state, stood.accepted_by, stood.on_scene_at)


def test_a_person_is_offered_their_last_answer_to_take_back() -> None:
    found = told(event(k.ACKNOWLEDGED), event(k.ON_SCENE, seconds=60))
    assert last_answer(found, "ann") == f"{k.ON_SCENE}-ann-60"
    assert k.STEP_WITHDRAWN in allowed(found, Actor("ann", Role.CAREGIVER))
    assert k.STEP_WITHDRAWN not in allowed(found, Actor("bo", Role.CAREGIVER))
    assert last_answer(apply(found, event(k.FEEDBACK, seconds=90)), "ann") == ""


def test_what_was_merged_by_mistake_is_opened_again() -> None:
    merged = told(event(k.MERGED, "chief", into="i2"))
    assert (merged.state, merged.merged_into, merged.open) == (State.MERGED, "i2", False)
    again = apply(merged, event(k.REOPENED, "ann", 60))
    assert (again.state, again.merged_into, again.round) == (State.DETECTED, None, 2)
    assert told(event(k.MERGED, "chief", into="i1")).refused, "into itself"
    assert told(event(k.MERGED, "chief")).refused, "into nothing"
