"""What is due when, of ladders drawn by hand."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.incident_kinds import ACKNOWLEDGED, CLOSED, FEEDBACK, OPENED, REJECTED, Kind
from domain.incidents import SYSTEM, Event, fold
from domain.ladder import Standing, next_steps
from domain.ladder_steps import Do, Ladder, Step

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
