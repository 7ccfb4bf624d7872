"""From the alarm itself somebody else is called to it, and nothing that stood open keeps anybody from the alarm."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication, QDialog, QFileDialog, QLineEdit
from pytestqt.qtbot import QtBot

from caregiver.invented import Feed, open_incident
from caregiver.main_window import MainWindow
from caregiver.reports.page import ReportsPage
from domain.errors import Mendable
from domain.incident_kinds import DISPATCHED, TRANSFERRED
from domain.people import Role
from qtkit.alarm import AlarmSound
from qtkit.shots import settle
from tests.caregiver_views.conftest import NOW, Opener
from tests.caregiver_views.pages import at
from tests.fakes.players import SilentPlayer
from tests.fakes.there import there


def press(window: MainWindow, qtbot: QtBot, *keys: Qt.Key) -> None:
    """What the keyboard is on gets them, one after the other."""
    for key in keys:
        qtbot.keyClick(there(QApplication.focusWidget()), key)


@pytest.mark.parametrize(
    ("role", "words", "kind"),
    [
        (Role.SUPERVISOR, "Send somebody (key D)", DISPATCHED),
        (Role.CAREGIVER, "Hand over (key D)", TRANSFERRED),
    ],
)
def test_somebody_is_sent_with_four_keys_while_it_covers_the_window(
    open_window: Opener, qtbot: QtBot, tmp_path: Path, role: Role, words: str, kind: str
) -> None:
    player = SilentPlayer()
    window = open_window("en", role=role, sound=AlarmSound(player, tmp_path))
    window.activateWindow()
    alarm, state = window.alarm, window.state
    first, second = (incident.id for incident in state.incidents.ringing())
    assert alarm.send.text() == words
    press(window, qtbot, Qt.Key.Key_D)
    assert alarm.ask.choice.hasFocus()
    assert state.session.person not in [alarm.ask.choice.itemData(n) for n in range(alarm.ask.choice.count())]
    press(window, qtbot, Qt.Key.Key_Return)
    assert there(alarm.incident).id == first, "Enter in the list takes nothing"
    while not alarm.ask.ok.hasFocus():
        press(window, qtbot, Qt.Key.Key_Tab)
    chosen = alarm.ask.choice.value
    press(window, qtbot, Qt.Key.Key_Return)
    (told,) = [f.payload for f in state.journal.facts(kind) if f.payload and f.payload["incident"] == first]
    assert told["to"] == [chosen]
    assert there(alarm.incident).id == second, "the next one is heard, and not the one that somebody is sent to"
    qtbot.waitUntil(lambda: not window.steady.holds)  # a second press of Enter takes nothing that nobody has read
    press(window, qtbot, Qt.Key.Key_Return)
    assert alarm.isHidden()
    assert player.playing == ""


def test_the_one_sent_does_not_answer_and_it_rings_again_by_itself(
    open_window: Opener, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_window("en")
    state = window.state
    for incident in state.incidents.ringing():
        state.incidents.step(incident.id, DISPATCHED, to=["p-son"])
    qtbot.waitUntil(window.alarm.isHidden)
    monkeypatch.setattr(state, "now", lambda: NOW + timedelta(minutes=2))
    qtbot.waitUntil(window.alarm.isVisible, timeout=3000)


def test_esc_puts_the_question_away_and_another_alarm_does_too(window: MainWindow, qtbot: QtBot) -> None:
    window.activateWindow()
    alarm = window.alarm
    press(window, qtbot, Qt.Key.Key_D, Qt.Key.Key_Escape)
    assert alarm.ask.isHidden()
    assert alarm.send.hasFocus()
    press(window, qtbot, Qt.Key.Key_D)
    window.ringing.acknowledge(there(alarm.incident).id)
    assert alarm.ask.isHidden(), "whom one chose was meant for the other"
    assert alarm.take.hasFocus()


def test_that_nobody_could_be_sent_is_said_on_the_alarm(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = Mendable("disk_full", path="/disk")
    monkeypatch.setattr(window.state.incidents, "step", lambda *_a, **_k: (_ for _ in ()).throw(full))
    window.alarm.send.click()
    window.alarm.ask.note.setPlainText("She has the key.")
    window.alarm.ask.ok.click()
    assert "/disk" in window.alarm.note.text()
    assert window.alarm.ask.isVisible()
    assert window.alarm.ask.words == "She has the key."


# ---- what stood open ------------------------------------------------------------------------------------------------


@pytest.fixture
def calm(open_window: Callable[..., MainWindow]) -> MainWindow:
    window = open_window("en")
    for incident in window.state.incidents.ringing():
        window.ringing.acknowledge(incident.id)
    return window


def ring(window: MainWindow) -> None:
    elder = window.state.elders.board.rows()[-1].id
    window.state.journal.absorb(list(open_incident(Feed("jinxiu", 64), "fresh", "sos", elder, window.state.now(), "")))


def test_a_file_that_is_being_chosen_does_not_keep_the_keyboard_from_an_alarm(calm: MainWindow, qtbot: QtBot) -> None:
    page = at(calm, "reports", ReportsPage)
    qtbot.waitUntil(lambda: page._report is not None)
    seen = list[type[object]]()

    def while_it_is_open() -> None:
        seen.append(type(there(QApplication.activeModalWidget())))
        ring(calm)

    QTimer.singleShot(0, page, lambda: QTimer.singleShot(200, page, while_it_is_open))
    page.pdf.click()  # returns when the dialog has gone
    assert seen == [QFileDialog]
    qtbot.waitUntil(calm.alarm.isVisible)
    assert page.said.words == "", "no file was written by an Enter meant for the alarm"
    qtbot.waitUntil(calm.alarm.take.hasFocus)  # once what was being typed has run out
    press(calm, qtbot, Qt.Key.Key_Return)
    assert calm.alarm.isHidden()


def test_an_open_list_and_a_window_over_the_page_go_for_an_alarm(calm: MainWindow, qtbot: QtBot) -> None:
    calm.go("board")
    calm.show_help()
    ended = list[str]()
    over = QDialog(calm._help)
    over.finished.connect(lambda _: ended.append("asked by a dialog"))
    over.open()
    calm.board.building.showPopup()
    assert QApplication.activePopupWidget() is not None
    field = QLineEdit()
    elsewhere = QDialog(field)
    qtbot.addWidget(field)
    elsewhere.show()
    with qtbot.waitSignal(calm.alarm_painted):
        ring(calm)
    settle(calm)
    assert QApplication.activePopupWidget() is None
    assert ended
    assert not [d for d in calm.findChildren(QDialog) if d.isVisible()]
    assert elsewhere.isVisible(), "what belongs to another window stays"
    assert there(calm.focusWidget()) is calm.alarm.take


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (TRANSFERRED, "孙丽 handed it over to you at 09:41. Her daughter has the key"),
        (DISPATCHED, "孙丽 sent you at 09:41. Her daughter has the key"),
    ],
)
def test_whoever_is_asked_to_go_reads_who_asks_them_and_with_which_words(
    open_window: Opener, qtbot: QtBot, kind: str, said: str
) -> None:
    window = open_window("en")
    state, feed = window.state, Feed("jinxiu", 37)
    for _ in range(2):
        qtbot.keyClick(window.alarm, Qt.Key.Key_Return)
    elder = state.elders.board.rows()[-1].id
    told = {"incident": "given", "by": "p-sun-li", "to": [state.session.person]}
    words = state.sealed_note(elder, "Her daughter has the key")
    opened = list(open_incident(feed, "given", "sos", elder, state.now(), "", device="d9"))
    taken = feed.item("incident.acknowledged", {"incident": "given", "by": "p-sun-li"}, elder, state.now(), "desk-2")
    asked = feed.item(kind, told | words, elder, state.now(), "desk-2")
    with qtbot.waitSignal(window.alarm_painted, timeout=5000):
        state.journal.absorb([*opened, *([taken] if kind == TRANSFERRED else []), asked])
    first, *besides = window.alarm.note.text().splitlines()
    assert first == said
    assert besides, "and when they were last heard"
    state.journal.absorb([feed.item(kind, told | {"to": ["p-other"]}, elder, state.now(), "desk-2")])
    work = there(state.incidents.work("given"))
    assert work.asked_of(state.session.person) is None, "somebody else is asked now"
    assert work.asked_of("p-other") is not None
