"""Long work: it says how far it is, can be stopped, and leaves nothing half-done."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from caregiver.main_window import MainWindow
from caregiver.parts.working import Working
from caregiver.residents.importing import take_over
from caregiver.residents.page import ResidentsPage
from offline.journal.journal import Journal
from offline.keys.keystore import Keystore
from qtkit.shots import settle
from tests.caregiver_views.pages import at


class Held:
    """Work that waits to be let on, a step at a time."""

    def __init__(self) -> None:
        self.go = threading.Event()

    def __call__(self, told: Callable[[float], None]) -> str:
        told(0.5)
        assert self.go.wait(10)
        told(0.9)
        return "done"


def test_long_work_shows_how_far_it_is_and_can_be_stopped(window: MainWindow, qtbot: QtBot) -> None:
    working, held, heard = Working(window.desk), Held(), list[object]()
    qtbot.addWidget(working)
    working.run("…", held, heard.append, heard.append, lambda: heard.append("stopped"))
    qtbot.waitUntil(working.isVisible, timeout=5_000)
    qtbot.waitUntil(lambda: working.bar.value() == 500, timeout=5_000)
    working.run("…", held, heard.append, heard.append)  # one thing at a time
    working.cancel.click()
    held.go.set()
    qtbot.waitUntil(lambda: heard == ["stopped"], timeout=5_000)
    assert not working.isVisible()
    working.run("…", held, heard.append, heard.append)
    qtbot.waitUntil(lambda: heard == ["stopped", "done"], timeout=5_000)


def test_an_import_that_is_stopped_takes_over_nobody(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window.alarm.show_work(None)
    page = at(window, "residents", ResidentsPage)
    path = tmp_path / "t.csv"
    path.write_text("姓名,门牌\n" + "".join(f"王{n},99-1-{n}\n" for n in range(1000)), "utf-8")
    page.importing.read(path)
    qtbot.waitUntil(lambda: page.stack.currentIndex() == 1, timeout=10_000)
    before = len(window.state.journal.facts("person.registered"))

    def stopped(lines: Any, journal: Journal, keys: Keystore, told: Callable[[float], None]) -> list[str]:
        page.working.stop()
        return take_over(lines, journal, keys, told)

    monkeypatch.setattr("caregiver.residents.taking_over.take_over", stopped)
    page.importing.take.click()
    qtbot.waitUntil(lambda: page.said.label.text().startswith("已停止"), timeout=10_000)
    assert len(window.state.journal.facts("person.registered")) == before
    assert page.importing.take.isEnabled(), "they may try again"
    settle(window)


def test_five_thousand_rows_with_three_hundred_bad_ones_are_told_apart_before_anybody_is_taken_over(
    open_window: Callable[..., MainWindow], qtbot: QtBot, tmp_path: Path
) -> None:
    window = open_window("en")
    window.alarm.show_work(None)
    page = at(window, "residents", ResidentsPage)
    path = tmp_path / "t.csv"
    rows = (f"王{n},{n // 50 + 20}-1-{n}" if n % 16 or n >= 4800 else f"王{n}," for n in range(5000))
    path.write_text("姓名,门牌\n" + "\n".join(rows), "utf-8")
    page.importing.read(path)
    qtbot.waitUntil(lambda: page.stack.currentIndex() == 1, timeout=20_000)
    assert page.importing.counted.text() == window.desk.tr("residents.counted", good=4700, bad=300)
    first = page.importing.lines.rows[0]
    assert first.problems, "what is wrong stands on top"
    shown = [page.importing.lines.index(0, n).data() for n in range(page.importing.lines.columnCount())]
    assert str(first.number) in shown
    people = len(window.state.people)
    page.importing.take.click()
    qtbot.waitUntil(lambda: page.said.label.text() == window.desk.tr("residents.taken", n=4700), timeout=30_000)
    qtbot.waitUntil(lambda: not window.state.more, timeout=20_000)
    assert len(window.state.people) == people + 4700
