"""A visitor is taken over on the screen, and a face that is enrolled already is asked about: the real window, faces and store."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QPushButton

from assets.words import LANGUAGES, say
from domain.consent import Purpose
from domain.identification import Outcome, Reason
from domain.passages import GateRules
from domain.people import Profile
from kiosk.camera.port import Frame, Image
from kiosk.enrolling.desk import EnrolDesk
from kiosk.enrolling.enroller import ConsentForm, Enroller
from kiosk.enrolling.visitor import VisitorFrames
from kiosk.faces.engine import FaceEngine
from kiosk.faces.engines import load_engine
from kiosk.faces.enrolment import read_photo
from kiosk.faces.gallery import Gallery
from kiosk.faces.messages import DecisionMade, FaceBox
from kiosk.screens.enrol_page import EnrolPage
from kiosk.screens.maintenance_page import MaintenancePage
from kiosk.screens.window import KioskWindow
from kiosk.visit.effects import DropPhotos, FindResidents, HoldVisitor, SaveEnrolment, TakePhoto, UseVisitor
from kiosk.visit.events import Event, Press, StaffAccepted
from kiosk.visit.presenter import Visit
from kiosk.visit.settings import Knows
from kiosk.visit.view import EnrolStage, Screen
from qtkit.i18n import Language
from qtkit.shots import settle
from qtkit.theme import Mode, Theme
from tests.fakes.gatehouse import Gatehouse
from tests.fakes.measure import cut_off
from tests.kiosk_screens.shown import page
from tests.kiosk_visit.newcomers import YAWS, looking
from tests.kiosk_visit.visits import SETTINGS, START, decided


@pytest.fixture(scope="module")
def engine() -> FaceEngine:
    return load_engine("sface")


class Gate:
    """A kiosk whose camera sees a photograph; `clock` in seconds moves when told."""

    def __init__(self, folder: Path, engine: FaceEngine, qapp: QApplication, code: str) -> None:
        self.house = Gatehouse(folder)
        self.house.residents._engine = (engine.name, engine.version)
        self.clock, self.image = 0.0, None  # type: float, Image | None
        self.visitor = VisitorFrames(self.frame, lambda: self.clock)
        knows = Knows(
            self.house.residents.guest, GateRules, frozenset, lambda _: None, lambda: "id", self.visitor.waits
        )
        self.window = KioskWindow(
            Visit(SETTINGS, knows, START), Language(code), Theme(qapp, "kiosk", Mode.LIGHT), self.frame, lambda: START,
            visitor=self.visitor.best,
        )  # fmt: skip
        self.window.resize(800, 1280)
        self.window.show()

        def gallery() -> Gallery:
            consenting = self.house.roster.consenting(Purpose.FACE_AT_GATE)
            return Gallery(self.house.templates.gallery(engine.name, engine.version, consenting))

        self.enroller = Enroller(engine, self.house.roster, self.house.templates, gallery, lambda: 0.4)
        self.desk = EnrolDesk(
            self.frame, self.house.roster.profiles, self.house.templates.people, self.enroller, self.tell,
            lambda: date(2026, 11, 23), self.visitor,
        )  # fmt: skip
        self.window.effect.connect(self._perform)

    def frame(self) -> Frame | None:
        return None if self.image is None else Frame(self.image, datetime.now(UTC), 0.0, 0)

    def tell(self, event: Event) -> None:
        self.visitor.hear(event)
        self.window.take(event)

    def _perform(self, effect: object) -> None:
        if isinstance(effect, FindResidents | TakePhoto | HoldVisitor | UseVisitor | SaveEnrolment | DropPhotos):
            self.desk.take(effect)

    def register(self, person: str, family: str, flat: str) -> None:
        self.house.roster.register(person, Profile(family, "", title_en="Mr", title_zh="先生", flat=flat))

    def comes(self, image: Image, visit: str = "v1") -> None:
        """Somebody stands there, a face in the middle of the picture, and nobody knows them."""
        self.image = image
        seen = looking()
        box = FaceBox(0.3, 0.2, 0.4, 0.6, True)
        for _ in range(3):
            self.clock += 0.4
            self.tell(type(seen)(visit, (box,), None, 0.5, seen.quality, 0, 0.0, 5.0))
        told = decided(None, Outcome.UNKNOWN, Reason.NO_MATCH, visit)
        self.tell(told)
        assert isinstance(told, DecisionMade)

    def staff(self, flat: str, take_over: bool) -> None:
        self.window.press(Press.STAFF)
        self.window._handle(StaffAccepted("张工", 1))
        self.window.press(Press.TAKE_OVER if take_over else Press.ENROL)
        for digit in flat:
            self.window.press(digit)
        self.window.press(Press.ENTER)

    def stage(self) -> EnrolStage | None:
        view = self.window.shown
        return view.enrol.stage if view is not None and view.enrol is not None else None

    @property
    def page(self) -> EnrolPage:
        return page(self.window, Screen.ENROL, EnrolPage)

    def poses(self) -> None:
        """The newcomer looks where they are asked to, until all pictures are taken."""
        now = [START]
        from datetime import timedelta

        self.window._now = lambda: now[0]
        while self.stage() is EnrolStage.POSES:
            view = self.window.shown
            assert view is not None
            assert view.enrol is not None
            now[0] += timedelta(seconds=0.5)
            self.window._handle(looking(yaw_deg=YAWS[view.enrol.pose]))

    def close(self) -> None:
        self.window.effect.disconnect()
        self.desk.close()
        self.window.close()
        self.house.close()


@pytest.fixture
def gate_of(engine: FaceEngine, tmp_path: Path, qtbot: Any, qapp: QApplication) -> Iterator[Callable[..., Gate]]:
    made: list[Gate] = []

    def make(code: str = "en") -> Gate:
        made.append(Gate(tmp_path, engine, qapp, code))
        qtbot.addWidget(made[-1].window)
        return made[-1]

    yield make
    for gate in made:
        gate.close()
    qapp.setStyleSheet("")


def choose(gate: Gate, qtbot: Any, name: str) -> None:
    qtbot.waitUntil(lambda: gate.stage() is EnrolStage.WHO)
    settle(gate.window)
    button = next(b for b in gate.page.people.findChildren(QPushButton) if b.text() == name)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_visitor_agrees_on_the_screen_and_is_enrolled_from_what_was_seen(
    gate_of: Callable[..., Gate], photos: dict[str, Path], qtbot: Any, code: str
) -> None:
    gate = gate_of(code)
    gate.register("p-obama", "Obama", "3-2-501")
    gate.comes(read_photo(photos["obama.jpg"]))
    gate.staff("32501", take_over=True)
    choose(gate, qtbot, gate.house.roster.profiles()["p-obama"].greeting(code))
    assert gate.stage() is EnrolStage.VISITOR  # their own picture, and whether it is they
    settle(gate.window)
    assert not gate.page._face.pixmap().isNull()
    assert gate.page.agree.text() == say(code, "kiosk.enrol.visitor_yes")
    assert cut_off(gate.window) == []
    assert gate.house.templates.people() == set()
    qtbot.mouseClick(gate.page.agree, Qt.MouseButton.LeftButton)
    assert gate.stage() is EnrolStage.CONSENT
    qtbot.mouseClick(gate.page.also[Purpose.PASSAGE_PICTURE], Qt.MouseButton.LeftButton)
    qtbot.mouseClick(gate.page.agree, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: gate.stage() is EnrolStage.DONE, timeout=20_000)
    assert gate.house.templates.people() == {"p-obama"}
    assert gate.house.roster.holds("p-obama", Purpose.FACE_AT_GATE)
    assert gate.house.roster.holds("p-obama", Purpose.PASSAGE_PICTURE)
    assert gate.visitor.take() == []


def test_a_visitor_who_does_not_agree_is_forgotten(
    gate_of: Callable[..., Gate], photos: dict[str, Path], qtbot: Any
) -> None:
    gate = gate_of()
    gate.register("p-obama", "Obama", "3-2-501")
    gate.comes(read_photo(photos["obama.jpg"]))
    gate.staff("32501", take_over=True)
    choose(gate, qtbot, "Mr Obama")
    qtbot.mouseClick(gate.page.agree, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(gate.window.footer.back, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bool(gate.window.shown and not gate.window.shown.visitor))
    assert gate.window.shown is not None
    assert gate.window.shown.screen is Screen.MAINTENANCE
    assert page(gate.window, Screen.MAINTENANCE, MaintenancePage).take_over.isHidden()
    assert gate.house.templates.people() == set()
    assert not gate.house.roster.holds("p-obama", Purpose.FACE_AT_GATE)
    assert list(gate.house.journal.facts("consent.given")) == []


def test_where_what_was_seen_does_not_suffice_they_look_once_more(
    gate_of: Callable[..., Gate], photos: dict[str, Path], qtbot: Any
) -> None:
    gate = gate_of()
    gate.register("p-obama", "Obama", "3-2-501")
    image = read_photo(photos["obama.jpg"])
    gate.comes(image // 20)  # hardly lit
    gate.staff("32501", take_over=True)
    choose(gate, qtbot, "Mr Obama")
    for _ in range(2):
        qtbot.mouseClick(gate.page.agree, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: gate.stage() is EnrolStage.POSES, timeout=20_000)
    gate.image = image
    gate.poses()
    qtbot.waitUntil(lambda: gate.stage() is EnrolStage.DONE, timeout=20_000)
    assert gate.house.templates.people() == {"p-obama"}


@pytest.mark.parametrize("answer", ["same", "different"])
def test_a_face_that_is_enrolled_already_is_asked_about_before_anything_is_saved(
    gate_of: Callable[..., Gate], photos: dict[str, Path], qtbot: Any, answer: str
) -> None:
    gate = gate_of()
    first = ("1", read_photo(photos["obama.jpg"]))
    gate.enroller.enrol(Profile("Obama", "", title_en="Mr", flat="1-1-101"), [first], ConsentForm("himself"), "p-first")
    gate.register("p-again", "Barack", "3-2-501")
    gate.image = read_photo(photos["obama2.jpg"])
    gate.staff("32501", take_over=False)
    choose(gate, qtbot, "Mr Barack")
    qtbot.mouseClick(gate.page.agree, Qt.MouseButton.LeftButton)
    gate.poses()
    qtbot.waitUntil(lambda: gate.stage() is EnrolStage.DOUBT, timeout=20_000)
    settle(gate.window)
    assert gate.page.words.headline.text() == "Is this the same person?"
    assert "Mr Obama" in gate.page.words.second.text()
    assert cut_off(gate.window) == []
    assert gate.house.templates.people() == {"p-first"}
    assert not gate.house.roster.holds("p-again", Purpose.FACE_AT_GATE)
    qtbot.mouseClick(getattr(gate.page, answer), Qt.MouseButton.LeftButton)
    if answer == "same":
        assert gate.stage() is EnrolStage.FAILED
        assert "Nothing was saved" in gate.page.words.second.text()
        assert gate.house.templates.people() == {"p-first"}
    else:
        qtbot.waitUntil(lambda: gate.stage() is EnrolStage.DONE, timeout=20_000)
        assert gate.house.templates.people() == {"p-first", "p-again"}
