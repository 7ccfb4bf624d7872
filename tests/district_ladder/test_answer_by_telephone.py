"""Whoever has nothing but a telephone takes an alarm, says that they come, that they are there, and how it ended."""

from datetime import timedelta
from typing import Any

import pytest

from district.reaching.replies import Page, Shown
from domain import incident_kinds as k
from domain.incident_kinds import Level, State
from domain.replying import Step
from tests.district_ladder.conftest import ELDER, District
from watch.ledger import Seen


@pytest.fixture
def token(district: District) -> str:
    district.tell("sign.sos", device="b")
    district.tick()
    return latest(district)


def latest(district: District) -> str:
    return district.recording.messages[-1].body.rpartition("/r/")[2].split()[0]


def press(district: District, token: str, step: Step, outcome: str = "") -> Page:
    page = district.watch.replies.act(token, district.now, step, outcome)
    district.tick(timedelta(seconds=20))
    return page


def test_from_taking_it_to_the_report(district: District, token: str) -> None:
    taken = press(district, token, Step.TAKE)
    assert district.watch.replies.look(taken.onward, district.now).steps == (Step.COMING, Step.THERE)
    coming = press(district, taken.onward, Step.COMING)
    assert district.incident().state is State.HANDLING
    there = press(district, coming.onward, Step.THERE)
    assert district.incident().arrived_after == timedelta(seconds=40)
    reported = press(district, there.onward, Step.REPORT, "hospital")
    assert (reported.shown, reported.onward) == (Shown.THANKS, "")
    assert (district.incident().state, district.incident().outcome) == (State.FEEDBACK, "hospital")
    assert {
        f.payload["by"] for kind in (k.HANDLING, k.ON_SCENE, k.FEEDBACK) for f in district.ledger.about(ELDER, [kind])
    } == {"ann"}


def test_who_takes_it_at_the_moment_at_which_the_next_level_is_called_has_it(
    district: District, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    add, pages = district.ledger.add, list[Page]()

    def pressed_before(kind: str, *fact: Any) -> Seen:
        if kind == k.ESCALATED and not pages:
            pages.append(district.watch.replies.act(token, district.now, Step.TAKE))
        return add(kind, *fact)

    monkeypatch.setattr(district.ledger, "add", pressed_before)
    district.tick(timedelta(seconds=60))
    assert [district.watch.replies.look(page.onward, district.now).steps for page in pages] == [
        (Step.COMING, Step.THERE)
    ]
    assert (district.incident().level, district.incident().leader) == (Level.COMMUNITY, "ann")
    district.tick(timedelta(seconds=200))
    assert "str" not in district.told()


def test_a_link_acts_once_and_the_next_page_has_its_own(district: District, token: str) -> None:
    taken = press(district, token, Step.TAKE)
    assert taken.onward != token
    for again in (Step.TAKE, Step.COMING, Step.THERE):
        assert press(district, token, again).shown is Shown.USED
    assert district.incident().state is State.ACCEPTED


def test_whoever_is_on_the_way_is_not_taken_for_having_forgotten(district: District, token: str) -> None:
    press(district, press(district, token, Step.TAKE).onward, Step.COMING)
    district.tick(timedelta(minutes=10))
    assert district.incident().level is Level.HOME
    assert district.told() == ["ann"]


def test_whoever_has_not_said_that_they_are_there_is_reminded_with_a_link_that_says_it(
    district: District, token: str
) -> None:
    press(district, press(district, token, Step.TAKE).onward, Step.COMING)
    district.tick(timedelta(minutes=45))
    (reminder,) = [m for m in district.recording.messages if "Tell how it goes" in m.body]
    assert reminder.person == "ann"
    press(district, latest(district), Step.THERE)
    assert district.incident().on_scene_at is not None


def test_a_button_of_an_old_page_does_nothing_and_shows_the_present_one(district: District, token: str) -> None:
    taken = press(district, token, Step.TAKE)
    district.step(k.ON_SCENE, "ann")  # said at a desk meanwhile
    page = press(district, taken.onward, Step.COMING)
    assert (page.shown, page.steps) == (Shown.ASK, (Step.REPORT,))
    assert district.ledger.about(ELDER, [k.HANDLING]) == []


@pytest.mark.parametrize("outcome", ["", "all well"])
def test_a_report_says_how_it_ended(district: District, token: str, outcome: str) -> None:
    there = press(district, press(district, token, Step.TAKE).onward, Step.THERE)
    assert press(district, there.onward, Step.REPORT, outcome).shown is Shown.ASK
    assert district.ledger.about(ELDER, [k.FEEDBACK]) == []


def test_after_the_report_nothing_is_asked_of_those_who_open_their_link(district: District, token: str) -> None:
    for kind in (k.ACKNOWLEDGED, k.ON_SCENE, k.FEEDBACK):
        district.step(kind, "bo")
    page = district.watch.replies.look(token, district.now)
    assert (page.shown, page.steps) == (Shown.REPORTED, ())
