"""A guided enrolment: from the staff's button to what is to be saved, without a window."""

from dataclasses import replace
from typing import Any

import pytest

from domain.consent import Purpose
from domain.passages import Method
from kiosk.faces.messages import FaceBox
from kiosk.visit.effects import DropPhotos, FindResidents, GiveCard, RenewConsent, SaveEnrolment, TakePhoto
from kiosk.visit.enrol_guide import POSES
from kiosk.visit.events import (
    AlsoAgreed,
    Chosen,
    ConsentRenewed,
    CredentialAccepted,
    CredentialRefused,
    EnrolmentFailed,
    EnrolmentSaved,
    Event,
    Press,
    ResidentsFound,
)
from kiosk.visit.people import Newcomer
from kiosk.visit.view import EnrolStage, PinStage, Screen
from tests.kiosk_visit.newcomers import CHILD, LI, YAWS, agreed, at_the_flat, enrol, looking
from tests.kiosk_visit.visits import START, Bench, decided, seen


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


def test_how_good_the_picture_is_is_said_while_it_is_taken() -> None:
    bench = agreed()
    said = []
    for event in (looking(unified=0.87), looking(unified=0.31, sharpness=0.1), replace(seen(), quality=None, faces=())):
        bench.send(event)
        assert bench.view.second is not None
        said.append((bench.view.second.key, bench.view.second.details.get("quality")))
    assert said == [("kiosk.enrol.taken_quality", 90), ("kiosk.enrol.taken_quality", 30), ("kiosk.enrol.taken", None)]


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
    assert bench.screen() is Screen.STANDBY


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
    assert bench.screen() is Screen.STANDBY


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
