"""A desktop as its program makes it, from the sign-in window on, against a district that really serves."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from caregiver.bootstrap import DeskSet, make_desk, open_node
from caregiver.config import CaregiverSettings
from caregiver.signin.seat import Seat
from caregiver.signin.window import SignInWindow
from domain.people import Role
from qtkit.app import App, Trouble
from qtkit.background import Background
from qtkit.i18n import Language
from qtkit.theme import Mode, Theme
from tests.fakes.serving import Serving
from tests.fakes.staff import PASSWORD, a_district, employ


def settled(qt: QApplication) -> None:
    """What was let go of is gone before the next test, on this thread."""
    for _ in range(3):
        qt.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        qt.processEvents()


class AtTheDesk:
    """One desktop of one caregiver, its hands and eyes."""

    def __init__(self, district: Serving, folder: Path, qapp: QApplication, wait: Callable[..., None]) -> None:
        self.district, self._wait = district, wait
        self.person = employ(district, "ann", Role.CAREGIVER)
        self.settings = CaregiverSettings(data=folder / "desk", community="Jinxiu")
        node = open_node(self.settings)
        node.enrol(district.url, district.code("caregiver"), "caregiver", "desk")
        node.close()
        language = Language("en")
        theme = Theme(qapp, "desktop", Mode.LIGHT, 1.0, reduced_motion=True)
        self.app = App(qapp, theme, language, Background(), Trouble(language, folder / "log"))
        self.desk: DeskSet = make_desk(self.settings, self.app)
        self.seat: Seat = self.desk.seat()
        self.seat.open()

    @property
    def asking(self) -> SignInWindow:
        assert self.seat.sign_in is not None
        return self.seat.sign_in

    def types(self, password: str = PASSWORD, login: str = "ann") -> None:
        asking = self.asking
        asking.login.clear()
        QTest.keyClicks(asking.login, login)
        QTest.keyClicks(asking.password, password)
        QTest.keyClick(asking.password, Qt.Key.Key_Return)

    def until(self, so: Callable[[], object]) -> None:
        self._wait(lambda: bool(so()), timeout=60_000)

    def sits(self) -> None:
        self.types()
        self.until(lambda: self.seat.window is not None)

    def close(self) -> None:
        self.seat.close()
        self.desk.stop()
        self.app.background.close()
        settled(self.app.qt)


def at_the_desk(folder: Path, monkeypatch: pytest.MonkeyPatch, qapp: QApplication, qtbot: QtBot) -> Iterator[AtTheDesk]:
    """For a fixture: with a district of its own."""
    for district in a_district(folder, monkeypatch, "offline.line.lease"):
        found = AtTheDesk(district, folder, qapp, qtbot.waitUntil)
        yield found
        found.close()
        qapp.setStyleSheet("")
