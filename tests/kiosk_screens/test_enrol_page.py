"""An enrolment by touch."""

from typing import Any

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication

from kiosk.screens.enrol_page import EnrolPage
from kiosk.screens.window import KioskWindow
from kiosk.visit.events import (
    Press,
    ResidentsFound,
)
from kiosk.visit.view import EnrolStage, Screen
from qtkit.i18n import Language
from qtkit.shots import settle
from qtkit.theme import Mode, Theme
from tests.kiosk_screens.shown import page
from tests.kiosk_visit.newcomers import CHILD, LI, at_the_flat, enrol


def test_it_is_done_by_touch(qtbot: Any, qapp: QApplication) -> None:
    bench = at_the_flat()
    window = KioskWindow(bench.visit, Language("en"), Theme(qapp, "kiosk", Mode.LIGHT), now=lambda: bench.now)
    qtbot.addWidget(window)
    window.resize(800, 1280)
    window.show()
    window.press(Press.ENTER)
    window._handle(ResidentsFound((LI, CHILD)))
    settle(window)
    shown = page(window, Screen.ENROL, EnrolPage)
    child = shown.people.buttons[CHILD.person_id]
    assert child.text() == "Young Li"
    question = shown.words.headline.mapTo(window, QPoint(0, shown.words.headline.height()))
    assert question.y() < child.mapTo(window, QPoint()).y()  # it is read before those to choose from
    qtbot.mouseClick(child, Qt.MouseButton.LeftButton)
    assert shown.agree.text() == "I am the guardian and agree"
    qtbot.mouseClick(shown.agree, Qt.MouseButton.LeftButton)
    assert enrol(bench).stage is EnrolStage.POSES
    settle(window)
    # and the camera's picture stands above its words again
    assert shown.picture.y() < shown.words.mapTo(shown, QPoint()).y()
    assert not window.ways.isVisible()
    qapp.setStyleSheet("")
