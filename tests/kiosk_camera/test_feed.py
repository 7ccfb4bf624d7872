"""The feed keeps the newest frame and survives unplugging."""

import queue
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import numpy as np
import pytest

from domain.errors import Mendable
from kiosk.camera import CameraFeed, FeedState, Frame, Health


class Plugged:
    """A camera that gives `frames` frames and is then unplugged, or stays silent until closed."""

    simulated = False

    def __init__(self, frames: int, unplug: bool) -> None:
        self._frames, self._unplug = frames, unplug
        self.closed = threading.Event()

    def __iter__(self) -> Iterator[Frame]:
        for i in range(self._frames):
            yield Frame(np.zeros((2, 2, 3), np.uint8), datetime.now(UTC), time.monotonic(), i)
        if self._unplug:
            raise Mendable("camera_lost", source="0")
        self.closed.wait(10)

    def close(self) -> None:
        self.closed.set()


class Hanging:
    """Gives a picture for each release of `gives`, and hangs meanwhile, whoever closes it; after close it ends."""

    simulated = False

    def __init__(self) -> None:
        self.gives, self.closed = threading.Semaphore(0), False

    def __iter__(self) -> Iterator[Frame]:
        index = 0
        while self.gives.acquire(timeout=10) and not self.closed:
            yield Frame(np.zeros((2, 2, 3), np.uint8), datetime.now(UTC), time.monotonic(), index)
            index += 1

    def close(self) -> None:
        self.closed = True
        self.gives.release()


def test_a_slow_consumer_sees_the_newest_frame_only() -> None:
    done = threading.Event()
    feed = CameraFeed(lambda: Plugged(100, False), on_frame=lambda f: done.set() if f.index == 99 else None)
    feed.start()
    assert done.wait(5)
    number, frame = feed.wait(0, 1)
    feed.stop()
    assert number == 100
    assert frame is not None
    assert frame.index == 99
    assert feed.wait(100, 0.01) == (100, None)


def test_it_comes_back_after_unplugging_and_says_so() -> None:
    cameras: list[Plugged | Mendable] = [Plugged(3, True), Mendable("camera_missing", source="0"), Plugged(3, False)]
    states: list[FeedState] = []
    back = threading.Event()

    def open_next() -> Plugged:
        item = cameras.pop(0)
        if isinstance(item, Mendable):
            raise item
        return item

    def on_state(state: FeedState) -> None:
        states.append(state)
        if [s.health for s in states].count(Health.LIVE) == 2:
            back.set()

    feed = CameraFeed(open_next, on_state=on_state, back_off_s=(0.001,))
    feed.start()
    assert back.wait(5)
    assert feed.state.health is Health.LIVE
    feed.stop()
    assert [(s.health, s.error and s.error.code) for s in states] == [
        (Health.LIVE, None),
        (Health.FAILED, "camera_lost"),
        (Health.FAILED, "camera_missing"),
        (Health.LIVE, None),
        (Health.ENDED, None),
    ]


def test_while_it_is_away_there_is_no_picture() -> None:
    away = threading.Event()
    cameras = [Plugged(2, True)]

    def open_next() -> Plugged:
        if not cameras:
            raise Mendable("camera_missing", source="0")
        return cameras.pop()

    feed = CameraFeed(open_next, on_state=lambda s: away.set() if s.health is Health.FAILED else None)
    feed.start()
    assert away.wait(5)
    assert feed.latest() is None
    feed.stop()


def test_a_camera_that_hangs_is_said_to_be_frozen_until_it_gives_a_picture_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("kiosk.camera.feed.LOOK_S", 0.001)
    clock, camera, states = [0.0], Hanging(), queue.Queue[FeedState]()
    feed = CameraFeed(lambda: camera, on_state=states.put, name="USB 0", monotonic=lambda: clock[0])
    feed.start()
    camera.gives.release()
    assert states.get(timeout=5).health is Health.LIVE
    clock[0] = 60.0
    frozen = states.get(timeout=5)
    assert frozen.error is not None
    assert (frozen.error.code, frozen.error.details) == ("camera_frozen", {"source": "USB 0"})
    assert feed.latest() is None
    camera.gives.release()
    assert states.get(timeout=5).health is Health.LIVE
    camera.gives.release()
    feed.stop()


def test_a_recording_may_take_its_time_between_two_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kiosk.camera.feed.LOOK_S", 0.001)
    clock, camera, looked = [0.0], Hanging(), threading.Semaphore(0)
    camera.simulated = True
    states = queue.Queue[FeedState]()

    def monotonic() -> float:
        looked.release()
        return clock[0]

    feed = CameraFeed(lambda: camera, on_state=states.put, monotonic=monotonic)
    feed.start()
    camera.gives.release()
    assert states.get(timeout=5).health is Health.LIVE
    clock[0] = 60.0
    for _ in range(20):
        assert looked.acquire(timeout=5)
    camera.gives.release()
    feed.stop()
    assert states.get(timeout=5).health is Health.ENDED


def test_a_fault_of_our_own_begins_again(caplog: pytest.LogCaptureFixture) -> None:
    states = queue.Queue[FeedState]()

    def trip(_: Frame) -> None:
        raise ZeroDivisionError

    feed = CameraFeed(lambda: Plugged(1, False), on_frame=trip, on_state=states.put, back_off_s=(0.001,), name="USB 0")
    feed.start()
    told = [states.get(timeout=5) for _ in range(3)]
    feed.stop()
    assert [s.health for s in told] == [Health.LIVE, Health.FAILED, Health.LIVE]
    assert "ZeroDivisionError" in caplog.text
