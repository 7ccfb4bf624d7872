"""A line of the board with an open incident: what happened, since when, and who has it or is asked next."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from caregiver.elders.row_steps import RowSteps
from caregiver.incidents.page import IncidentsPage
from caregiver.invented import Feed, open_incident
from caregiver.main_window import MainWindow
from domain.incident_kinds import ACKNOWLEDGED
from qtkit.shots import settle
from tests.caregiver_views.conftest import NOW
from tests.caregiver_views.pages import here
from tests.fakes.there import there

Opener = Callable[..., MainWindow]


def line_of(window: MainWindow, elder: str) -> str:
    row = window.board.model.row_of(elder)
    assert row is not None
    return str(window.board.model.index(row).data(Qt.ItemDataRole.AccessibleTextRole))


def test_the_ladder_counts_down_in_the_line_until_somebody_takes_it(open_window: Opener, qtbot: QtBot) -> None:
    window = open_window("en")
    state = window.state
    (ringing, *_) = state.incidents.ringing()
    assert "Call for help · 41 s · the community in 19 s" in line_of(window, ringing.elder)
    state.incidents.acknowledge(ringing.id)
    me = state.name_of(state.session.person)
    qtbot.waitUntil(lambda: f"{me} has it" in line_of(window, ringing.elder))
    assert "the community in" not in line_of(window, ringing.elder)


def test_the_sidebar_counts_what_is_open(open_window: Opener, qtbot: QtBot) -> None:
    window = open_window("en")
    alarms, state = window.side.nav["incidents"], window.state
    open_now = len(state.incidents.open())
    assert alarms.text() == f"Alarms  {open_now}"
    window.desk.language.toggle()
    assert alarms.text() == f"告警  {open_now}"
    elder = window.board.model.elders[-1].id
    with qtbot.waitSignal(window.synced, timeout=5000):
        state.journal.absorb(
            list(open_incident(Feed("jinxiu", 36), "another", "sos", elder, NOW, "kitchen", device="d8"))
        )
    assert alarms.text() == f"告警  {open_now + 1}"


def test_the_clock_moves_while_nothing_else_does(
    open_window: Opener, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_window("en")
    (ringing, *_) = window.state.incidents.ringing()
    window.alarm.hide()
    monkeypatch.setattr(window.state, "now", lambda: NOW + timedelta(seconds=10))
    with qtbot.waitSignal(window.board.list.painted, timeout=5000):
        pass
    assert "51 s · the community in 9 s" in line_of(window, ringing.elder)


def steps_of(window: MainWindow, qtbot: QtBot, elder: str) -> RowSteps:
    """The buttons of an elder's line, with nothing over the board."""
    window.alarm.show_work(None)
    window.go("board")
    qtbot.waitUntil(lambda: window.board.steps.of(elder) is not None, timeout=5000)
    steps = window.board.steps.of(elder)
    assert steps is not None
    return steps


def said(steps: RowSteps) -> list[str]:
    return [button.text() for button in steps.buttons]


def test_an_alarm_is_taken_from_its_line(open_window: Opener, qtbot: QtBot) -> None:
    window = open_window("en")
    state = window.state
    ringing = state.incidents.ringing()
    steps = steps_of(window, qtbot, ringing[0].elder)
    assert said(steps) == ["Take it", "Call"]
    assert steps.buttons[0].accessibleName() == f"Take it: {there(state.people.find(ringing[0].elder)).name}"
    qtbot.mouseClick(steps.buttons[0], Qt.MouseButton.LeftButton)
    assert there(state.incidents.work(ringing[0].id)).incident.leader == state.session.person


def test_enter_presses_the_button_of_a_line_and_opens_nobody(open_window: Opener, qtbot: QtBot) -> None:
    window = open_window("en")
    ringing = window.state.incidents.ringing()
    steps = steps_of(window, qtbot, ringing[0].elder)
    steps.buttons[0].setFocus()
    qtbot.keyClick(steps.buttons[0], Qt.Key.Key_Return)
    assert there(window.state.incidents.work(ringing[0].id)).incident.leader == window.state.session.person
    assert window.page != "elder"


def test_what_somebody_else_took_still_offers_the_next_step(open_window: Opener, qtbot: QtBot) -> None:
    window = open_window("en")
    state = window.state
    (ringing, *_) = state.incidents.ringing()
    theirs = {"incident": ringing.id, "by": "p-sun-li"}
    with qtbot.waitSignal(window.synced, timeout=5000):
        state.journal.absorb([Feed("jinxiu", 37).item(ACKNOWLEDGED, theirs, ringing.elder, NOW, "desk-2")])
    qtbot.waitUntil(lambda: said(steps_of(window, qtbot, ringing.elder)) == ["On scene", "Call"], timeout=5000)
    steps_of(window, qtbot, ringing.elder).buttons[0].click()
    assert window.page == "incidents"
    page = here(window, IncidentsPage)
    assert page.detail.incident_id == ringing.id
    assert [s.by for s in there(state.incidents.work(ringing.id)).steps][-1] == state.session.person


def test_calling_from_a_line_dials_and_shows_the_number(
    open_window: Opener, qtbot: QtBot, no_telephone: list[str]
) -> None:
    window = open_window("en")
    (ringing, *_) = window.state.incidents.ringing()
    steps_of(window, qtbot, ringing.elder).call.click()
    page = here(window, IncidentsPage)
    assert page.detail.dialled.isVisibleTo(page)
    assert len(no_telephone) == 1


def test_the_keyboard_goes_from_the_list_to_the_buttons_of_its_lines_and_on(open_window: Opener, qtbot: QtBot) -> None:
    window = open_window("en")
    ringing = sorted(window.state.incidents.ringing(), key=lambda i: window.board.model.row_of(i.elder) or 0)
    for one in ringing:
        steps_of(window, qtbot, one.elder)
    window.board.list.setFocus()
    met = []
    for _ in range(2 * len(ringing)):
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        met.append(there(QApplication.focusWidget()).accessibleName())
    names = [there(window.state.people.find(i.elder)).name for i in ringing]
    assert met == [words for name in names for words in (f"Take it: {name}", f"Call {name}")]


@pytest.mark.parametrize("cards", [False, True])
@pytest.mark.parametrize("scale", [1.0, 2.0])
def test_the_buttons_stand_within_their_line_and_cover_no_words(
    open_window: Opener, qtbot: QtBot, cards: bool, scale: float
) -> None:
    window = open_window("en", scale=scale)
    window.board.form.setChecked(cards)
    board = window.board
    (ringing, *_) = window.state.incidents.ringing()
    steps_of(window, qtbot, ringing.elder)
    settle(window)
    steps = steps_of(window, qtbot, ringing.elder)
    line = board.list.visualRect(board.model.index(there(board.model.row_of(ringing.elder))))
    assert line.contains(steps.geometry())
    assert board._delegate.taken(ringing.elder) == steps.width()


def test_a_line_that_is_well_again_has_no_buttons(open_window: Opener, qtbot: QtBot) -> None:
    window = open_window("en")
    state = window.state
    (ringing, *_) = state.incidents.ringing()
    steps_of(window, qtbot, ringing.elder)
    board = window.board
    window.board.search.setText("nobody is called this")
    qtbot.waitUntil(lambda: board.steps.of(ringing.elder) is None, timeout=5000)
    board.search.clear()
    qtbot.waitUntil(lambda: board.steps.of(ringing.elder) is not None, timeout=5000)
    feed = Feed("jinxiu", 38)
    for kind in ("incident.rejected", "incident.closed"):
        done = {"incident": ringing.id, "by": "p-supervisor"}
        state.journal.absorb([feed.item(kind, done, ringing.elder, NOW, f"desk-{kind}")])
    qtbot.waitUntil(lambda: board.steps.of(ringing.elder) is None, timeout=5000)


def test_a_drill_is_called_one_and_stands_behind_what_is_real(open_window: Opener, qtbot: QtBot) -> None:
    window = open_window("en")
    state = window.state
    elder = window.board.model.elders[-1].id
    drill = open_incident(Feed("jinxiu", 37), "drill", "sos", elder, NOW, "", device="d8", exercise=True)
    with qtbot.waitSignal(window.synced, timeout=5000):
        state.journal.absorb(list(drill)[:1])
    assert window.desk.tr("incidents.drill_mark", kind="Call for help") in line_of(window, elder)
    real = open_incident(Feed("jinxiu", 38), "real", "inactivity", elder, NOW, "", device="d8")
    with qtbot.waitSignal(window.synced, timeout=5000):
        state.journal.absorb(list(real)[:1])
    assert "Long silence" in line_of(window, elder)
