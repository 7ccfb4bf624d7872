"""The feed keeps the newest frame and survives unplugging."""

import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import numpy as np

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
    cameras = [Plugged(3, True), Mendable("camera_missing", source="0"), Plugged(3, False)]
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


def test_a_silent_camera_counts_as_frozen() -> None:
    seen = threading.Event()
    feed = CameraFeed(lambda: Plugged(1, False), on_frame=lambda f: seen.set())
    feed.start()
    assert seen.wait(5)
    frame = feed.latest()
    assert frame is not None
    object.__setattr__(frame, "monotonic", frame.monotonic - 60)
    assert feed.state.error is not None
    assert feed.state.error.code == "camera_frozen"
    feed.stop()
