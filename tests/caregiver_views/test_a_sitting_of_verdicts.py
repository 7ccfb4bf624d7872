"""Hundreds of passages read at one sitting, by keys: each key falls on the passage that is read, and on no other."""

import threading
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from caregiver.gatelog.log import GateFilter, Passage
from caregiver.gatelog.log import page as read_page
from caregiver.gatelog.page import GateLogPage
from caregiver.invented import Feed
from caregiver.main_window import MainWindow
from caregiver.memory.reading import Reader
from tests.caregiver_views.pages import at

FEW = 12


@pytest.fixture
def page(window: MainWindow, qtbot: QtBot) -> GateLogPage:
    window.alarm.show_work(None)
    found = at(window, "gatelog", GateLogPage)
    found.filters.days.choose("all")
    found.filters.method.choose("face")
    qtbot.waitUntil(lambda: len(found.model.rows) > FEW and not found._busy, timeout=10_000)
    return found


def said(page: GateLogPage, number: int) -> list[str]:
    return [verdict for _, verdict in page.model.rows[number].verdicts]


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """What is read of the log comes once this is set, a few passages at a time and no more of the first page than a few."""
    slow = threading.Event()

    def later(reader: Reader, wanted: GateFilter, before: Any = None) -> list[Passage]:
        assert slow.wait(10)
        return read_page(reader, wanted, before, limit=FEW)

    monkeypatch.setattr("caregiver.gatelog.page.page", later)
    return slow


def at_the_last(page: GateLogPage) -> int:
    """As if there were no more yet, and the reader at the last of them."""
    page.model.show(page.model.rows[:FEW])
    page.table.selectRow(FEW - 1)
    page.table.setFocus()
    return FEW - 1


def test_a_key_before_the_next_page_has_come_does_not_fall_on_the_passage_before(
    page: GateLogPage, qtbot: QtBot, held: threading.Event
) -> None:
    last = at_the_last(page)
    page.judge("right")
    page.judge("unsure")  # pressed on
    assert said(page, last) == ["right"]
    assert page.table.currentIndex().row() == last
    held.set()
    qtbot.waitUntil(lambda: page.table.currentIndex().row() == FEW)
    page.judge("unsure")
    assert (said(page, last), said(page, FEW)) == (["right"], ["unsure"])


def test_the_last_one_judged_while_the_list_is_read_anew_leaves_no_key_dead_and_is_not_overwritten(
    page: GateLogPage, qtbot: QtBot, held: threading.Event
) -> None:
    last = at_the_last(page)
    page.reload()
    page.judge("right")
    page.judge("unsure")  # pressed on
    held.set()
    qtbot.waitUntil(lambda: not page._busy)
    page.judge("unsure")
    assert said(page, last) == ["right"]
    assert "先按 0 收回" in page.said.label.text(), "it ends there, and says so"
    page.table.selectRow(0)
    page.judge("unsure")
    assert said(page, 0) == ["unsure"]


def test_where_nothing_more_came_a_key_that_is_pressed_on_overwrites_nothing(
    page: GateLogPage, qtbot: QtBot, held: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("caregiver.gatelog.page.page", lambda *_: held.wait(10) and [])
    last = at_the_last(page)
    page.judge("right")
    held.set()
    qtbot.waitUntil(lambda: not page._busy)
    page.judge("unsure")
    assert said(page, last) == ["right"]
    assert "先按 0 收回" in page.said.label.text()


def test_who_has_chosen_another_while_the_next_ones_are_read_stays_there(
    page: GateLogPage, qtbot: QtBot, held: threading.Event
) -> None:
    at_the_last(page)
    page.judge("right")
    page.table.selectRow(3)
    page.judge("unsure")
    assert said(page, 3) == ["unsure"]
    assert page.table.currentIndex().row() == 4
    held.set()
    qtbot.waitUntil(lambda: len(page.model.rows) > FEW)
    assert page.table.currentIndex().row() == 4


def test_a_passage_that_comes_lets_no_key_overwrite_the_last_one_that_was_just_judged(
    page: GateLogPage, qtbot: QtBot, held: threading.Event
) -> None:
    last = at_the_last(page)
    page._ended = True
    held.set()
    page.judge("right")
    page.reload()  # as for one that has come
    qtbot.waitUntil(lambda: not page._busy)
    page.judge("unsure")
    assert said(page, last) == ["right"]


def test_at_the_end_of_the_list_a_key_that_is_pressed_on_overwrites_nothing(page: GateLogPage, qtbot: QtBot) -> None:
    last = at_the_last(page)
    page._ended = True
    page.judge("right")
    assert "列表到此为止" in page.said.label.text()
    page.judge("unsure")
    assert said(page, last) == ["right"]
    assert "先按 0 收回" in page.said.label.text()
    page._take_back()
    page.judge("unsure")
    assert said(page, last) == ["unsure"], "who means it says it"


def test_what_another_reader_says_meanwhile_counts_before_ones_own(
    window: MainWindow, page: GateLogPage, qtbot: QtBot
) -> None:
    page.judge("right")
    row, fact = 0, page.model.rows[0].fact
    id = window.state.reader.value("SELECT id FROM facts WHERE rowid = ?", (fact,))
    told = {"passage": id, "by": "p-other", "verdict": "right"}
    settled = Feed("jinxiu", 91).item("verdict.given", told, None, window.state.now(), "desk-2")
    with qtbot.waitSignal(window.synced, timeout=5000):
        window.state.journal.absorb([settled])
    qtbot.waitUntil(lambda: "两人一致 1 条" in page.figures.text(), timeout=10_000)
    page.table.selectRow(row)
    page.judge("unsure")
    assert "已定论" in page.said.label.text()
    assert sorted(said(page, row)) == ["right", "right"]
