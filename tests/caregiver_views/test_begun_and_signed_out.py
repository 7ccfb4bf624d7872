"""What somebody was writing when their session ended is there when they sign in again, and for nobody else."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from caregiver.incidents.detail import NOTE
from caregiver.invented import Feed
from caregiver.main_window import MainWindow
from domain.people import Role
from tests.caregiver_views.at_the_desk import AtTheDesk, at_the_desk
from tests.fakes.staff import employ
from tests.fakes.there import there

pytestmark = pytest.mark.qt_log_ignore("PulseAudio")


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qapp: QApplication, qtbot: QtBot) -> Iterator[AtTheDesk]:
    yield from at_the_desk(tmp_path, monkeypatch, qapp, qtbot)


def note(window: MainWindow) -> str:
    detail = window.open_incident("x1").detail
    detail.do(NOTE)
    return detail.ask.note.toPlainText()


def test_a_note_outlives_the_session_in_which_it_was_begun(desk: AtTheDesk) -> None:
    at = desk.desk.node.clock.now()
    told = {"incident": "x1", "kind": "device_blind", "severity": 3, "elder": "e1", "place": "", "rule": "x", "by": "s"}
    desk.desk.node.journal.absorb([Feed("Jinxiu", 5).item("incident.opened", told, "e1", at)])
    employ(desk.district, "bea", Role.CAREGIVER)
    desk.sits()
    window = there(desk.seat.window)
    assert note(window) == ""
    window.open_incident("x1").detail.ask.note.setPlainText("her daughter comes on Sunday")
    desk.seat.leave()
    desk.until(lambda: desk.seat.sign_in is not None)
    desk.types(login="bea")
    desk.until(lambda: desk.seat.window is not None)
    assert note(there(desk.seat.window)) == ""
    desk.seat.leave()
    desk.until(lambda: desk.seat.sign_in is not None)
    desk.sits()
    assert note(there(desk.seat.window)) == "her daughter comes on Sunday"
