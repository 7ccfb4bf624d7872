"""Putting up, moving and taking down a home's devices in the real window."""

import re
from itertools import islice
from typing import Any

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from caregiver.admin.devices_tab import DevicesTab
from caregiver.admin.page import AdminPage
from caregiver.asking import Asking
from caregiver.main_window import MainWindow
from tests.caregiver_views.pages import at
from watch.signs import REGISTERED, REMOVED


@pytest.fixture
def tab(window: MainWindow, qtbot: QtBot) -> DevicesTab:
    page = at(window, "admin", AdminPage)
    page.setCurrentWidget(page.devices)
    qtbot.waitUntil(lambda: bool(page.devices.model.rows), timeout=10_000)
    return page.devices


def told(window: MainWindow, kind: str) -> list[tuple[str | None, dict[str, Any]]]:
    facts = window.state.journal.facts(kind)
    return [(f.envelope.subject, f.payload or {}) for f in facts if (f.payload or {}).get("by")]


def find(tab: DevicesTab, qtbot: QtBot, device: str) -> int:
    def number() -> int:
        return next((n for n, r in enumerate(tab.model.rows) if r["device"] == device), -1)

    qtbot.waitUntil(lambda: number() >= 0, timeout=10_000)
    return number()


def test_a_device_is_put_up_in_the_home_of_whoever_was_found_and_taken_back(
    window: MainWindow, tab: DevicesTab, qtbot: QtBot
) -> None:
    elder = next(iter(window.state.people))
    assert not tab.add.isEnabled()
    tab.elder.setFocus()
    qtbot.keyClicks(tab.elder, elder.profile.flat)
    qtbot.keyClick(tab.elder, Qt.Key.Key_Return)
    assert tab.elder.value == elder.id
    assert not tab.add.isEnabled()  # a device without a name is none
    qtbot.keyClicks(tab.name, "hall-9")
    tab.kind.choose("motion")
    tab.every.setValue(10)
    qtbot.mouseClick(tab.add, Qt.MouseButton.LeftButton)
    (subject, payload) = told(window, REGISTERED)[-1]
    assert subject == elder.id
    assert {k: payload[k] for k in ("device", "kind", "every_min")} == {
        "device": "hall-9",
        "kind": "motion",
        "every_min": 10,
    }
    find(tab, qtbot, "hall-9")
    assert elder.name in tab.said.label.text()
    tab.undo.click()
    qtbot.waitUntil(lambda: all(r["device"] != "hall-9" for r in tab.model.rows), timeout=10_000)
    assert told(window, REMOVED) == [(elder.id, {"device": "hall-9", "by": window.state.session.person})]


def test_of_a_wearable_it_is_told_where_it_is_worn(window: MainWindow, tab: DevicesTab, qtbot: QtBot) -> None:
    assert not tab.worn.isVisibleTo(tab)
    for device, kind, position in (("watch-9", "wearable", "waist"), ("hall-9", "motion", None)):
        tab.elder.choose(next(iter(window.state.people)))
        tab.name.setText(device)
        tab.kind.choose(kind)
        assert tab.worn.isVisibleTo(tab) == (kind == "wearable")
        tab.worn.choose("waist")
        tab.add.click()
        find(tab, qtbot, device)
        assert told(window, REGISTERED)[-1][1].get("position") == position


def test_a_device_put_up_in_another_home_no_longer_watches_over_the_first(
    window: MainWindow, tab: DevicesTab, qtbot: QtBot
) -> None:
    first, second = islice(window.state.people, 2)
    for elder in (first, second):
        tab.elder.choose(elder)
        tab.name.setText("hall-9")
        tab.add.click()
        find(tab, qtbot, "hall-9")
    assert [subject for subject, _ in told(window, REMOVED)] == [first.id]
    qtbot.waitUntil(lambda: tab.model.rows[find(tab, qtbot, "hall-9")]["person"] == second.id, timeout=10_000)
    assert not tab.undo.isVisibleTo(tab)


def test_one_taken_down_by_mistake_comes_back_as_it_was(window: MainWindow, tab: DevicesTab, qtbot: QtBot) -> None:
    tab.elder.choose(next(iter(window.state.people)))
    tab.name.setText("hall-9")
    tab.every.setValue(30)
    tab.add.click()
    tab.table.selectRow(find(tab, qtbot, "hall-9"))
    tab.remove.click()
    qtbot.waitUntil(lambda: all(r["device"] != "hall-9" for r in tab.model.rows), timeout=10_000)
    tab.undo.click()
    find(tab, qtbot, "hall-9")
    assert told(window, REGISTERED)[-1][1]["every_min"] == 30


def test_nobody_stands_chosen_any_more_once_the_line_is_changed(
    window: MainWindow, tab: DevicesTab, qtbot: QtBot
) -> None:
    tab.elder.choose(next(iter(window.state.people)))
    tab.name.setText("hall-9")
    assert tab.add.isEnabled()
    qtbot.keyClicks(tab.elder, "x")
    assert tab.elder.value == ""
    assert not tab.add.isEnabled()


def test_when_each_was_last_heard_stands_in_one_form_and_exactly_on_hover(tab: DevicesTab) -> None:
    number = [c.key for c in tab.model.columns].index("seen")
    cells = [tab.model.index(row, number) for row in range(tab.model.rowCount())]
    form = {re.sub(r"\d", "0", cell.data()) for cell in cells}
    heard = next(cell for cell in cells if cell.data() != "–")
    assert form <= {"00-00 00:00", "–"}, "an eye that runs down meets one form"
    assert "00-00 00:00" in form
    assert re.fullmatch(r"20\d\d-\d\d-\d\d \d\d:\d\d:\d\d", heard.data(Qt.ItemDataRole.ToolTipRole))


class Knows:
    """A district whose intake has heard these."""

    bearer = ""

    def __init__(self, *told: dict[str, Any]) -> None:
        self._told = list(told)

    def as_person(
        self, method: str, target: str, asked: dict[str, Any] | None = None, within_s: float | None = None
    ) -> Any:
        assert (method, target, asked) == ("GET", "/v1/strangers", None)
        return self._told


def test_a_device_that_is_heard_and_stands_nowhere_is_chosen_and_need_not_be_copied_by_hand(
    window: MainWindow, tab: DevicesTab, qtbot: QtBot
) -> None:
    own = window.state.journal.community
    assert not tab.strangers.isVisibleTo(tab)
    line = Knows(
        {"community": own, "device": "0x00158d0003e2c4a1", "heard": 1_795_000_000_000, "said": "door True"},
        {"community": "elsewhere", "device": "theirs", "heard": 1_795_000_000_000, "said": "door True"},
    )
    tab.strangers._asking = Asking(line, lambda: "token", "accounts", {})
    tab.refresh()
    qtbot.waitUntil(lambda: tab.strangers.isVisibleTo(tab), timeout=10_000)
    assert [tab.strangers.itemData(n) for n in range(tab.strangers.count())] == ["", "0x00158d0003e2c4a1"]
    tab.strangers.setFocus()
    qtbot.keyClick(tab.strangers, Qt.Key.Key_Down)
    assert (tab.name.text(), tab.kind.value) == ("0x00158d0003e2c4a1", "door")
    tab.elder.choose(next(iter(window.state.people)))
    tab.add.click()
    find(tab, qtbot, "0x00158d0003e2c4a1")
    assert not tab.strangers.isVisibleTo(tab), "though the district has not heard of it yet"


def test_where_no_device_stands_it_is_said_what_to_do(window: MainWindow, tab: DevicesTab) -> None:
    tab._got([])
    assert tab.none.isVisibleTo(tab)
    assert not tab.table.isVisibleTo(tab)
    assert "先登记居民" in tab.none.label.text()
