"""The feed: one thread that keeps a camera open, holds only its newest frame, and survives unplugging."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from math import inf
from threading import Condition, Event, Thread

from domain.errors import Mendable
from kiosk.camera.port import Camera, Frame
from kiosk.priority import WINDOW, come_first

log = logging.getLogger(__name__)
BACK_OFF_S = (0.2, 0.5, 1.0, 2.0, 5.0)
SILENT_S = 4.0  # a driver may wait for a camera that hangs until somebody unplugs it
OPENING_S = 15.0  # longer than a stream may take to connect
LOOK_S = 1.0


class Health(StrEnum):
    """How the source is doing."""

    OPENING = "opening"
    LIVE = "live"
    FAILED = "failed"  # being reopened with back-off; `error` says what the user can mend
    ENDED = "ended"  # a recording that came to its end


@dataclass(frozen=True, slots=True)
class FeedState:
    """`since` is monotonic seconds; `error` is set while `health` is FAILED."""

    health: Health
    since: float
    error: Mendable | None = None


class CameraFeed:
    """Reads `open()`'s camera in a thread; a slow consumer drops frames and never queues them.

    `on_frame` is called in the feed's thread with every frame and must be quick (copying it into a slot); `on_state` with
    every change of health. `latest()` and `wait()` are for consumers with threads of their own. A live camera that is open and
    gives nothing for 4 s counts as frozen; `name` is what it is called then.
    """

    def __init__(
        self,
        open: Callable[[], Camera],
        *,
        on_frame: Callable[[Frame], None] | None = None,
        on_state: Callable[[FeedState], None] | None = None,
        back_off_s: tuple[float, ...] = BACK_OFF_S,
        name: str = "",
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._open, self._on_frame, self._on_state = open, on_frame, on_state
        self._back_off, self._name, self._monotonic = back_off_s, name, monotonic
        self._fresh = Condition()
        self._frame: Frame | None = None
        self._count = 0
        self._state = FeedState(Health.OPENING, monotonic())
        self._heard = monotonic()  # of the camera, last
        self._stop = Event()
        self._camera: Camera | None = None
        self._thread = Thread(target=self._run, name="camera-feed", daemon=True)
        self._watcher = Thread(target=self._watch, name="camera-watch", daemon=True)

    @property
    def state(self) -> FeedState:
        """Current health."""
        return self._state

    def start(self) -> None:
        """Begin to read. Call once."""
        self._thread.start()
        self._watcher.start()

    def stop(self) -> None:
        """End the threads; returns when it has ended or after 4 s (a driver may hold it)."""
        self._stop.set()
        if camera := self._camera:
            camera.close()
        with self._fresh:
            self._fresh.notify_all()
        if self._thread.is_alive():
            self._thread.join(SILENT_S)
        if self._watcher.is_alive():
            self._watcher.join()

    def latest(self) -> Frame | None:
        """The newest frame, None before the first and while the camera is away."""
        return self._frame

    def wait(self, seen: int, timeout: float) -> tuple[int, Frame | None]:
        """Wait for a frame newer than number `seen` (0 at first): its number and the frame, or (`seen`, None)."""
        with self._fresh:
            self._fresh.wait_for(lambda: self._count > seen or self._stop.is_set(), timeout)
            return (self._count, self._frame) if self._count > seen else (seen, None)

    def _run(self) -> None:
        come_first(WINDOW)  # it holds Python's lock now and then, and the window waits for that
        failures = 0
        while not self._stop.is_set():
            try:
                self._camera = camera = self._open()
                try:
                    if self._stop.is_set():
                        return
                    for frame in camera:
                        failures = 0
                        self._take(frame)
                        if self._stop.is_set():
                            return
                finally:
                    camera.close()
                self._report(Health.ENDED)
                return
            except Exception as e:
                self._frame = None
                if not isinstance(e, Mendable):  # ours; but nobody would be seen at the gate any more
                    log.exception("the camera's feed failed, and begins again")
                self._report(
                    Health.FAILED, e if isinstance(e, Mendable) else Mendable("camera_lost", source=self._name)
                )
            self._stop.wait(self._back_off[min(failures, len(self._back_off) - 1)])
            failures += 1

    def _watch(self) -> None:
        """Say of a camera that it hangs; its own thread may hang with it."""
        while not self._stop.wait(LOOK_S):
            live = self._camera is not None and not self._camera.simulated
            patience = {Health.OPENING: OPENING_S, Health.LIVE: SILENT_S if live else inf}.get(self._state.health, inf)
            if self._monotonic() - self._heard > patience:
                self._frame = None
                self._report(Health.FAILED, Mendable("camera_frozen", source=self._name))

    def _take(self, frame: Frame) -> None:
        self._heard = self._monotonic()
        with self._fresh:
            self._frame, self._count = frame, self._count + 1
            self._fresh.notify_all()
        if self._state.health is not Health.LIVE:
            self._report(Health.LIVE)
        if self._on_frame:
            self._on_frame(frame)

    def _report(self, health: Health, error: Mendable | None = None) -> None:
        before = self._state
        if before.health is health and (error and error.code) == (before.error and before.error.code):
            return
        self._state = FeedState(health, self._monotonic(), error)
        log.info("camera %s %s", health, error or "")
        if self._on_state:
            self._on_state(self._state)
