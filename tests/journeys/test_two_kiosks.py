"""Two whole kiosks and a desk of one community, all by finger: enrolled at one gate, known at the other, forgotten by both."""

from collections.abc import Callable, Iterator
from datetime import UTC
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest
from apscheduler.schedulers.background import BackgroundScheduler
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QPushButton

from assets.words import say
from caregiver.main_window import MainWindow
from caregiver.residents.page import ResidentsPage
from caregiver.session import Session
from caregiver.state import AppState, projections
from caregiver.wording import term
from domain.consent import Purpose
from domain.people import Profile, Role
from kiosk.bootstrap import make_gatehouse, open_node
from kiosk.config import CameraTable, GateKind, GateTable, KioskSettings, Site
from kiosk.credentials.books import STAFF_SET
from kiosk.credentials.pins import Pins
from kiosk.passages.facts import PASSAGE
from kiosk.visit.events import Press
from kiosk.visit.view import EnrolStage, Screen
from qtkit.app import App, Trouble
from qtkit.background import Background
from qtkit.i18n import Language
from qtkit.shots import settle
from qtkit.theme import Mode, Theme
from tests.fakes.faces_data import CLIPS, needs_data
from tests.fakes.serving import Serving
from tests.fakes.staff import a_desk, employ

pytestmark = [needs_data, pytest.mark.timeout(600), pytest.mark.qt_log_ignore("propagateSizeHints", "PulseAudio")]

PATIENCE_MS = 120_000  # of a machine that does other things too
WANG = Profile("王", "秀兰", "女士", "Mrs", "1960-01-02", "3-2-501")
STAFF_PIN = "471108"


@pytest.fixture
def app(qapp: QApplication, tmp_path: Path) -> Iterator[App]:
    words = Language("en")
    made = App(
        qapp, Theme(qapp, "kiosk", Mode.LIGHT, reduced_motion=True), words, Background(qapp), Trouble(words, tmp_path)
    )
    yield made
    made.background.close()
    qapp.setStyleSheet("")


def recording(folder: Path, *turns: tuple[int, int]) -> str:
    """The woman of the head-pose clip as she stands at a gate; `turns`: two frames of the clip she is seen in for a second.

    Then she is gone for three seconds. The clip is enlarged to what a gate's camera sees: 70 to 90 px between the eyes.
    """
    folder.mkdir()
    noise = np.random.default_rng(3)
    with av.open(str(CLIPS / "head-pose-face-detection-female.gif")) as clip:
        frames = [frame.to_ndarray(format="bgr24") for frame in clip.decode(video=0)]
    seen = [cv2.resize(frames[turn[i % 2]], None, fx=2.6, fy=2.6) for turn in turns for i in range(10)]
    for number, image in enumerate([*seen, *[np.full_like(seen[0], 150)] * 30]):
        taken = np.clip(image + noise.normal(0, 2, image.shape), 0, 255).astype(np.uint8)
        cv2.imwrite(str(folder / f"{number:03}.png"), taken)
    return str(folder)


AHEAD, HER_LEFT, HER_RIGHT = (18, 19), (10, 17), (20, 21)


class Gate:
    """A whole kiosk that is pressed as people press it."""

    def __init__(self, settings: KioskSettings, app: App, qtbot: Any, district: Serving | None = None) -> None:
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


class DeskWindow:
    """A desk with its window, at which somebody of the gate's staff has signed in."""

    def __init__(self, district: Serving, folder: Path, qtbot: Any, app: App) -> None:
        person = employ(district, "gus", Role.GATE_STAFF)
        self._qtbot = qtbot
        self.node = a_desk(district, folder, projections())
        self.scheduler = BackgroundScheduler()
        self.scheduler.start()
        sync = self.node.start(self.scheduler, listen=True)
        session = Session(person, Role.GATE_STAFF, "gus", "Jinxiu", signed_in=True)
        self.state = AppState(self.node.journal, self.node.keys, self.node.clock, session, sync, UTC)
        self.window = MainWindow(self.state, app.language, Theme(app.qt, "desktop", Mode.LIGHT), app.background)
        self.window.resize(1366, 768)
        self.window.show()

    def withdraw(self, person: str) -> None:
        """As the resident asks at the desk: whose, which consent, and yes."""
        page = self.window.go("residents")
        assert isinstance(page, ResidentsPage)
        self._qtbot.waitUntil(lambda: [row.person.id for row in page.model.rows] == [person], timeout=PATIENCE_MS)
        page.table.selectRow(0)
        purpose = term(Language("en"), "purpose", Purpose.FACE_AT_GATE)
        for words in (
            say("en", "caregiver.residents.withdraw_what", purpose=purpose),
            say("en", "caregiver.residents.withdraw_yes"),
        ):

            def asked(words: str = words) -> list[QPushButton]:
                return [b for b in page.findChildren(QPushButton) if words in (b.accessibleName(), b.text())]

            self._qtbot.waitUntil(lambda: bool(asked()), timeout=PATIENCE_MS)
            self._qtbot.mouseClick(asked()[0], Qt.MouseButton.LeftButton)

    def waits(self, person: str) -> bool:
        return self.state.roster.withdrawal_pending(person, Purpose.FACE_AT_GATE)

    def stop(self) -> None:
        self.window.close()
        self.window.deleteLater()  # its clock looks at the state
        settle(self.window)
        self.state.close()
        self.node.stop()
        self.scheduler.shutdown()
        self.node.close()


def settings_of(folder: Path, name: str, recording: str) -> KioskSettings:
    return KioskSettings(
        data=folder / name,
        site=Site(gate_id=name, gate_en=name),
        camera=CameraTable(source=recording, simulated=True, loop=True),
        gate=GateTable(kind=GateKind.SIMULATED),
    )


def test_enrolled_at_one_gate_known_at_the_other_and_forgotten_by_both(
    district: Serving, app: App, qtbot: Any, tmp_path: Path
) -> None:
    turning = recording(tmp_path / "turning", AHEAD, HER_LEFT, AHEAD, HER_RIGHT, AHEAD)
    standing = recording(tmp_path / "standing", AHEAD, AHEAD, AHEAD)
    north_settings = settings_of(tmp_path, "north", standing)
    desk = DeskWindow(district, tmp_path / "desk", qtbot, app)
    south = Gate(settings_of(tmp_path, "south", turning), app, qtbot, district)
    north = Gate(north_settings, app, qtbot, district)
    running: list[Gate | DeskWindow] = [south, north, desk]
    try:
        desk.state.roster.register("p-wang", WANG)
        qtbot.waitUntil(lambda: north.shows(Screen.UNKNOWN), timeout=PATIENCE_MS)

        qtbot.waitUntil(lambda: south.knows("p-wang") and north.knows("p-wang"), timeout=PATIENCE_MS)
        south.enrol("p-wang", Purpose.FACE_AT_OTHER_GATES)
        qtbot.waitUntil(lambda: south.shows(Screen.IDENTIFIED, "Mrs"), timeout=PATIENCE_MS)

        qtbot.waitUntil(lambda: north.hears_of("p-wang", Purpose.FACE_AT_OTHER_GATES), timeout=PATIENCE_MS)
        south.house.lending.offer()  # what is sent before is refused or lost, for half an hour
        qtbot.waitUntil(lambda: north.house.borrowed.count() == 1, timeout=PATIENCE_MS)
        qtbot.waitUntil(lambda: north.shows(Screen.IDENTIFIED, "Mrs"), timeout=PATIENCE_MS)
        qtbot.waitUntil(lambda: north.opened_for("p-wang") > 0, timeout=PATIENCE_MS)

        running.remove(north)
        north.stop()  # switched off while the resident withdraws
        desk.withdraw("p-wang")
        qtbot.waitUntil(lambda: "p-wang" not in south.house.templates.people(), timeout=PATIENCE_MS)
        qtbot.waitUntil(lambda: south.shows(Screen.UNKNOWN), timeout=PATIENCE_MS)
        assert desk.waits("p-wang")

        north = Gate(north_settings, app, qtbot)
        running.append(north)
        qtbot.waitUntil(lambda: not desk.waits("p-wang"), timeout=PATIENCE_MS)
        assert north.house.borrowed.count() == 0
        before = north.opened_for("p-wang")
        qtbot.waitUntil(lambda: north.shows(Screen.UNKNOWN), timeout=PATIENCE_MS)
        assert north.opened_for("p-wang") == before
    finally:
        for place in running:
            place.stop()
