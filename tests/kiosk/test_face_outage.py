"""A camera that stays away: who is told of it, and whether the gate stands open meanwhile."""

from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from domain.events import to_ms
from domain.passages import Hours
from kiosk.face_outage import BACK, LOST, FaceOutage, was_told
from kiosk.faces.messages import RecogniserState
from kiosk.visit.events import Event
from kiosk.visit.faults import Fault, Part
from offline.journal.journal import Journal
from offline.node_clock import NodeClock
from tests.kiosk_visit.visits import START

CAMERA_GONE, CAMERA_BACK = Fault(Part.CAMERA, "camera_lost", {"source": "USB 0"}), Fault(Part.CAMERA)
BY_DAY = Hours(time(8), time(18), on_holidays=False)


class Outage:
    def __init__(self, *hours: Hours, holidays: frozenset[Any] = frozenset(), told: bool = False) -> None:
        self.now: datetime = START
        self.passed = 0.0
        self.told: list[str] = []
        self.since: list[int | None] = []
        self.of = FaceOutage(
            "south", hours, timedelta(minutes=10), holidays, lambda: self.now, self.record, told, lambda: self.passed,
            lambda: self.strict,
        )  # fmt: skip

        self.strict = True

    def record(self, kind: str, payload: dict[str, Any]) -> None:
        self.told.append(kind)
        self.since.append(payload.get("since"))

    def hear(self, *events: Event) -> None:
        for event in events:
            self.of.hear(event)

    def wait(self, minutes: float) -> None:
        self.now += timedelta(minutes=minutes)
        self.passed += 60 * minutes
        self.of.look()


def test_as_it_comes_a_gate_without_a_camera_stays_shut_and_tells_of_it_once() -> None:
    outage = Outage()
    outage.hear(CAMERA_GONE)
    outage.wait(9.9)
    assert outage.told == []
    for _ in range(3):
        outage.wait(10)
    assert outage.told == ["gate.faces_lost"]
    assert not outage.of.stands_open()
    outage.hear(CAMERA_BACK)
    outage.wait(1)
    assert outage.told == ["gate.faces_lost", "gate.faces_back"]
    assert outage.since == [to_ms(START), None], "since nobody was recognised, and not since it was told"


def test_an_outage_that_a_restart_has_mended_is_told_to_be_over() -> None:
    outage = Outage(told=True)
    outage.wait(1)
    assert outage.told == [], "a camera that is away takes its time to say so"
    outage.hear(CAMERA_BACK)
    for _ in range(3):
        outage.wait(9)
    assert outage.told == ["gate.faces_back"]


def test_an_outage_that_goes_on_over_a_restart_is_not_told_twice() -> None:
    outage = Outage(told=True)
    outage.hear(CAMERA_GONE)
    for _ in range(3):
        outage.wait(9)
    assert outage.told == []
    outage.hear(CAMERA_BACK)
    outage.wait(1)
    assert outage.told == ["gate.faces_back"]


def test_what_was_told_last_is_in_the_journal(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j.sqlite", NodeClock())
    journal.become("v1", 1, "jinxiu")
    said = [was_told(journal)]
    for kind in (LOST, BACK, LOST):
        journal.append(kind, {"gate": "south"})
        said.append(was_told(journal))
    journal.become("v2", 1, "elsewhere")
    assert [*said, was_told(journal)] == [False, True, False, True, False]
    journal.close()


def test_it_stands_open_at_its_hours_alone_and_not_at_once() -> None:
    outage = Outage(BY_DAY)
    outage.hear(CAMERA_GONE)
    outage.wait(9.9)
    assert not outage.of.stands_open(), "whoever covers the camera for a moment opens nothing"
    outage.wait(0.1)
    assert outage.of.stands_open()
    outage.now = START.replace(hour=18)
    assert not outage.of.stands_open()
    outage.now = START.replace(hour=17)
    outage.hear(CAMERA_BACK)
    assert not outage.of.stands_open()


def test_not_on_holidays_where_the_hours_say_so() -> None:
    outage = Outage(BY_DAY, holidays=frozenset({START.date()}))
    outage.hear(CAMERA_GONE)
    outage.wait(60)
    assert not outage.of.stands_open()


def test_a_gate_that_asks_to_follow_the_lantern_instead_of_its_second_eye_stays_shut() -> None:
    outage = Outage(Hours())
    outage.strict = False
    outage.hear(Fault(Part.INFRARED, "camera_lost"))
    outage.wait(60)
    assert not outage.of.stands_open()
    assert outage.told == []


@pytest.mark.parametrize(
    ("gone", "back"),
    [
        (Fault(Part.INFRARED, "camera_lost"), Fault(Part.INFRARED)),
        (RecogniserState(False, 1, "engine_unknown"), RecogniserState(True, 1)),
    ],
)
def test_so_does_one_without_its_second_eye_or_its_recogniser(gone: Event, back: Event) -> None:
    outage = Outage(Hours())
    outage.hear(gone)
    outage.wait(11)
    assert outage.of.stands_open()
    outage.hear(back)
    assert not outage.of.stands_open()


def test_a_lost_reader_or_line_opens_nothing_and_a_camera_that_comes_and_goes_counts_anew() -> None:
    outage = Outage(Hours())
    outage.hear(Fault(Part.READER, "reader_lost"), Fault(Part.DISTRICT, "link_unreachable"))
    outage.wait(60)
    assert not outage.of.stands_open()
    outage.hear(CAMERA_GONE)
    outage.wait(9)
    outage.hear(CAMERA_BACK, CAMERA_GONE)
    outage.wait(9)
    assert not outage.of.stands_open()
