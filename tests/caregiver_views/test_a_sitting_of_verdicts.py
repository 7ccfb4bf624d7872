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


def test_a_key_before_the_next_page_has_come_does_not_fall_on_the_passage_before(
    page: GateLogPage, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = threading.Event()

    def later(reader: Reader, wanted: GateFilter, before: Any = None) -> list[Passage]:
        assert slow.wait(10)
        return read_page(reader, wanted, before, limit=FEW)

    monkeypatch.setattr("caregiver.gatelog.page.page", later)
    page.model.show(page.model.rows[:FEW])  # as if there were no more yet
    last = FEW - 1
    page.table.selectRow(last)
    page.judge("right")
    page.judge("unsure")  # pressed on
    assert said(page, last) == ["right"]
    assert page.table.currentIndex().row() == last
    slow.set()
    qtbot.waitUntil(lambda: page.table.currentIndex().row() == FEW)
    page.judge("unsure")
    assert (said(page, last), said(page, FEW)) == (["right"], ["unsure"])


def test_at_the_end_of_the_list_a_key_that_is_pressed_on_overwrites_nothing(page: GateLogPage, qtbot: QtBot) -> None:
    page.model.show(page.model.rows[:FEW])
    page._ended = True
    last = FEW - 1
    page.table.selectRow(last)
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
