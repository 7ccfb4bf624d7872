"""A guided enrolment: from the staff's button to a saved template, without a window and with one."""

import queue
from dataclasses import replace
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from domain.consent import Purpose
from domain.errors import Mendable
from domain.identification import Quality
from domain.passages import Method
from domain.people import Profile
from kiosk.camera.port import Frame
from kiosk.enrol_desk import EnrolDesk, age
from kiosk.faces.messages import FaceBox, Turn
from kiosk.screens.window import KioskWindow
from kiosk.visit.effects import DropPhotos, FindResidents, GiveCard, RenewConsent, SaveEnrolment, TakePhoto
from kiosk.visit.enrol_guide import POSES
from kiosk.visit.events import (
    AlsoAgreed,
    Chosen,
    ConsentRenewed,
    CredentialAccepted,
    CredentialRefused,
    EnrolmentDoubted,
    EnrolmentFailed,
    EnrolmentSaved,
    Event,
    Press,
    Pressed,
    ResidentsFound,
    StaffAccepted,
)
from kiosk.visit.people import Newcomer
from kiosk.visit.view import EnrolStage, EnrolView, PinStage, Screen
from qtkit.i18n import Language
from qtkit.shots import settle
from qtkit.theme import Mode, Theme
from tests.kiosk_visit.visits import START, Bench, decided, seen

GOOD = Quality(80.0, 0.8, 0.0, 0.0, 0.0, 0.9, 1.0, 0.9)
YAWS = {Turn.CENTRE: 0.0, Turn.LEFT: 16.0, Turn.RIGHT: -16.0}
LI = Newcomer("p-li", {"zh": "李先生", "en": "Mr Li"})
CHILD = Newcomer("p-child", {"zh": "李同学", "en": "Young Li"}, minor=True)


def looking(**quality: float) -> Any:
    return replace(seen(), quality=replace(GOOD, **quality))


def at_the_flat() -> Bench:
    bench = Bench()
    bench.send(Pressed(Press.STAFF), StaffAccepted("张工"))
    bench.press(Press.ENROL, *"32501")
    return bench


def agreed(who: Newcomer = LI) -> Bench:
    bench = at_the_flat()
    bench.press(Press.ENTER)
    bench.send(ResidentsFound((LI, CHILD)), Chosen(who.person_id))
    bench.press(Press.AGREE)
    return bench


def enrol(bench: Bench) -> EnrolView:
    assert bench.view.enrol is not None
    return bench.view.enrol


def test_the_staff_ask_for_a_flat_and_choose() -> None:
    bench = at_the_flat()
    assert bench.view.pin is not None
    assert (bench.view.pin.stage, bench.view.pin.flat) == (PinStage.ENROL, "32501")
    assert bench.press(Press.ENTER) == (FindResidents("32501"),)
    bench.send(ResidentsFound((LI, CHILD)))
    assert (bench.view.screen, enrol(bench).stage) == (Screen.ENROL, EnrolStage.WHO)
    bench.send(Chosen("somebody else"))
    assert enrol(bench).stage is EnrolStage.WHO
    bench.send(Chosen("p-child"))
    assert bench.view.headline.key == "kiosk.enrol.consent_minor"


def test_five_pictures_in_three_poses_and_it_is_saved() -> None:
    bench = agreed()
    wanted: list[object] = []
    for pose in POSES:
        assert enrol(bench).pose is pose
        wanted += bench.send(looking(yaw_deg=YAWS[pose]))
        wanted += bench.send(looking(yaw_deg=YAWS[pose]), after=0.4)
    assert wanted == [TakePhoto()] * 5 + [SaveEnrolment("p-li", False, "张工")]
    assert enrol(bench).stage is EnrolStage.SAVING
    assert bench.press(Press.BACK) == ()
    bench.send(EnrolmentSaved(({"zh": "王奶奶", "en": "Mrs Wang"},)))
    assert bench.view.second is not None
    assert (enrol(bench).stage, bench.view.second.key) == (EnrolStage.DONE, "kiosk.enrol.alike")
    bench.press(Press.BACK)
    assert (bench.view.screen, bench.view.staff) == (Screen.MAINTENANCE, "张工")


def test_it_takes_under_thirty_seconds_of_a_persons_time() -> None:
    bench, started = agreed(), START
    started = bench.now
    for pose in POSES:
        for _ in range(20):  # two seconds to follow each pose
            bench.send(looking(yaw_deg=60), after=0.1)
        while enrol(bench).pose is pose and enrol(bench).stage is EnrolStage.POSES:
            before = enrol(bench).taken
            bench.send(looking(yaw_deg=YAWS[pose]), after=0.1)
            if enrol(bench).taken != before:
                break
    assert enrol(bench).stage is EnrolStage.SAVING
    assert (bench.now - started).total_seconds() < 30


@pytest.mark.parametrize(
    ("sighting", "hint"),
    [
        (looking(yaw_deg=20), "kiosk.enrol.look_centre"),
        (looking(inter_eye_px=40), "kiosk.coach.too_far"),
        (looking(sharpness=0.05), "kiosk.coach.blurred"),
        (looking(exposure=0.05), "kiosk.coach.too_dark"),
        (seen(None), "kiosk.coach.no_face"),
        (replace(looking(), faces=(FaceBox(0, 0, 0.2, 0.3, True), FaceBox(0.5, 0, 0.2, 0.3, False))), "kiosk.coach.several_faces"),
    ],
)  # fmt: skip
def test_what_keeps_a_picture_from_being_taken_is_said(sighting: Any, hint: str) -> None:
    bench = agreed()
    assert bench.send(sighting) == ()
    assert bench.send(sighting, after=2) == ()
    if sighting.visit_id is not None:
        assert bench.view.headline.key == hint


def test_a_pose_must_be_held() -> None:
    bench = agreed()
    bench.send(looking())
    bench.send(looking(yaw_deg=20), after=0.3)
    assert bench.send(looking(), after=0.3) == ()
    assert bench.send(looking(), after=0.4) == (TakePhoto(),)


def test_nobody_is_photographed_before_they_agree() -> None:
    bench = at_the_flat()
    bench.press(Press.ENTER)
    bench.send(ResidentsFound((LI,)), Chosen("p-li"))
    assert bench.send(looking(), looking(), after=1) == ()
    assert enrol(bench).stage is EnrolStage.CONSENT


def test_without_the_staff_nothing_of_it_can_be_reached() -> None:
    bench = Bench()
    bench.press(Press.ENROL, Press.AGREE)
    bench.send(ResidentsFound((LI,)), Chosen("p-li"), EnrolmentSaved())
    assert bench.view.screen is Screen.STANDBY


UNKNOWN_CARD = CredentialRefused(Method.CARD, "card_unknown", "aa", card="aabb")


def second(bench: Bench) -> str:
    return bench.view.second.key if bench.view.second is not None else ""


@pytest.mark.parametrize("shown", [UNKNOWN_CARD, CredentialAccepted(Method.CARD, "p-wang", "w", card="ww")])
def test_neither_face_nor_card_nor_pass_opens_while_somebody_is_enrolled(shown: Event) -> None:
    """From "enrol" on, at every step: whoever holds something to the reader now means the newcomer's."""
    bench = at_the_flat()
    assert bench.send(shown) == ()
    assert bench.view.pin is not None
    assert (bench.view.pin.refused, bench.view.pin.flat) == ("card_later", "")
    bench.press(Press.ENTER)
    bench.send(ResidentsFound((LI,)))
    assert bench.send(shown, decided("p-li"), CredentialAccepted(Method.QR, "p-wang", "pass")) == ()
    assert (enrol(bench).stage, second(bench)) == (EnrolStage.WHO, "kiosk.enrol.pass_later")
    assert bench.send(shown) == ()
    assert second(bench) == "kiosk.enrol.card_first_who"
    bench.wait(9, step=1)
    assert second(bench) == ""


def test_a_card_that_nobody_has_is_offered_as_the_newcomers() -> None:
    bench = agreed()
    bench.send(looking())
    assert bench.send(looking(), after=0.5) == (TakePhoto(),)
    assert bench.send(UNKNOWN_CARD) == ()
    assert (enrol(bench).stage, bench.view.headline.key) == (EnrolStage.CARD, "kiosk.enrol.card")
    assert bench.send(looking(yaw_deg=16), looking(yaw_deg=16), after=1) == ()  # no picture behind a question
    assert bench.press(Press.AGREE) == (GiveCard("p-li", "aabb", "张工"),)
    assert (enrol(bench).stage, enrol(bench).taken, second(bench)) == (EnrolStage.POSES, 1, "kiosk.enrol.card_given")
    bench.send(UNKNOWN_CARD)
    assert bench.press(Press.DIFFERENT) == ()  # not theirs: it stays nobody's
    assert enrol(bench).stage is EnrolStage.POSES
    assert bench.press(Press.AGREE) == ()


@pytest.mark.parametrize(
    ("shown", "said"),
    [
        (CredentialAccepted(Method.CARD, "p-li", "li", card="ll"), "card_theirs"),
        (CredentialAccepted(Method.CARD, "p-wang", "w", card="ww"), "card_others"),
        (CredentialRefused(Method.CARD, "card_expired", "e", card="ee"), "card_expired"),
        (CredentialRefused(Method.QR, "pass_expired", "p"), "pass_later"),
    ],
)
def test_what_any_other_card_means_is_said_and_nothing_happens(shown: Event, said: str) -> None:
    bench = agreed()
    assert bench.send(shown) == ()
    assert (enrol(bench).stage, second(bench)) == (EnrolStage.POSES, f"kiosk.enrol.{said}")


def test_a_card_held_while_the_face_is_saved_is_asked_about_after_it() -> None:
    bench = agreed()
    for pose in POSES:
        bench.send(looking(yaw_deg=YAWS[pose]))
        bench.send(looking(yaw_deg=YAWS[pose]), after=0.4)
    bench.send(UNKNOWN_CARD)
    assert enrol(bench).stage is EnrolStage.SAVING
    bench.send(EnrolmentSaved())
    assert enrol(bench).stage is EnrolStage.CARD
    assert bench.press(Press.AGREE) == (GiveCard("p-li", "aabb", "张工"),)
    assert enrol(bench).stage is EnrolStage.DONE


WANG = Newcomer("p-wang", {"zh": "王奶奶", "en": "Mrs Wang"}, enrolled=True, holds=frozenset({Purpose.PASSAGE_PICTURE}))


def renewing() -> Bench:
    bench = at_the_flat()
    bench.press(Press.ENTER)
    bench.send(ResidentsFound((replace(WANG, outdated=True),)), Chosen("p-wang"))
    return bench


def test_consent_is_renewed_and_added_to_without_a_picture() -> None:
    bench = renewing()
    assert second(bench) == "kiosk.enrol.outdated"
    assert enrol(bench).also == {Purpose.PASSAGE_PICTURE}  # as they have agreed to until now
    bench.send(AlsoAgreed(Purpose.FACE_AT_OTHER_GATES, True))
    both = frozenset({Purpose.PASSAGE_PICTURE, Purpose.FACE_AT_OTHER_GATES})
    assert bench.press(Press.AGREE) == (RenewConsent("p-wang", False, "张工", both),)
    assert bench.press(Press.BACK) == ()  # not while it is written
    bench.send(ConsentRenewed())
    assert (enrol(bench).stage, bench.view.headline.key) == (EnrolStage.RENEWED, "kiosk.enrol.renewed")


def test_somebody_enrolled_may_be_photographed_anew() -> None:
    bench = renewing()
    bench.press(Press.RETAKE)
    assert enrol(bench).stage is EnrolStage.POSES


def test_leaving_in_the_middle_and_idling_forget_the_pictures() -> None:
    assert DropPhotos() in agreed().press(Press.BACK)
    bench = agreed()
    assert DropPhotos() in bench.wait(121, step=1)
    assert bench.view.screen is Screen.STANDBY


def test_a_flat_without_residents_and_a_refusal_say_what_to_do() -> None:
    bench = at_the_flat()
    bench.press(Press.ENTER)
    bench.send(ResidentsFound(()))
    assert bench.view.second is not None
    assert bench.view.second.key == "kiosk.enrol.nobody"
    bench = agreed()
    bench.send(EnrolmentFailed("photo_none"))
    assert bench.view.second is not None
    assert bench.view.second.key == "error.photo_none"


@pytest.mark.qt_log_ignore("propagateSizeHints")
def test_it_is_done_by_touch(qtbot: Any, qapp: QApplication) -> None:
    bench = at_the_flat()
    window = KioskWindow(bench.visit, Language("en"), Theme(qapp, "kiosk", Mode.LIGHT), now=lambda: bench.now)
    qtbot.addWidget(window)
    window.resize(800, 1280)
    window.show()
    window.press(Press.ENTER)
    window._handle(ResidentsFound((LI, CHILD)))
    settle(window)
    page: Any = window.pages[Screen.ENROL]
    buttons = [page._people.itemAt(i).widget() for i in range(page._people.count())]
    child = next(button for button in buttons if button is not None and button.text() == "Young Li")
    qtbot.mouseClick(child, Qt.MouseButton.LeftButton)
    assert page.agree.text() == "I am the guardian and agree"
    qtbot.mouseClick(page.agree, Qt.MouseButton.LeftButton)
    assert enrol(bench).stage is EnrolStage.POSES
    assert not window.ways.isVisible()
    qapp.setStyleSheet("")


# ---------------------------------------------------------------- the desk


class FakeEnroller:
    """Stands for kiosk.enrolment.Enroller, which has tests of its own with real pictures."""

    def __init__(self) -> None:
        self.enrolled: list[tuple[str, int, str, bool, int | None]] = []
        self.refuse = ""

    def measure(self, photos: Any, person: str) -> Any:
        if self.refuse:
            raise Mendable(self.refuse)
        alike = SimpleNamespace(person_id="p-wang")
        return SimpleNamespace(lookalikes=(alike,) if person == "p-child" else (), photos=photos)

    def save(self, profile: Profile, measured: Any, consent: Any, person: str) -> None:
        self.enrolled.append((person, len(measured.photos), consent.by, consent.guardian, consent.age))


PEOPLE = {
    "p-li": Profile("李", "建国", "先生", "Mr", "1960-01-02", "3-2-501"),
    "p-child": Profile("李", "小", "同学", "Young", "2015-11-24", "3-2-501"),
    "p-wang": Profile("王", "秀兰", "奶奶", "Mrs", "", "1-1-101"),
}


@pytest.fixture
def desk() -> Any:
    told: queue.Queue[Event] = queue.Queue()
    enroller: Any = FakeEnroller()
    frame = Frame(np.zeros((36, 64, 3), np.uint8), datetime.now(UTC), 0.0, 0)
    made = EnrolDesk(lambda: frame, lambda: PEOPLE, lambda: {"p-li"}, enroller, told.put, lambda: START.date())
    yield made, enroller, told
    made.close()


def test_the_desk_finds_who_lives_in_a_flat(desk: Any) -> None:
    made, _, told = desk
    made.take(FindResidents("32501"))
    found = told.get(timeout=5)
    assert [(p.person_id, p.minor, p.enrolled) for p in found.people] == [
        ("p-child", True, False),
        ("p-li", False, True),
    ]
    made.take(FindResidents(""))
    assert told.get(timeout=5) == ResidentsFound(())


def test_the_desk_saves_what_was_photographed_and_forgets_it(desk: Any) -> None:
    made, enroller, told = desk
    for _ in range(5):
        made.take(TakePhoto())
    made.take(SaveEnrolment("p-child", True, "张工"))
    wang = ({"zh": "王奶奶", "en": "Mrs 王"},)
    assert told.get(timeout=5) == EnrolmentDoubted(wang)
    assert enroller.enrolled == []  # somebody is asked first
    made.take(SaveEnrolment("p-child", True, "张工", distinct=True))
    assert told.get(timeout=5) == EnrolmentSaved(wang)
    made.take(TakePhoto())
    made.take(DropPhotos())
    made.take(SaveEnrolment("p-li", False, "张工"))
    told.get(timeout=5)
    assert enroller.enrolled == [
        ("p-child", 5, "guardian, at the gate before 张工", True, 10),
        ("p-li", 0, "self, at the gate before 张工", False, 66),
    ]


def test_what_goes_wrong_at_the_desk_is_said(desk: Any) -> None:
    made, enroller, told = desk
    enroller.refuse = "photo_none"
    made.take(SaveEnrolment("p-li", False, "张工"))
    assert told.get(timeout=5) == EnrolmentFailed("photo_none")
    made.take(SaveEnrolment("p-gone", False, "张工"))
    assert told.get(timeout=5) == EnrolmentFailed("enrol_gone")


def test_what_was_measured_before_a_question_is_forgotten_with_it(desk: Any) -> None:
    """Whoever goes back at the question has nothing saved; a later "different" begins from pictures of its own."""
    made, enroller, told = desk
    made.take(TakePhoto())
    made.take(SaveEnrolment("p-child", True, "张工"))
    assert isinstance(told.get(timeout=5), EnrolmentDoubted)
    made.take(DropPhotos())
    made.take(SaveEnrolment("p-child", True, "张工", distinct=True))
    assert isinstance(told.get(timeout=5), EnrolmentSaved)
    assert [photos for _, photos, *_ in enroller.enrolled] == [0]


@pytest.mark.parametrize(("born", "years"), [("", None), ("2012-11-23", 14), ("2012-11-24", 13), ("1940-02-29", 86)])
def test_ages(born: str, years: int | None) -> None:
    assert age(Profile("李", "", born=born), date(2026, 11, 23)) == years
