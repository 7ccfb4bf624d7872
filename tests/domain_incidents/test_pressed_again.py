"""However often somebody presses, nobody is called later for it, and none of the levels is left out."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import incident_kinds as k
from domain.incident import Event
from domain.incident_kinds import Kind, Level
from domain.incidents import fold
from domain.ladder import Standing, next_steps
from domain.ladder_steps import RESPONSIBLE, Act
from tests.fakes.told_incidents import T0, event, opened

HORIZON, STEP = 1800, 10  # seconds
PRESSES = st.lists(st.integers(2, HORIZON // STEP).map(lambda n: n * STEP), max_size=40).map(sorted)


def called(first: str, presses: Sequence[int]) -> tuple[dict[Level, int], int]:
    """When each level was first called after `first` (an answer at 10 s), and how often those told by then were rung anew."""
    facts: list[Event] = [opened(Kind.SOS)]
    standing, at, rung = Standing(), dict[Level, int](), 0
    for second in range(0, HORIZON + STEP, STEP):
        if second == STEP:
            facts.append(event(first, "ann", second))
        if second in presses:
            facts.append(event(k.EVIDENCE, "system", second, rings=True))
        while True:
            incident = fold(facts)
            assert incident is not None
            plan = next_steps(incident, standing, T0 + timedelta(seconds=second))
            standing = plan.standing
            climbed = [step for step in plan.steps if step.act is Act.ESCALATE]
            for step in plan.steps:
                if step.act is Act.ALARM and second >= STEP:
                    at.setdefault(step.level, second)
                    rung += RESPONSIBLE in step.who
            for step in climbed:
                facts.append(event(k.ESCALATED, "system", second, level=int(step.level), reason=step.reason))
            if not climbed:
                break
    return at, rung


@given(PRESSES)
def test_of_what_was_taken_every_level_is_called_as_early_as_without_a_press(presses: list[int]) -> None:
    alone, _ = called(k.ACKNOWLEDGED, ())
    pressed, _ = called(k.ACKNOWLEDGED, presses)
    for level, second in alone.items():
        assert pressed[level] <= second, level


@given(PRESSES.filter(bool))
def test_of_what_somebody_is_at_work_on_every_level_is_called_as_early_as_after_the_first_press(
    presses: list[int],
) -> None:
    once, _ = called(k.HANDLING, presses[:1])
    often, _ = called(k.HANDLING, presses)
    assert set(often) >= set(once)
    for level, second in once.items():
        assert often[level] <= second, level


@pytest.mark.parametrize("first", [k.ACKNOWLEDGED, k.HANDLING, k.ON_SCENE])
def test_each_press_rings_those_who_were_told(first: str) -> None:
    presses = (100, 150, 200, 250)
    assert called(first, presses)[1] >= called(first, ())[1] + len(presses)


def test_whoever_says_that_they_know_has_their_time_anew_and_the_press_rings_no_more() -> None:
    taken, pressed = event(k.ACKNOWLEDGED, "ann", 10), event(k.EVIDENCE, "system", 290, rings=True)
    for facts, due in (((taken, pressed), 310), ((taken, pressed, event(k.ACKNOWLEDGED, "ann", 300)), 600)):
        incident = fold([opened(Kind.SOS), *facts])
        assert incident is not None
        at = next_steps(incident, Standing(), T0 + timedelta(seconds=305)).standing.due_at
        assert at == T0 + timedelta(seconds=due), "when its acceptance goes stale"
