"""The enrolment desk: it finds, photographs, saves and forgets."""

import queue
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from domain.errors import Mendable
from domain.people import Profile
from kiosk.camera.port import Frame
from kiosk.enrolling.desk import EnrolDesk
from kiosk.visit.effects import DropPhotos, FindResidents, SaveEnrolment, TakePhoto
from kiosk.visit.events import (
    EnrolmentDoubted,
    EnrolmentFailed,
    EnrolmentSaved,
    Event,
    ResidentsFound,
)
from tests.kiosk_visit.visits import START


class FakeEnroller:
    """Stands for kiosk.enrolling.enroller.Enroller, which has tests of its own with real pictures."""

    def __init__(self) -> None:
        self.enrolled: list[tuple[str, int, str, bool, int | None]] = []
        self.refuse = ""
        self.looked: queue.Queue[str] = queue.Queue()
        self.known: dict[str, Any] = {}

    def look(self, name: str, image: Any) -> Any:
        self.looked.put(name)
        return name, image

    def measure(self, photos: Any, person: str, looked: Any) -> Any:
        if self.refuse:
            raise Mendable(self.refuse)
        self.known = looked
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


def test_father_and_son_are_told_apart_by_their_whole_names(desk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    made, _, told = desk
    monkeypatch.setitem(PEOPLE, "p-son", Profile("李", "小明", "先生", "Mr", "1990-01-02", "3-2-501"))
    made.take(FindResidents("32501"))
    greetings = {person.person_id: person.greeting["zh"] for person in told.get(timeout=5).people}
    assert greetings == {"p-li": "李建国", "p-son": "李小明", "p-child": "李同学"}


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


def test_a_photo_is_looked_at_while_the_next_one_is_taken_and_never_for_somebody_else(desk: Any) -> None:
    made, enroller, told = desk
    made.take(TakePhoto())
    assert enroller.looked.get(timeout=5) == "gate 1"
    made.take(DropPhotos())
    made.take(TakePhoto())
    (second,) = made._photos
    made.take(SaveEnrolment("p-li", False, "张工"))
    told.get(timeout=5)
    assert enroller.known["gate 1"][1] is second.image, "of whoever stands there now, though they are called alike"
    assert len(enroller.known) == 1


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
def test_an_age_is_counted_in_whole_birthdays(born: str, years: int | None) -> None:
    assert Profile("李", "", born=born).age(date(2026, 11, 23)) == years
