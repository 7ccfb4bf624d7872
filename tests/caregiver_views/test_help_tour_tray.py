"""What helps somebody who sits here for the first time: the list of keys, the three steps, the icon in the tray."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QRect, QSettings, Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QLabel, QSystemTrayIcon
from pytestqt.qtbot import QtBot

from caregiver.elders.plan_page import PlanPage
from caregiver.elders.standing import Urgency
from caregiver.frame.help import Help
from caregiver.invented import Feed, open_incident
from caregiver.main_window import MainWindow
from offline.line.link import Link, SyncStatus
from qtkit.shots import settle
from tests.caregiver_views.pages import here

pytestmark = pytest.mark.qt_log_ignore("systemTrayWindowChanged")
Opener = Callable[..., MainWindow]


def answer(window: MainWindow) -> None:
    """Take all that rings; the last one's page is shown."""
    for incident in window.state.incidents.ringing():
        window.ringing.acknowledge(incident.id)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_f1_lists_every_shortcut_that_there_is(open_window: Opener, qtbot: QtBot, language: str) -> None:
    window = open_window(language)
    answer(window)
    settle(window)
    qtbot.keyClick(window, Qt.Key.Key_F1)
    (help_,) = window.findChildren(Help)
    assert help_.isVisible()
    assert not help_.isModal(), "one may read and work at the same time"
    said = {label.text() for label in help_.findChildren(QLabel)}
    listed = {QKeySequence(words).toString() for words in said if words.isascii()}
    listed |= {f"Ctrl+{n}" for n in range(1, 7)} | {str(n) for n in range(1, 7)} | {"Ctrl+=", "Ctrl+-"}
    keys = {s.key().toString() for s in window.findChildren(QShortcut) if s.isEnabled()}
    assert len(keys) > 12
    assert keys - {"Return"} <= listed
    help_.close()


def test_the_first_run_shows_three_steps_by_keyboard_and_never_again(
    open_window: Opener, qtbot: QtBot, tmp_path: Path
) -> None:
    kept = QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat)
    answer(open_window())
    window = open_window("en", settings=kept)
    qtbot.waitUntil(window.tour.isVisible)
    pages = []
    for number in (1, 2, 3):
        assert window.tour.count.text() == f"{number} / 3"
        pages.append(window.page)
        qtbot.keyClick(window.tour.next, Qt.Key.Key_Space)
    assert pages == ["board", "incidents", "reports"]
    assert window.tour.isHidden()
    assert window.page == "board"
    window.close()
    again = open_window("en", settings=kept)
    settle(again)
    assert again.tour.isHidden()


def test_the_tour_covers_nothing_that_it_speaks_of(open_window: Opener, qtbot: QtBot) -> None:
    window = open_window()
    answer(window)
    window.tour.begin()
    window.open_plan(window.state.elders.board.rows()[0].id)
    settle(window)
    page = here(window, PlanPage)
    window.tour.show()
    settle(window)
    place = QRect(window.tour.mapTo(window, QPoint()), window.tour.size())
    for shown in (window.rooms, page.save):
        assert not place.intersects(QRect(shown.mapTo(window, QPoint()), shown.size()))


def test_to_change_the_language_does_not_lead_back_to_the_step(open_window: Opener, qtbot: QtBot) -> None:
    window = open_window()
    answer(window)
    window.tour.begin()
    window.tour.end()
    window.go("incidents")
    window.desk.language.toggle()
    assert window.page == "incidents"


def test_esc_ends_the_tour(open_window: Opener, qtbot: QtBot, tmp_path: Path) -> None:
    answer(open_window())
    window = open_window(settings=QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat))
    qtbot.waitUntil(window.tour.isVisible)
    qtbot.keyClick(window.tour.next, Qt.Key.Key_Escape)
    assert window.tour.isHidden()


def test_an_alarm_puts_the_tour_off_until_another_day(open_window: Opener, qtbot: QtBot, tmp_path: Path) -> None:
    kept = QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat)
    ringing = open_window(settings=kept)
    settle(ringing)
    assert ringing.alarm.isVisible()
    assert ringing.tour.isHidden(), "the keyboard belongs to the alarm"
    answer(ringing)
    state = ringing.desk.state
    assert ringing.tour.isHidden(), "whoever took it has other things to do"
    ringing.close()
    window = open_window(settings=kept)
    qtbot.waitUntil(window.tour.isVisible)
    elder = window.state.elders.board.rows()[-1].id
    with qtbot.waitSignal(window.alarm_painted, timeout=5000):
        window.state.journal.absorb(open_incident(Feed("jinxiu", 81), "fresh", "sos", elder, state.now(), ""))
    assert window.tour.isHidden()
    assert window.alarm.take.hasFocus()


@pytest.fixture
def tray(
    open_window: Opener, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> Iterator[tuple[MainWindow, QSystemTrayIcon]]:
    """The real icon, though the off-screen plugin has no tray to put it in. It comes late, as a panel does at log-in."""
    monkeypatch.setattr("caregiver.frame.tray.LOOK_MS", 10)
    window = open_window()
    assert window.tray.findChildren(QSystemTrayIcon) == []
    monkeypatch.setattr(QSystemTrayIcon, "isSystemTrayAvailable", lambda: True)
    qtbot.waitUntil(lambda: len(window.tray.findChildren(QSystemTrayIcon)) == 1)
    (icon,) = window.tray.findChildren(QSystemTrayIcon)
    assert icon.isVisible()
    yield window, icon
    icon.hide()


def test_the_tray_shows_the_worst_state_in_colour_and_word(
    tray: tuple[MainWindow, QSystemTrayIcon], monkeypatch: pytest.MonkeyPatch
) -> None:
    window, icon = tray
    shown = [window.tray.worst]
    assert icon.toolTip().endswith("· 告警")
    before = icon.icon().pixmap(32).toImage()
    monkeypatch.setattr(window.state.elders.board, "worst", lambda: Urgency.WELL)
    window.tray.refresh()
    assert icon.toolTip().endswith("· 安好")
    assert icon.icon().pixmap(32).toImage() != before
    now = window.state.clock.now_ms()
    window.state._heard(SyncStatus(Link.UNREACHABLE, last_ok=now, since=now))
    window.tray.refresh()
    shown.append(window.tray.worst)
    assert shown == [Urgency.ALARM, Urgency.BLIND], "who is cut off does not know that everybody is well"


def test_a_click_on_the_tray_brings_the_window_back(tray: tuple[MainWindow, QSystemTrayIcon]) -> None:
    window, icon = tray
    window.showMinimized()
    icon.activated.emit(QSystemTrayIcon.ActivationReason.Trigger)
    assert not window.isMinimized()
