"""A step that was taken before the newest call for help, and comes after it, is no answer to that call."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from domain import incident_kinds as k
from domain.clock import Hlc
from domain.events import to_ms
from domain.incident import Event, Incident
from domain.incident_kinds import Kind, Severity, State
from domain.ladder import phase_of
from tests.fakes.told_incidents import T0, told

M = timedelta(minutes=1)
S = timedelta(seconds=1)


def step(
    kind: str, at: timedelta, received: timedelta | None = None, by: str = "ann", said: str = "", **more: object
) -> Event:
    """Of `by`, taken `at` after the opening; the district has it then, or as `received` says."""
    heard = T0 + (at if received is None else received)
    return Event(kind, more, by, T0 + at, f"{kind}-{by}-{at}", heard, said=said)


def stamp(at: datetime, count: int = 0) -> str:
    return str(Hlc(to_ms(at), count))


TAKEN, THERE = step(k.ACKNOWLEDGED, 20 * S), step(k.ON_SCENE, 10 * M)
PRESSED = step(k.EVIDENCE, 30 * M, by="system", rings=True)
LATE = 30 * M + 5 * S  # when what was done before the press comes in


def rings_on(found: Incident) -> bool:
    return found.unheard and phase_of(found).endswith("!")


@pytest.mark.parametrize("kind", [k.FEEDBACK, k.REJECTED, k.MERGED, k.LOWERED])
def test_what_was_reported_before_a_press_ends_nothing_of_it_however_late_it_comes(kind: str) -> None:
    more: dict[str, Any] = {"outcome": "helped", "into": "i2", "severity": int(Severity.P3)}
    before = told(TAKEN, THERE, PRESSED, kind=Kind.SOS)
    late = step(kind, 20 * M, LATE, **more)
    found = told(TAKEN, THERE, PRESSED, late, kind=Kind.SOS)
    assert rings_on(found)
    assert (found.state, found.severity, found.overtaken) == (State.HANDLING, Severity.P1, (late.id,))
    assert [e.id for e in found.refused] == [late.id], "it is shown, and why it does not count"
    assert phase_of(found) == phase_of(before)
    after = told(TAKEN, THERE, PRESSED, step(kind, 31 * M, **more), kind=Kind.SOS)
    assert not (after.state is State.HANDLING and after.severity is Severity.P1), "of what is said after it, it counts"


@pytest.mark.parametrize("kind", [k.ACKNOWLEDGED, k.HANDLING, k.ON_SCENE])
def test_an_answer_from_before_the_press_shows_and_leaves_the_press_ringing(kind: str) -> None:
    late = step(kind, 20 * M, LATE, by="bo")
    found = told(TAKEN, THERE, PRESSED, late, kind=Kind.SOS)
    assert rings_on(found)
    assert (found.accepted_by, found.overtaken, found.refused) == (("ann", "bo"), (late.id,), ())
    heard = told(TAKEN, THERE, PRESSED, late, step(kind, 32 * M, by="bo"), kind=Kind.SOS)
    assert not heard.unheard


@pytest.mark.parametrize("kind", [k.ACKNOWLEDGED, k.HANDLING, k.ON_SCENE, k.REJECTED])
def test_a_press_while_the_ladder_rings_anyway_is_answered_by_nothing_older(kind: str) -> None:
    again = step(k.EVIDENCE, 5 * M, by="system", rings=False)
    late = step(kind, M, 5 * M + 5 * S)
    found = told(again, late, kind=Kind.SOS)
    assert (found.state, phase_of(found)) == (State.DETECTED, "seek/1.1.0")
    assert found.overtaken == (late.id,)
    assert told(again, step(kind, 6 * M), kind=Kind.SOS).state is not State.DETECTED


def test_the_same_press_told_again_within_ten_seconds_overtakes_nothing() -> None:
    again = step(k.EVIDENCE, 8 * S, by="system", rings=False)
    assert told(again, step(k.REJECTED, 5 * S, 9 * S), kind=Kind.SOS).state is State.REJECTED


def test_what_the_district_only_adds_to_an_incident_overtakes_nothing() -> None:
    """A doubt, or a signal that a hub had raised by itself: neither is a new call."""
    noted = step(k.EVIDENCE, 30 * M, by="system", reason="says_well", tells=True)
    assert told(TAKEN, THERE, noted, step(k.FEEDBACK, 20 * M, LATE), kind=Kind.SOS).state is State.FEEDBACK


def test_a_desk_that_has_read_of_the_press_answers_it_though_its_clock_is_a_little_behind() -> None:
    pressed = step(k.EVIDENCE, 30 * M, by="system", said=stamp(T0 + 30 * M), rings=True)
    knows = step(k.FEEDBACK, 30 * M - S, LATE, said=stamp(T0 + 30 * M, 1))
    assert told(TAKEN, THERE, pressed, knows, kind=Kind.SOS).state is State.FEEDBACK
    unknowing = step(k.FEEDBACK, 30 * M - S, LATE, said=stamp(T0 + 30 * M - S))
    assert rings_on(told(TAKEN, THERE, pressed, unknowing, kind=Kind.SOS))


def test_a_desk_whose_stamps_run_ahead_since_its_clock_was_wrong_knows_no_more_for_that() -> None:
    ahead = step(k.FEEDBACK, 20 * M, LATE, said=stamp(T0 + LATE))
    assert rings_on(told(TAKEN, THERE, PRESSED, ahead, kind=Kind.SOS))


def test_after_the_districts_clock_was_put_back_everything_can_still_be_ended() -> None:
    """The press stands in a time to come; what is done now, knowing of it, would look older for as long."""
    tomorrow = step(k.EVIDENCE, timedelta(days=1), by="system", rings=True)
    assert told(TAKEN, THERE, tomorrow, step(k.FEEDBACK, 31 * M, 31 * M + S), kind=Kind.SOS).state is State.FEEDBACK


def test_a_press_after_the_clock_was_put_back_is_the_newest_though_its_stamp_is_not() -> None:
    tomorrow = step(k.EVIDENCE, timedelta(days=1), by="system", rings=True)
    assert rings_on(told(TAKEN, THERE, tomorrow, PRESSED, step(k.FEEDBACK, 20 * M, LATE), kind=Kind.SOS))


@pytest.mark.parametrize("kind", [k.ACKNOWLEDGED, k.REJECTED, k.HANDLING])
def test_what_was_done_before_it_was_reopened_answers_nothing_of_the_new_round(kind: str) -> None:
    wrong, again = step(k.REJECTED, 5 * M), step(k.REOPENED, 30 * M, by="chief")
    found = told(wrong, again, step(kind, 20 * M, LATE), kind=Kind.SOS)
    assert (found.state, found.round) == (State.DETECTED, 2)
    assert told(wrong, again, step(kind, 31 * M), kind=Kind.SOS).state is not State.DETECTED
