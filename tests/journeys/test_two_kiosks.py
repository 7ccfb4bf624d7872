"""Two whole kiosks and a desk of one community, all by finger: enrolled at one gate, known at the other, forgotten by both."""

from collections.abc import Iterator
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
from kiosk.config import CameraTable, GateKind, GateTable, KioskSettings, Site
from kiosk.visit.view import Screen
from qtkit.app import App
from qtkit.i18n import Language
from qtkit.shots import settle
from qtkit.theme import Mode, Theme
from tests.fakes.faces_data import CLIPS, needs_data
from tests.fakes.serving import Serving
from tests.fakes.staff import a_desk, employ
from tests.journeys.kiosk_window import PATIENCE_MS, Gate, an_app

pytestmark = [needs_data, pytest.mark.timeout(600), pytest.mark.qt_log_ignore("PulseAudio")]

WANG = Profile("王", "秀兰", "女士", "Mrs", "1960-01-02", "3-2-501")


@pytest.fixture
def app(qapp: QApplication, tmp_path: Path) -> Iterator[App]:
    made = an_app(qapp, tmp_path)
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
