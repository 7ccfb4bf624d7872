"""What cannot be read of a fact, came before the opening, or came twice: never stops a fold, and never makes an alarm later."""

from datetime import timedelta
from typing import Any

import pytest

from domain import incident_kinds as k
from domain.events import to_ms
from domain.incident import Event
from domain.incident_kinds import Level, State
from domain.incidents import fold
from tests.fakes.told_incidents import T0, event, opened, told

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    "bad", [{"kind": "flood"}, {"kind": None}, {"elder": None}, {"elder": 7}, {"incident": ["i1"]}]
)
def test_an_opening_that_says_no_kind_or_nobody_opens_nothing_and_a_later_one_does(bad: dict[str, object]) -> None:
    payload = {"incident": "i1", "elder": "e1", "kind": "fall", **bad}
    broken = Event(k.OPENED, payload, "system", T0, "broken")
    assert fold([broken]) is None
    found = fold([broken, event(k.ACKNOWLEDGED, seconds=1), opened()])
    assert found is not None
    assert (found.state, found.leader) == (State.ACCEPTED, "ann")


@pytest.mark.parametrize(
    ("kind", "payload"),
    [
        (k.EVIDENCE, {"calls": "many"}),
        (k.EVIDENCE, {"calls": [1]}),
        (k.EVIDENCE, {"calls": float("inf")}),
        (k.MERGED, {}),
        (k.MERGED, {"into": "i1"}),
        (k.ESCALATED, {"level": 9}),
        (k.GRADED, {"severity": {}}),
        (k.STEP_WITHDRAWN, {"step": ["x"]}),
        (k.STEP_WITHDRAWN, {}),
    ],
)
def test_a_step_that_cannot_be_read_is_kept_and_changes_nothing(kind: str, payload: dict[str, Any]) -> None:
    before, step = told(event(k.ESCALATED, "system", 5, level=1)), event(kind, **payload)
    after = told(event(k.ESCALATED, "system", 5, level=1), step)
    assert after.refused == (step,)
    assert (after.state, after.level, after.evidence) == (before.state, before.level, before.evidence)


def test_an_answer_taken_back_before_the_opening_came_is_refused() -> None:
    found = fold([event(k.STEP_WITHDRAWN, seconds=1, step="s"), opened()])
    assert found is not None
    assert len(found.refused) == 1


@pytest.mark.parametrize(("received", "late"), [(T0 - HOUR, -HOUR), (T0 + HOUR, timedelta(0))])
def test_the_clock_begins_with_the_receipt_of_the_call_and_never_after_the_opening(
    received: object, late: timedelta
) -> None:
    found = told(received=to_ms(received))  # type: ignore[arg-type]  # a time of the table above
    assert found.started_at == found.changed_at == T0 + late


def test_a_ladder_that_was_late_goes_on_from_when_its_step_was_due_and_a_person_from_when_they_called() -> None:
    due = to_ms(T0 + timedelta(seconds=60))
    for by, since in (("system", 60), ("ann", 500)):
        found = told(event(k.ACKNOWLEDGED), event(k.ESCALATED, by, 500, level=1, due=due))
        assert (found.level, found.changed_at) == (Level.COMMUNITY, T0 + timedelta(seconds=since))


def test_handed_on_before_anybody_answered_somebody_is_looked_for_anew() -> None:
    found = told(event(k.ESCALATED, "system", 60, level=1), event(k.TRANSFERRED, "ann", 90, to=["bo"]))
    assert (found.sought, found.changed_at, found.from_level) == (2, T0 + timedelta(seconds=90), Level.COMMUNITY)


@pytest.mark.parametrize("happened", ["2026-11-23T07:00:00", "yesterday", 7, None])
def test_a_moment_without_its_zone_is_none(happened: object) -> None:
    assert told(happened_at=happened).happened_at == T0


@pytest.mark.parametrize(("first", "second"), [(True, False), (False, True), (True, True)])
def test_what_the_district_raised_is_confirmed_whichever_came_first(first: bool, second: bool) -> None:
    found = told(opened(confirmed=second), confirmed=first)
    assert (found.confirmed, found.evidence) == (True, 1)
    assert not told(opened(confirmed=False), confirmed=False).confirmed
