"""A whole kiosk with its window, pressed as people press it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel, QPushButton

from domain.consent import Purpose
from kiosk.bootstrap import make_gatehouse, open_node
from kiosk.config import KioskSettings
from kiosk.credentials.books import STAFF_SET
from kiosk.credentials.pins import Pins
from kiosk.passages.facts import PASSAGE
from kiosk.visit.events import Press
from kiosk.visit.view import EnrolStage, Screen
from qtkit.app import App, Trouble
from qtkit.background import Background
from qtkit.i18n import Language
from qtkit.theme import Mode, Theme

PATIENCE_MS = 120_000  # of a machine that does other things too
STAFF_PIN = "471108"


def an_app(qapp: QApplication, folder: Path) -> App:
    """In English; its log is in `folder`."""
    words = Language("en")
    theme = Theme(qapp, "kiosk", Mode.LIGHT, reduced_motion=True)
    return App(qapp, theme, words, Background(qapp), Trouble(words, folder))


class Serves(Protocol):
    """A district that a gate can join."""

    @property
    def url(self) -> str: ...

    def code(self, role: str = "kiosk") -> str: ...


class Gate:
    """A whole kiosk that is pressed as people press it."""

    def __init__(self, settings: KioskSettings, app: App, qtbot: Any, district: Serves | None = None) -> None:
        """`district`: that it joins first."""
        self._settings, self._qtbot = settings, qtbot
        if district is not None:
            node = open_node(settings)
            node.enrol(district.url, district.code("kiosk"), "kiosk", settings.site.gate_en)
            hashed = Pins(node.keys.secret("pin pepper"), memory_kib=64, passes=1).hash(STAFF_PIN)
            node.journal.append(STAFF_SET, {"name": "Zhang", "hash": hashed})
            node.close()
        self.house = make_gatehouse(settings, app)
        self.window = self.house.window
        self.window.resize(800, 1280)
        self.window.show()
        self.house.start()

    def stop(self) -> None:
        self.window.effect.disconnect()  # what its clock still wants done finds nobody
        self.window.close()
        self.house.stop()

    def page(self, screen: Screen) -> Any:
        return self.window.pages[screen]

    def press(self, button: QPushButton) -> None:
        self.until(lambda: button.isVisible() and button.isEnabled())
        self._qtbot.mouseClick(button, Qt.MouseButton.LeftButton)

    def type(self, digits: str) -> None:
        keys = self.page(Screen.PIN).keys
        for key in (*digits, Press.ENTER):
            self.press(keys[key])

    def until(self, met: Callable[[], bool]) -> None:
        self._qtbot.waitUntil(met, timeout=PATIENCE_MS)

    def __repr__(self) -> str:
        return f"<{self._settings.site.gate_id} shows {self.window.shown}>"

    def shows(self, screen: Screen, words: str = "") -> bool:
        view = self.window.shown
        return view is not None and view.screen is screen and words in self.page(screen).words.headline.text()

    def noted(self) -> str:
        """What stands beside the page, in the line of notes or under it."""
        return " ".join(
            label.text() for part in (self.window.header, self.window.notes) for label in part.findChildren(QLabel)
        )

    @property
    def stage(self) -> EnrolStage | None:
        view = self.window.shown
        return view.enrol.stage if view is not None and view.enrol is not None else None

    def sign_in(self) -> None:
        """The lantern held for three seconds, then the staff's PIN."""
        mark = self.window.header.mark
        with self._qtbot.waitSignal(mark.held, timeout=PATIENCE_MS):
            self._qtbot.mousePress(mark, Qt.MouseButton.LeftButton)
        self._qtbot.mouseRelease(mark, Qt.MouseButton.LeftButton)
        self.type(STAFF_PIN)

    def enrol(self, person: str, *also: Purpose) -> None:
        """From the lantern on until the screen says that it is done."""
        self.sign_in()
        self.press(self.page(Screen.MAINTENANCE).enrol)
        self.type("32501")
        page = self.page(Screen.ENROL)
        self.until(lambda: person in page.people.buttons)
        self.press(page.people.buttons[person])
        for purpose in also:
            self.press(page.also[purpose])
        self.press(page.agree)
        self.until(lambda: self.stage not in (EnrolStage.CONSENT, EnrolStage.POSES, EnrolStage.SAVING))
        assert self.stage is EnrolStage.DONE, self.window.shown
        self.press(self.window.footer.back)  # to maintenance
        self.press(self.window.footer.back)

    def knows(self, person: str) -> bool:
        return person in self.house.node.roster.profiles()

    def opened_for(self, person: str) -> int:
        journal = self.house.node.journal
        return sum(f.envelope.subject == person and f.envelope.device == journal.device for f in journal.facts(PASSAGE))

    def hears_of(self, person: str, purpose: Purpose) -> bool:
        """Whether the consent is known here and what is sent to this gate arrives."""
        node = self.house.node
        return node.roster.holds(person, purpose) and node.stream is not None and node.stream.live
