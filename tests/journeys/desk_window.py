"""The desk's real window over what somebody has signed in to."""

from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtWidgets import QApplication

from caregiver.main_window import MainWindow
from caregiver.residents.page import ResidentsPage
from caregiver.state import AppState
from qtkit.background import Background
from qtkit.i18n import Language
from qtkit.shots import settle
from qtkit.theme import Mode, Theme
from tests.fakes.waiting import until


@contextmanager
def desk_window(state: AppState, qapp: QApplication) -> Iterator[MainWindow]:
    background = Background()
    window = MainWindow(state, Language("zh"), Theme(qapp, "desktop", Mode.LIGHT, reduced_motion=True), background)
    window.resize(1366, 768)
    window.show()
    try:
        yield window
    finally:
        window.close()
        background.close()
        window.deleteLater()
        settle(window)
        qapp.setStyleSheet("")


def residents_of(window: MainWindow, count: int) -> ResidentsPage:
    """The page of residents, once all of them stand there."""
    page = window.go("residents")
    assert isinstance(page, ResidentsPage)
    until(lambda: len(page.model.rows) == count, meanwhile=lambda: settle(window))
    return page
