"""What the staff look over at the gate: all of the picture with the zone in it, and sections that stay where they were drawn to."""

from dataclasses import replace
from datetime import UTC
from typing import Any

import numpy as np
import pytest
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication

from kiosk.camera.port import Frame
from kiosk.screens.camera_view import CameraView, Guide
from kiosk.screens.maintenance_page import MaintenancePage
from kiosk.screens.pictured import SCENES, SETTINGS, START, Stage, status
from kiosk.visit.events import StatusKnown
from kiosk.visit.line import Line
from kiosk.visit.view import Screen, StatusRow
from qtkit.i18n import Language
from qtkit.shots import settle
from qtkit.theme import Mode, Theme
from tests.kiosk_screens.shown import page


@pytest.fixture
def theme(qapp: QApplication) -> Theme:
    return Theme(qapp, "kiosk", Mode.LIGHT, reduced_motion=True)


def as_of(minute: int) -> StatusKnown:
    """The status, asked for again."""
    known = status()
    clock = StatusRow(Line("kiosk.maintenance.last_sync"), f"09:{minute}")
    sections = [replace(section, rows=(*section.rows, clock)) for section in known.sections]
    return StatusKnown(tuple(sections))


def test_the_sections_stay_where_they_are_read_while_they_are_asked_for_again(theme: Theme, qtbot: Any) -> None:
    stage = Stage(theme, Language("en"), SETTINGS, np.zeros((90, 160, 3), np.uint8))
    window = stage.play(SCENES["maintenance"])
    qtbot.addWidget(window)
    window.resize(800, 1280)
    window.show()
    settle(window)
    bar = page(window, Screen.MAINTENANCE, MaintenancePage).sections.verticalScrollBar()
    window.take(as_of(41))
    qtbot.waitUntil(lambda: bar.maximum() > 400)
    bar.setValue(300)
    for minute in (42, 43):
        window.take(as_of(minute))
        qtbot.wait(50)
        settle(window)
        assert bar.value() == 300


def test_the_whole_picture_is_shown_with_the_zone_as_it_is_set(theme: Theme, qtbot: Any) -> None:
    frame = Frame(np.full((720, 1280, 3), 200, np.uint8), START.astimezone(UTC), 0.0, 0)
    view = CameraView(theme, lambda: frame, Guide.BOXES, (0.2, 0.0, 0.9, 1.0))
    qtbot.addWidget(view)
    view.resize(640, 640)
    image = view.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    assert QColor(image.pixel(320, 30)) == theme.colour("sunken"), "nothing of it is cut off"
    assert QColor(image.pixel(320, 320)) == QColor(200, 200, 200)
    lines = {x for x in range(640) for y in range(200, 440) if QColor(image.pixel(x, y)) == theme.colour("well")}
    edges = sorted(x for x in lines if not {x - 1} <= lines)
    assert edges == pytest.approx([64, 508], abs=6), "mirrored, as the picture is"
