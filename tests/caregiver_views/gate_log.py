"""The gate log's page, as one reads the passages of faces on it."""

from pytestqt.qtbot import QtBot

from caregiver.gatelog.page import GateLogPage
from caregiver.main_window import MainWindow
from tests.caregiver_views.pages import at


def read_faces(window: MainWindow, qtbot: QtBot) -> GateLogPage:
    window.alarm.show_work(None)
    found = at(window, "gatelog", GateLogPage)
    found.filters.days.choose("all")
    found.filters.method.choose("face")
    qtbot.waitUntil(lambda: len(found.model.rows) > 50 and not found._busy, timeout=10_000)
    return found


def given(window: MainWindow) -> list[str]:
    return [f.payload["verdict"] for f in window.state.journal.facts("verdict.given") if f.payload]
