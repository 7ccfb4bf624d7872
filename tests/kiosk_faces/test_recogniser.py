"""The recogniser's process: frames in, messages out, back on its feet after a crash."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from queue import SimpleQueue
from types import SimpleNamespace
from typing import Any, TypeVar, cast

import numpy as np
import pytest

from domain.errors import Mendable
from domain.identification import Outcome
from kiosk.camera import Frame
from kiosk.faces.engines import load_engine
from kiosk.faces.enrolment import enrol, read_photo
from kiosk.faces.identify import run
from kiosk.faces.infrared import Offset
from kiosk.faces.messages import Compared, DecisionMade, GalleryApplied, Message, RecogniserState, Said, Sighting
from kiosk.faces.pipeline import Habits, Settings
from kiosk.faces.quality import OFF
from kiosk.faces.recogniser import Recogniser, _loop
from tests.fakes.faces_data import CLIPS, LONDON, london, needs_data, scene

SETTINGS = Settings(simulated=True)


M = TypeVar("M", Sighting, DecisionMade, Compared, GalleryApplied, RecogniserState)


class Heard:
    """Messages as they come, waited for by what they are."""

    def __init__(self) -> None:
        self.queue: SimpleQueue[Message] = SimpleQueue()

    def until(self, kind: type[M], wanted: Callable[[M], bool] = lambda _: True) -> M:
        while True:
            message = self.queue.get(timeout=60)
            if isinstance(message, kind) and wanted(message):
                return message


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def recogniser(heard: Heard) -> Iterator[Recogniser]:
    made = Recogniser(SETTINGS, heard.queue.put)
    made.set_gallery([("001", np.eye(1, 128, dtype=np.float32))], 5)
    made.start()
    yield made
    made.stop()


def frame(image: np.ndarray, index: int = 0) -> Frame:
    return Frame(image, datetime.now(UTC), time.monotonic(), index)


def test_a_gallery_set_before_the_start_is_there_and_a_withdrawal_is_confirmed(
    recogniser: Recogniser, heard: Heard
) -> None:
    applied = heard.until(GalleryApplied)
    assert (applied.revision, applied.people) == (5, 1)
    recogniser.withdraw({"001"}, 6)
    applied = heard.until(GalleryApplied)
    assert (applied.revision, applied.people) == (6, 0)


def test_a_crash_is_noticed_and_the_withdrawn_stay_withdrawn(recogniser: Recogniser, heard: Heard) -> None:
    heard.until(GalleryApplied)
    recogniser.withdraw({"001"}, 6)
    heard.until(GalleryApplied, lambda m: m.revision == 6)
    before = recogniser.pid
    assert before
    os.kill(before, signal.SIGKILL)
    down = heard.until(RecogniserState)
    assert (down.up, down.restarts) == (False, 1)
    up = heard.until(RecogniserState)
    assert up == RecogniserState(True, 1)
    applied = heard.until(GalleryApplied)
    assert (applied.revision, applied.people) == (6, 0)
    assert recogniser.pid != before
    recogniser.offer(frame(scene()))
    heard.until(Sighting)


def test_a_process_that_hangs_is_replaced(
    recogniser: Recogniser, heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kiosk.faces.recogniser.HUNG_S", 0.2)
    heard.until(GalleryApplied)
    assert recogniser.pid
    os.kill(recogniser.pid, signal.SIGSTOP)
    recogniser.offer(frame(scene()))
    down = heard.until(RecogniserState, lambda m: not m.up)
    assert down == RecogniserState(False, 1)


def test_a_gallery_that_is_being_sent_to_a_process_that_hangs_does_not_keep_it_alive(
    recogniser: Recogniser, heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kiosk.faces.recogniser.HUNG_S", 0.2)
    heard.until(GalleryApplied)
    assert recogniser.pid
    os.kill(recogniser.pid, signal.SIGSTOP)
    more_than_a_pipe_takes = [(f"{n:03}", np.eye(4, 128, dtype=np.float32)) for n in range(500)]
    sends = threading.Thread(target=recogniser.set_gallery, args=(more_than_a_pipe_takes, 6))
    sends.start()
    recogniser.offer(frame(scene()))
    heard.until(RecogniserState, lambda m: not m.up)
    applied = heard.until(GalleryApplied)
    sends.join()
    assert (applied.revision, applied.people) == (6, 500)


def test_nobody_waits_for_a_process_that_takes_nothing_and_in_the_end_it_has_the_newest_gallery(
    recogniser: Recogniser, heard: Heard
) -> None:
    """Each of these is told by the window's thread, or by one that holds the journal."""
    heard.until(GalleryApplied)
    assert recogniser.pid
    os.kill(recogniser.pid, signal.SIGSTOP)
    for revision in range(6, 20):
        more_than_a_pipe_takes = [(f"{n:03}", np.eye(4, 128, dtype=np.float32)) for n in range(20 * revision)]
        recogniser.set_gallery(more_than_a_pipe_takes, revision)
        recogniser.came_otherwise("001")
        recogniser.set_habits(Habits())
    recogniser.withdraw({"000"}, 20)
    os.kill(recogniser.pid, signal.SIGCONT)
    applied = [heard.until(GalleryApplied)]
    while applied[-1].revision != 20:
        applied.append(heard.until(GalleryApplied))
    assert applied[-1].people == 20 * 19 - 1
    assert [a.revision for a in applied][-2:] == [19, 20]
    assert len(applied) <= 3, "what had a newer one behind it was passed over"


def test_only_the_newest_frame_is_looked_at(recogniser: Recogniser, heard: Heard) -> None:
    heard.until(GalleryApplied)
    assert recogniser.pid
    os.kill(recogniser.pid, signal.SIGSTOP)  # busy with something else while fifty frames come
    for i in range(50):
        recogniser.offer(frame(scene(), i))
    os.kill(recogniser.pid, signal.SIGCONT)
    seen = [heard.until(Sighting).frame_index]
    while seen[-1] != 49:
        seen.append(heard.until(Sighting).frame_index)
    assert len(seen) <= 2, "the one it had begun with and the newest: dropped, never queued"


def test_an_engine_that_cannot_start_says_why(heard: Heard) -> None:
    made = Recogniser(SETTINGS, heard.queue.put, engine="wizard")
    made.start()
    down = heard.until(RecogniserState)
    made.stop()
    assert down == RecogniserState(False, 1, "engine_unknown", {"engine": "wizard"})


def test_stopping_leaves_nothing_behind(heard: Heard) -> None:
    made = Recogniser(SETTINGS, heard.queue.put)
    made.start()
    heard.until(RecogniserState, lambda m: m.up)
    pid = made.pid
    made.stop()
    assert pid
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert not any(t.name == "recogniser" for t in threading.enumerate())


@needs_data
def test_a_resident_before_the_camera_is_named(heard: Heard) -> None:
    engine = load_engine("sface")
    people = [
        (p, enrol(engine, [(p, read_photo(LONDON / f"{p}_neutral.jpg"))]).embeddings) for p in ("001", "004", "005")
    ]
    made = Recogniser(SETTINGS, heard.queue.put, second="sface")
    made.set_gallery(people, 1, second=people)
    made.start()
    heard.until(GalleryApplied)
    image = scene((london("004", "smiling", px=80), 60, -60))
    stop = threading.Event()

    def film() -> None:
        i = 0
        while not stop.wait(0.04):
            made.offer(frame(image, i))
            i += 1

    camera = threading.Thread(target=film)
    camera.start()
    decision = heard.until(DecisionMade).decision
    compared = heard.until(Compared)  # the engine on trial, here the same one
    assert (compared.said, compared.visit_id) == (Said.SAME, decision.visit_id)
    assert compared.score == pytest.approx(decision.candidates[0].score, abs=0.01)
    stop.set()
    camera.join()
    made.stop()
    assert (decision.outcome, decision.person_id) == (Outcome.IDENTIFIED, "004")
    assert decision.liveness == "not_assessed"


@needs_data
def test_identify_gives_one_record_a_visit() -> None:
    records: list[dict[str, object]] = []
    assert run(str(CLIPS / "please.mkv"), [], "sface", records.append, Settings(simulated=True, limits=OFF)) == 1
    assert records[0]["decision"] == "unknown"
    assert records[0]["reason"] == "empty_gallery"
    assert records[0]["liveness"] == "not_assessed"
    assert float(str(records[0]["ms"])) > 0


def test_identify_names_a_missing_source() -> None:
    with pytest.raises(Mendable) as e:
        run("/nowhere.mp4", [], "sface", lambda record: None, SETTINGS)
    assert e.value.code == "recording_missing"


class Given:
    """Slots, commands and a pipeline at once: gives colour pictures of 10.1, 10.2 s …,
    and notes which infrared one came with each."""

    rest, second = 0.0, None

    def __init__(self, infrared: list[float | None]) -> None:
        self.left, self.paired = list(infrared), list[float | None]()
        self.slot = self.infrared = self.commands = self.messages = self
        self.at = 10.0

    def take(self, timeout: float) -> Frame | None:
        if timeout:  # the colour camera's
            self.at += 0.1
            return Frame(np.zeros((1, 1, 3), np.uint8), datetime.now(UTC), self.at, 0)
        at = self.left.pop(0)
        return None if at is None else Frame(np.array([[[at]]]), datetime.now(UTC), at, 0)

    def poll(self) -> bool:
        return not self.left

    def recv(self) -> None:
        return None

    def step(self, frame: Frame, infrared: np.ndarray | None) -> list[Message]:
        self.paired.append(None if infrared is None else float(infrared[0, 0, 0]))
        return []

    def afterwards(self) -> list[Message]:
        return []


def test_each_picture_is_given_the_infrared_one_of_its_moment_and_none_that_is_old() -> None:
    """It may come a little sooner or later than the colour picture, and is there for two of them; then the camera hangs."""
    given = Given([10.12, None, 10.31, None, None, None])
    _loop(cast(Any, SimpleNamespace(dim=128)), cast(Any, given), replace(SETTINGS, infrared=Offset()), cast(Any, given))
    assert given.paired == [10.12, 10.12, 10.31, 10.31, 10.31, None]
