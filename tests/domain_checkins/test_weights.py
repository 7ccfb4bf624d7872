"""What a sign may do follows from how surely the elder made it."""

from dataclasses import replace

import pytest

from domain.assessment import State
from domain.passages import Direction
from domain.signals import WEIGHT, Answer, Sign, convincing, sign_of
from tests.domain_checkins.days import at, sign, state


def test_what_has_rung_is_answered_by_what_weighs_enough_and_a_timer_alone_does_not() -> None:
    kettle, lamp = (sign(Sign.POWER, hour, source=plug) for hour, plug in ((12, "kettle"), (12.5, "lamp")))
    assert state(13, replace(kettle, at=at(10))).occurrences == (), "in time it satisfies a window"
    (missed,) = state(13, kettle, replace(kettle, at=at(12.9))).occurrences
    assert missed.resolved_at is None, "a timer that switches twice is a timer still"
    (missed,) = state(13, kettle, lamp).occurrences
    assert missed.answer == Answer(at(12.5), Sign.POWER, 0.75)
    (missed,) = state(13, kettle, sign(Sign.MOTION, 12.2)).occurrences
    assert missed.answer is not None
    assert missed.resolved_at == at(12.2)
    assert missed.answer.weight == pytest.approx(0.825)
    cards = [sign(Sign.GATE_CREDENTIAL, 12 + n / 10, source=str(n)) for n in range(9)]
    (missed,) = state(13, *cards).occurrences
    assert missed.resolved_at is None, "a card is never an answer, whoever carries how many"


@pytest.mark.parametrize(
    ("weight", "clears", "answers", "leaves"),
    [(0.49, False, False, False), (0.5, True, False, False), (0.6, True, True, False), (0.95, True, True, True)],
)
def test_what_a_sign_may_do_is_read_off_its_weight(
    weight: float, clears: bool, answers: bool, leaves: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("domain.signals.WEIGHT", {**WEIGHT, Sign.GATE: weight})
    passage = sign(Sign.GATE, 12, direction=Direction.OUT)
    assert (passage.clears, convincing([passage]) is not None, passage.leaves) == (clears, answers, leaves)
    assert (state(13, replace(passage, at=at(9.5))).state is State.MISSED) is not clears


def test_intakes_words_are_known() -> None:
    assert sign_of("contact") is Sign.DOOR
    assert sign_of("card") is Sign.GATE_CREDENTIAL
    assert sign_of("smoke") is None
