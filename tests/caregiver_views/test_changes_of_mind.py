"""What staff change about an incident at its page: its severity, its time, what it is part of, and a step taken by mistake."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from PySide6.QtCore import QDate, Qt
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from caregiver.incidents.detail import IncidentDetail
from caregiver.invented import Feed, open_incident
from caregiver.main_window import MainWindow
from domain.duties import Actor
from domain.events import to_ms
from domain.incident import Incident
from domain.incident_kinds import ACKNOWLEDGED, EXTENSION_ASKED, GRADED, LOWERED, MERGED, State
from domain.people import Role
from offline.letters.put_aside import PUT_ASIDE
from offline.wire import FeedItem
from qtkit.shots import settle


class Page:
    """One incident's page in the real window, as a supervisor sees it in English."""

    def __init__(self, window: MainWindow, id: str, qtbot: QtBot) -> None:
        self.window, self.id, self.qtbot = window, id, qtbot
        self._feed = Feed("jinxiu", 80)
        self._feed.position = 1_000_000  # after all that came before

    @property
    def detail(self) -> IncidentDetail:
        found = self.window.open_incident(self.id).detail
        settle(self.window)
        return found

    @property
    def incident(self) -> Incident:
        self.window.arrivals.take()
        work = self.window.state.incidents.work(self.id)
        assert work is not None
        return work.incident

    def comes(self, *items: FeedItem) -> None:
        self.window.state.journal.absorb(list(items))
        self.window.arrivals.take()
        settle(self.window)

    def feed(self, kind: str, by: str, **more: object) -> FeedItem:
        told = {"incident": self.id, "by": by, **more}
        return self._feed.item(kind, told, self.incident.elder, self.window.state.now())

    def offered(self, words: str) -> list[QPushButton]:
        return [b for b in self.detail.findChildren(QPushButton) if b.text() == words and b.isVisible()]

    def press(self, words: str) -> None:
        (button,) = self.offered(words)
        button.click()
        self.window.arrivals.take()
        settle(self.window)

    def says(self, words: str) -> bool:
        return any(words in label.text() for label in self.detail.findChildren(QLabel) if label.isVisible())


@pytest.fixture
def page(open_window: Callable[..., MainWindow], qtbot: QtBot) -> Page:
    """Of an inactivity (P2) that nobody has taken; nothing else rings."""
    window = open_window("en")
    inactive = next(i for i in window.state.incidents.ringing() if i.id == "inactive-now")
    for incident in window.state.incidents.ringing():
        if incident.id != inactive.id:
            window.state.incidents.acknowledge(incident.id)
    window.arrivals.take()
    window.alarm.show_work(None)
    made = Page(window, inactive.id, qtbot)
    window.open_incident(inactive.id)
    settle(window)
    return made


def test_on_scene_pressed_by_mistake_is_taken_back_by_a_key(page: Page) -> None:
    page.press("Take it")
    page.press("On scene")
    there = page.incident.on_scene_at
    assert there is not None
    page.detail.setFocus()
    page.qtbot.keyClick(page.detail, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    settle(page.window)
    assert (page.incident.state, page.incident.on_scene_at) == (State.ACCEPTED, None)
    assert page.says("On scene (taken back)")
    page.press("Take back my last step")
    assert page.incident.state is State.DETECTED
    assert page.window.alarm.isVisible(), "nobody has it, so it rings again"
    assert not page.offered("Take back my last step")


def test_a_severity_is_changed_with_a_reason_and_only_to_what_may_be(page: Page) -> None:
    page.press("Change priority")
    ask = page.detail.ask
    assert [ask.choice.itemData(n) for n in range(ask.choice.count())] == ["1"], "nobody has looked yet"
    assert not ask.ok.isEnabled(), "without a reason"
    ask.note.setPlainText("The neighbour heard her call.")
    ask.ok.click()
    assert int(page.incident.severity) == 1
    (fact,) = page.window.state.journal.facts(GRADED)
    assert page.window.state.open_note(page.incident.elder, fact.payload or {}) == "The neighbour heard her call."
    assert page.says("Priority raised · Priority 1")


def test_a_fortnights_matter_is_given_more_time_by_a_second_person(page: Page) -> None:
    page.press("Take it")
    assert not page.offered("Ask for more time")
    page.comes(page.feed(LOWERED, "p-supervisor", severity=4))
    page.press("Ask for more time")
    ask = page.detail.ask
    ask.until.setDate(QDate(2026, 12, 20))
    ask.note.setPlainText("The spare part comes in December.")
    ask.ok.click()
    assert page.incident.extension_asked is not None
    assert not page.offered("Allow the extension"), "not one's own"
    assert page.says("Somebody else in charge must allow or decline it.")
    page.window.state.incidents.actor = Actor("p-other", Role.SUPERVISOR)
    page.detail.refresh()
    page.press("Allow the extension")
    until = page.incident.extended_until
    assert until is not None
    assert f"{page.window.state.local(until):%Y-%m-%d}" == "2026-12-20"
    assert page.says("It may wait until 2026-12-20.")


def more_time_is_asked_for(page: Page) -> None:
    until = to_ms(page.window.state.now() + timedelta(days=20))
    page.comes(
        page.feed(ACKNOWLEDGED, "p-sun-li"),
        page.feed(LOWERED, "p-supervisor", severity=4),
        page.feed(EXTENSION_ASKED, "p-sun-li", until=until),
    )


def test_more_time_is_declined_with_a_reason_and_may_be_asked_for_again(page: Page) -> None:
    more_time_is_asked_for(page)
    assert not page.offered("Ask for more time"), "somebody asks already"
    page.press("Decline the extension")
    ask = page.detail.ask
    assert not ask.ok.isEnabled(), "without a reason"
    ask.note.setPlainText("The lamp is for sale round the corner.")
    ask.ok.click()
    assert page.incident.extension_asked is None
    assert page.says("Extension declined")
    assert page.says("The lamp is for sale round the corner.")
    assert page.offered("Ask for more time")
    assert not page.offered("Allow the extension")


def test_whoever_leads_lowers_it_by_the_same_button(page: Page) -> None:
    page.press("Take it")
    page.press("Change priority")
    ask = page.detail.ask
    ask.choice.setCurrentIndex(ask.choice.findData("3"))
    ask.note.setPlainText("She is at her daughter's, who telephoned.")
    ask.ok.click()
    assert int(page.incident.severity) == 3
    assert [(f.payload or {})["severity"] for f in page.window.state.journal.facts(LOWERED)] == [3]
    assert page.says("Priority lowered · Priority 3")


@pytest.mark.parametrize("kind", [LOWERED, MERGED])
def test_what_the_district_did_not_take_changes_nothing_at_the_desk_that_wrote_it(page: Page, kind: str) -> None:
    now, feed = page.window.state.now(), Feed("jinxiu", 92)
    page.comes(*open_incident(feed, "fall-too", "fall", page.incident.elder, now - timedelta(minutes=1), "hall"))
    page.press("Take it")
    before = page.incident
    page.window.state.incidents.step(page.id, kind, severity=4, into="fall-too")
    page.window.arrivals.take()
    assert page.incident != before
    journal = page.window.state.journal
    (own,) = (f.envelope for f in journal.facts(kind))
    answer = {"device": own.device, "epoch": own.epoch, "seq": own.seq, "because": "no_duty"}
    page.comes(feed.item(PUT_ASIDE, answer, None, now))
    assert page.incident == before
    assert before in page.window.state.incidents.open()
    assert any(r["incident"] == page.id for r in page.window.open_incident(page.id).model.rows)
    (event,) = journal.numbered(own.epoch, own.seq, own.seq, 1)
    page.comes(FeedItem(2_000_000, own.device, own.epoch, event, to_ms(now), True))
    assert page.incident != before, "tried again, it was taken after all"
    journal.rebuild()
    assert page.incident != before, "and stays so"


def test_a_request_for_more_time_stands_in_the_list(page: Page) -> None:
    more_time_is_asked_for(page)
    table = page.window.open_incident(page.id).model
    row = next(n for n, r in enumerate(table.rows) if r["incident"] == page.id)
    assert "Asks for time" in table.index(row, 0).data()


def test_what_is_the_same_is_merged_and_a_mistake_reopened(page: Page) -> None:
    assert not page.offered("Merge into another"), "there is no other about this elder"
    now = page.window.state.now()
    feed = Feed("jinxiu", 90)
    page.comes(*open_incident(feed, "fall-too", "fall", page.incident.elder, now - timedelta(minutes=1), "hall"))
    page.window.alarm.show_work(None)
    page.press("Merge into another")
    ask = page.detail.ask
    assert ask.choice.value == "fall-too"
    ask.ok.click()
    assert (page.incident.state, page.incident.merged_into) == (State.MERGED, "fall-too")
    assert page.says('Merged into "Suspected fall"')
    (fact,) = page.window.state.journal.facts(MERGED)
    assert (fact.payload or {})["into"] == "fall-too"
    page.press("Reopen")
    page.detail.ask.ok.click()
    assert page.incident.state is State.DETECTED


def test_a_graver_one_is_never_merged_into_a_milder(page: Page) -> None:
    now = page.window.state.now()
    feed = Feed("jinxiu", 91)
    page.comes(*open_incident(feed, "fall-too", "fall", page.incident.elder, now - timedelta(minutes=1), "hall"))
    assert page.window.state.incidents.mergeable("fall-too") == []
    assert MERGED not in page.window.state.incidents.allowed("fall-too")
