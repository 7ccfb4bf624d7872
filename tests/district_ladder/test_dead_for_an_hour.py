"""The only way to people is dead for an hour: afterwards each hears what is so now, and not all that was to be said meanwhile."""

from collections import Counter
from datetime import timedelta

import pytest

from domain import incident_kinds as k
from domain.events import to_ms
from tests.district_ladder.conftest import ELDER, District
from tests.fakes.channels import DEAD

M = timedelta(minutes=1)


def minutes(district: District, count: int) -> None:
    for _ in range(count):
        district.tick(M)


def test_an_alarm_that_was_repeated_all_the_while_comes_once_for_each_reason(district: District) -> None:
    district.recording.always = DEAD
    district.tell("sign.sos", device="b")
    minutes(district, 60)
    district.recording.always = None
    minutes(district, 6)  # none waits longer than five
    came = Counter(m.address for m in district.recording.messages)
    assert came.keys() == {"ann", "com", "str", "dis"}
    assert max(came.values()) <= 4, came


@pytest.mark.parametrize("hours", [1, 20])
def test_whoever_had_been_called_hears_in_the_end_that_it_is_over(district: District, hours: int) -> None:
    """News was given up after ten minutes, of a closing too, and they went on their way."""
    district.tell("sign.sos", device="b")
    minutes(district, 2)
    district.recording.always = DEAD
    for step, by in ((k.ACKNOWLEDGED, "com"), (k.FEEDBACK, "com"), (k.CHECKED, "dis"), (k.CLOSED, "dis")):
        district.step(step, by)
        minutes(district, 1)
    minutes(district, 20)
    for _ in range(hours * 4):
        district.tick(15 * M)
    before = len(district.recording.messages)
    district.recording.always = None
    minutes(district, 6)
    news = [(m.address, m.title) for m in district.recording.messages[before:]]
    assert ("ann", "Call for help, Ms Zhang: closed") in news
    assert all(title.endswith(": closed") for _, title in news), "and nothing that is over"


def test_what_is_tried_for_a_day_is_told_of_while_it_is_news_and_when_it_is_given_up(district: District) -> None:
    """Each attempt was a fact on every desk: of one gateway that was down, and a closing that five were to hear of, 1450 a day."""
    district.tell("sign.sos", device="b")
    minutes(district, 2)
    for step, by in ((k.ACKNOWLEDGED, "com"), (k.FEEDBACK, "com"), (k.CHECKED, "dis")):
        district.step(step, by)
        minutes(district, 1)
    district.recording.always = DEAD
    district.step(k.CLOSED, "dis")
    closed = to_ms(district.now)
    for _ in range(25 * 12 + 40):
        district.tick(5 * M)
    assert district.watch.handovers.waiting() == 0, "given up in the end"
    failed = [f for f in district.ledger.about(ELDER, (k.NOTICE_FAILED,)) if f.at >= closed]
    of = Counter(f.payload["ref"] for f in failed)
    assert set(of.values()) == {9}, of
    day = timedelta(hours=24) // timedelta(milliseconds=1)
    assert {f.payload["ref"] for f in failed if f.at - closed > day} == set(of), "the last attempt is told of"
