"""Two whole kiosks of one community, window and all: enrolled at one, known at the other, and forgotten by both."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PySide6.QtWidgets import QApplication

from district.config import DistrictSettings
from domain.consent import Purpose
from domain.people import Profile
from kiosk.bootstrap import make_enroller, make_gatehouse, open_node
from kiosk.config import CameraTable, GateKind, GateTable, KioskSettings, Site
from kiosk.enrolling.enroller import ConsentForm
from kiosk.faces.engines import load_engine
from kiosk.gatehouse import Gatehouse
from kiosk.passages.facts import PASSAGE
from kiosk.visit.view import Screen
from qtkit.app import App, Trouble
from qtkit.background import Background
from qtkit.i18n import Language
from qtkit.theme import Mode, Theme
from tests.fakes.faces_data import london, needs_data, scene
from tests.fakes.serving import GENEROUS, Serving, run_district

pytestmark = [needs_data, pytest.mark.timeout(600), pytest.mark.qt_log_ignore("propagateSizeHints", "PulseAudio")]

PATIENCE_MS = 120_000  # of a machine that does other things too
LI = Profile("李", "建国", "先生", "Mr", "1960-01-02", "3-2-501")


@pytest.fixture
def district(tmp_path: Path) -> Iterator[Serving]:
    yield from run_district(DistrictSettings(port=0, data=tmp_path / "district", limits=GENEROUS))


@pytest.fixture
def app(qapp: QApplication, tmp_path: Path) -> Iterator[App]:
    words = Language("en")
    made = App(
        qapp, Theme(qapp, "kiosk", Mode.LIGHT, reduced_motion=True), words, Background(qapp), Trouble(words, tmp_path)
    )
    yield made
    made.background.close()
    qapp.setStyleSheet("")


def comings_and_goings(folder: Path, picture: np.ndarray, came: int = 25, gone: int = 30) -> str:
    """A recording of somebody who stands there for a while and goes."""
    folder.mkdir()
    noise = np.random.default_rng(3)
    for i in range(came + gone):
        seen = scene((picture, 140, 20)) if i < came else scene()
        cv2.imwrite(
            str(folder / f"{i:03}.png"), np.clip(seen + noise.normal(0, 2, seen.shape), 0, 255).astype(np.uint8)
        )
    return str(folder)


def settings_of(folder: Path, name: str, recording: str) -> KioskSettings:
    return KioskSettings(
        data=folder / name,
        site=Site(gate_id=name, gate_en=name),
        camera=CameraTable(source=recording, simulated=True, loop=True),
        gate=GateTable(kind=GateKind.SIMULATED),
    )


def begin(district: Serving | None, settings: KioskSettings, app: App) -> Gatehouse:
    """A kiosk as it is started; `district`: that it joins first."""
    if district is not None:
        node = open_node(settings)
        node.enrol(district.url, district.code("kiosk"), "kiosk", settings.site.gate_en)
        node.close()
    house = make_gatehouse(settings, app)
    house.window.resize(800, 1280)
    house.window.show()
    house.start()
    return house


def stop(house: Gatehouse) -> None:
    house.window.effect.disconnect()  # what its clock still wants done finds nobody
    house.window.close()
    house.stop()


def shows(house: Gatehouse, screen: Screen, words: str = "") -> bool:
    view = house.window.shown
    said: Any = house.window.pages[screen]
    return view is not None and view.screen is screen and words in said.words.headline.text()


def opened_for(house: Gatehouse, person: str) -> int:
    facts = house.node.journal.facts(PASSAGE)
    return sum(f.envelope.subject == person and f.envelope.device == house.node.journal.device for f in facts)


def test_enrolled_at_one_gate_known_at_the_other_and_forgotten_by_both(
    district: Serving, app: App, qtbot: Any, tmp_path: Path
) -> None:
    north_settings = settings_of(
        tmp_path, "north", comings_and_goings(tmp_path / "seen north", london("001", "smiling"))
    )
    south_settings = settings_of(tmp_path, "south", comings_and_goings(tmp_path / "seen south", london("001")))
    houses = [begin(district, south_settings, app), begin(district, north_settings, app)]
    south, north = houses
    try:
        qtbot.waitUntil(lambda: shows(north, Screen.UNKNOWN), timeout=PATIENCE_MS)
        enroller = make_enroller(south_settings, south.node, south.templates, load_engine("sface"))
        form = ConsentForm("the resident", also=frozenset({Purpose.FACE_AT_OTHER_GATES}))
        person = enroller.enrol(LI, [("neutral", london("001"))], form).person
        qtbot.waitUntil(lambda: shows(south, Screen.IDENTIFIED, "Mr"), timeout=PATIENCE_MS)

        def lent() -> bool:
            for house in houses:
                assert house.node.sync is not None
                house.node.sync.poke()
            south.lending.offer()
            return north.borrowed.count() == 1

        qtbot.waitUntil(lent, timeout=PATIENCE_MS)
        qtbot.waitUntil(lambda: shows(north, Screen.IDENTIFIED, "Mr"), timeout=PATIENCE_MS)
        qtbot.waitUntil(lambda: opened_for(north, person) > 0, timeout=PATIENCE_MS)

        houses.remove(north)
        stop(north)  # switched off while the resident withdraws
        south.node.roster.consent(person, Purpose.FACE_AT_GATE, False, "", "s-1")
        qtbot.waitUntil(lambda: person not in south.templates.people(), timeout=PATIENCE_MS)
        assert south.node.sync is not None
        south.node.sync.poke()
        qtbot.waitUntil(lambda: south.node.journal.pending() == 0, timeout=PATIENCE_MS)
        qtbot.waitUntil(lambda: shows(south, Screen.UNKNOWN), timeout=PATIENCE_MS)
        assert south.node.roster.withdrawal_pending(person, Purpose.FACE_AT_GATE)

        north = begin(None, north_settings, app)
        houses.append(north)

        def answered() -> bool:
            for house in houses:
                assert house.node.sync is not None
                house.node.sync.poke()
            return not south.node.roster.withdrawal_pending(person, Purpose.FACE_AT_GATE)

        qtbot.waitUntil(answered, timeout=PATIENCE_MS)
        assert north.borrowed.count() == 0
        before = opened_for(north, person)
        qtbot.waitUntil(lambda: shows(north, Screen.UNKNOWN), timeout=PATIENCE_MS)
        assert opened_for(north, person) == before
    finally:
        for house in houses:
            stop(house)
