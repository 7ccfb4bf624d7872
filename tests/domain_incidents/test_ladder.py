"""What is due when, of ladders drawn by hand."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from domain.incident import SYSTEM, Event
from domain.incident_kinds import (
    ACKNOWLEDGED,
    CLOSED,
    DEADLINES,
    FEEDBACK,
    GRADED,
    HANDLING,
    OPENED,
    REJECTED,
    STEP_WITHDRAWN,
    Kind,
    Level,
    Severity,
)  # fmt: skip
from domain.incidents import fold
from domain.ladder import Due, Standing, next_steps
from domain.ladder_steps import Act, Do, Ladder, Step, unroll

MIDNIGHT = datetime(2026, 11, 22, 16, tzinfo=UTC)  # in Shanghai, where the elder lives
BY_DAY = Ladder((Step(Do.NOTIFY, ("the-son",), hours=(8, 22)),))


@pytest.mark.parametrize(
    ("kind", "hour", "called"),
    [
        (Kind.MISSED_CHECKIN, 2, False),
        (Kind.MISSED_CHECKIN, 8, True),
        (Kind.MISSED_CHECKIN, 22, False),
        (Kind.FALL, 2, True),
        (Kind.SOS, 23, True),
    ],
)
def test_a_step_of_the_day_waits_by_night_and_never_where_a_life_is_at_stake(
    kind: Kind, hour: int, called: bool
) -> None:
    now = MIDNIGHT + timedelta(hours=hour)
    told = {"incident": "i1", "elder": "p1", "kind": kind.value, "ladder": BY_DAY.plain()}
    incident = fold([Event(OPENED, told, SYSTEM, now, "0")])
    assert incident is not None
    due = next_steps(incident, Standing(), now).steps
    assert (("the-son",) in [step.who for step in due]) is called


@pytest.mark.parametrize("steps", [(ACKNOWLEDGED, FEEDBACK, CLOSED), (REJECTED,)], ids=["closed", "rejected"])
def test_of_what_is_closed_nobody_is_ever_reminded(steps: tuple[str, ...]) -> None:
    told = {"incident": "i1", "elder": "p1", "kind": Kind.FALL.value, "ladder": BY_DAY.plain()}
    way = [Event(kind, {}, ("ann", "bo")[kind == CLOSED], MIDNIGHT, kind) for kind in steps]
    incident = fold([Event(OPENED, told, SYSTEM, MIDNIGHT, "0"), *way])
    assert incident is not None
    standing = next_steps(incident, Standing(), MIDNIGHT).standing
    assert standing.due_at is None
    assert next_steps(incident, standing, MIDNIGHT + timedelta(days=30)).steps == ()


def test_what_is_raised_climbs_at_the_new_severitys_pace_from_where_it_was() -> None:
    now = MIDNIGHT
    opened = Event(OPENED, {"incident": "i1", "elder": "p1", "kind": Kind.TAMPER.value}, SYSTEM, now, "0")
    mild = fold([opened])
    assert mild is not None
    first = next_steps(mild, Standing(), now)
    assert first.standing.due_at == now + timedelta(hours=12)
    at = now + timedelta(hours=1)
    grave = fold([opened, Event(GRADED, {"severity": 1}, "ann", at, "1")])
    assert grave is not None
    raised = next_steps(grave, first.standing, at)
    assert [step.act for step in raised.steps] == [Act.ALARM, Act.INFORM]
    assert raised.standing.due_at == at + timedelta(seconds=60)
    assert not {step.ref for step in raised.steps} & {step.ref for step in first.steps}


def test_an_acceptance_taken_back_calls_those_again_who_were_called_before() -> None:
    now = MIDNIGHT
    opened = Event(OPENED, {"incident": "i1", "elder": "p1", "kind": Kind.SOS.value}, SYSTEM, now, "0")
    taken = Event(ACKNOWLEDGED, {}, "ann", now + timedelta(seconds=9), "1")
    back = Event(STEP_WITHDRAWN, {"step": "1"}, "ann", now + timedelta(seconds=15), "2")
    standing, steps = Standing(), list[tuple[Due, ...]]()
    for facts in ([opened], [opened, taken], [opened, taken, back]):
        incident = fold(facts)
        assert incident is not None
        plan = next_steps(incident, standing, facts[-1].at)
        standing, steps = plan.standing, [*steps, plan.steps]
    assert [step.act for step in steps[2]] == [Act.ALARM, Act.INFORM]
    assert steps[2][0].ref != steps[0][0].ref, "or it would be taken for one that was handed over already"


def waiting(seconds: float, *after: Step) -> Ladder:
    """Family first, then so long a wait."""
    return Ladder((Step(Do.NOTIFY, ("son",)), Step(Do.WAIT, seconds=seconds), *after))


LATE = (Step(Do.NEXT_LEVEL), Step(Do.WAIT, seconds=36_000))
DRAWN = [
    waiting(1800, Step(Do.REPEAT, times=20)),
    waiting(
        86_400, *LATE, Step(Do.NOTIFY, ("com",)), *LATE, Step(Do.NOTIFY, ("str",)), *LATE, Step(Do.NOTIFY, ("dis",))
    ),
    waiting(30 * 86_400, Step(Do.REPEAT, times=20)),
]


@pytest.mark.parametrize("ladder", DRAWN, ids=["repeated at home", "waits at every level", "for ever"])
@pytest.mark.parametrize("severity", list(Severity))
def test_every_level_is_called_by_its_deadline_and_the_top_goes_on_ringing_whatever_is_drawn(
    ladder: Ladder, severity: Severity
) -> None:
    rungs, accept = unroll(ladder, severity, Level.HOME), DEADLINES[severity].accept
    for level, deadline in zip(list(Level)[1:], accept, strict=True):
        called = (r.after for r in rungs if r.act is Act.ALARM and r.level is level and r.hours is None)
        assert min(called) <= deadline, level
    rung = [r.after for r in rungs if r.act is Act.ALARM and r.level is Level.DISTRICT]
    again = 300 if severity is Severity.P1 else 1800 if severity is Severity.P2 else 86_400
    assert max(later - one for one, later in pairwise(rung)) <= timedelta(seconds=again)
    assert rungs[-1].after == rung[-1] == max(r.after for r in rungs), "from which it goes on for ever"
    assert list(rungs) == sorted(rungs, key=lambda r: r.after)


def test_what_is_drawn_late_comes_beside_the_alarm_at_the_top() -> None:
    late = waiting(7200, Step(Do.NOTIFY, ("chief",)))
    assert timedelta(hours=2) in [r.after for r in unroll(late, Severity.P1, Level.HOME) if r.who == ("chief",)]


@pytest.mark.parametrize(
    ("taken", "reason", "called_away"),
    [(5, "stale", 10), (58, "not_on_scene", 60), (60, "stale", 65), (70, "stale", 75)],
)
def test_whoever_takes_an_alarm_late_has_time_to_say_that_they_go(taken: int, reason: str, called_away: int) -> None:
    """Past the hour within which somebody is to be on the scene, each answer was undone as it came, and the desk rang on. `stale`
    calls those away who report nothing for five minutes."""
    opened = Event(OPENED, {"incident": "i1", "elder": "p1", "kind": Kind.SOS.value}, SYSTEM, MIDNIGHT, "0")
    at = MIDNIGHT + timedelta(minutes=taken)
    incident = fold([opened, Event(ACKNOWLEDGED, {}, "ann", at, "1")])
    assert incident is not None
    plan = next_steps(incident, Standing(), at)
    first = None
    while first is None:
        first = next((step for step in plan.steps if step.act is Act.ESCALATE), None)
        assert plan.standing.due_at is not None
        plan = next_steps(incident, plan.standing, plan.standing.due_at)
    assert (first.reason, first.due_at) == (reason, MIDNIGHT + timedelta(minutes=called_away))


@pytest.mark.parametrize(("moving", "rings"), [(10, 60), (50, 60), (70, 85)])
def test_whoever_is_on_the_way_late_is_asked_after_a_quarter_of_an_hour(moving: int, rings: int) -> None:
    opened = Event(OPENED, {"incident": "i1", "elder": "p1", "kind": Kind.SOS.value}, SYSTEM, MIDNIGHT, "0")
    at = MIDNIGHT + timedelta(minutes=moving)
    incident = fold([opened, Event(ACKNOWLEDGED, {}, "ann", at, "1"), Event(HANDLING, {}, "ann", at, "2")])
    assert incident is not None
    plan = next_steps(incident, Standing(), at)
    found: list[Due] = []
    while not found:
        found = [step for step in plan.steps if step.act is Act.ALARM]
        assert plan.standing.due_at is not None
        plan = next_steps(incident, plan.standing, plan.standing.due_at)
    assert (found[0].reason, found[0].due_at) == ("not_on_scene", MIDNIGHT + timedelta(minutes=rings))
