"""Who is on their way hears what was seen of the elder meanwhile; each rule as an example."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.doubts import MOVED, SAID, doubt
from domain.falls import SETTLE, Afterwards
from domain.falls import Kind as Seen
from domain.incident_kinds import Kind
from domain.signals import Sign

FELL = datetime(2027, 3, 3, 1, tzinfo=UTC)
MOMENT = timedelta(milliseconds=1)


def seen(kind: Seen, after: timedelta, sign: Sign | None = None, trusted: bool = True) -> Afterwards:
    return Afterwards(kind, FELL + after, sign=sign, trusted=trusted)


@pytest.mark.parametrize("kind", [Kind.FALL, Kind.SOS, Kind.SMOKE])
@pytest.mark.parametrize("sign", [Sign.LINK, Sign.BUTTON, Sign.CALL, Sign.VISIT])
def test_that_they_say_they_are_well_is_told_of_every_alarm_about_their_life(kind: Kind, sign: Sign) -> None:
    assert doubt(kind, FELL, seen(Seen.SIGN, MOMENT, sign)) == SAID


def test_what_was_said_at_the_very_moment_or_before_it_is_not_about_the_alarm() -> None:
    for before in (timedelta(), -MOMENT):
        assert doubt(Kind.SOS, FELL, seen(Seen.SIGN, before, Sign.BUTTON)) == ""


@pytest.mark.parametrize("sign", [Sign.BUTTON, Sign.DOOR])
def test_a_sign_whose_time_cannot_be_believed_is_told_of_nothing(sign: Sign) -> None:
    assert doubt(Kind.FALL, FELL, seen(Seen.SIGN, SETTLE, sign, trusted=False)) == ""


def test_an_alarm_that_is_not_about_a_life_is_doubted_by_nothing() -> None:
    assert doubt(Kind.MISSED_CHECKIN, FELL, seen(Seen.SIGN, SETTLE, Sign.BUTTON)) == ""


@pytest.mark.parametrize(
    ("what", "sign"), [(Seen.MOVEMENT, None), (Seen.SIGN, Sign.DOOR), (Seen.SIGN, Sign.MOTION), (Seen.SIGN, Sign.PRESS)]
)
def test_that_somebody_moves_is_told_of_a_fall_alone_and_once_it_has_settled(what: Seen, sign: Sign | None) -> None:
    """The fall itself shakes doors and motion sensors, and presses buttons."""
    assert doubt(Kind.FALL, FELL, seen(what, SETTLE, sign)) == MOVED
    assert doubt(Kind.FALL, FELL, seen(what, SETTLE - MOMENT, sign)) == ""
    assert doubt(Kind.SOS, FELL, seen(what, SETTLE, sign)) == ""


def test_that_a_device_takes_its_word_back_is_told_elsewhere() -> None:
    assert doubt(Kind.FALL, FELL, seen(Seen.CANCEL, SETTLE)) == ""
