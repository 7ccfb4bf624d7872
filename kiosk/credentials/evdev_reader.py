"""Card readers on Linux, read past the window: the device is grabbed, so its digits reach no other program."""

import logging
import select
from collections.abc import Callable
from threading import Event, Thread
from typing import Any

from domain.errors import Mendable
from domain.passages import Direction, Method
from kiosk.credentials.port import Hear, Presented, Trouble

log = logging.getLogger(__name__)

WAIT_S = 0.2
BACK_OFF_S = 1.0
HALF_S = 1.0  # a number that breaks off for so long is not gone on with by the next card
SYN, KEY = 0, 1  # types of linux/input-event-codes.h
DROPPED = 3  # SYN_DROPPED: the kernel had no room for what came while nobody read
KEY_PRESS = 1
ENTER_KEYS = frozenset({28, 96})  # KEY_ENTER, KEY_KPENTER of linux/input-event-codes.h
CHARACTERS = {code: str((code - 1) % 10) for code in range(2, 12)} | {
    30: "A", 48: "B", 46: "C", 32: "D", 18: "E", 33: "F",
    79: "1", 80: "2", 81: "3", 75: "4", 76: "5", 77: "6", 71: "7", 72: "8", 73: "9", 82: "0",
}  # fmt: skip


def open_device(which: str) -> Any:
    """The input device at a path (``/dev/input/by-id/…``) or with a name. Raises OSError where there is none."""
    import evdev

    if which.startswith("/"):
        return evdev.InputDevice(which)
    for path in evdev.list_devices():
        device = evdev.InputDevice(path)
        if device.name == which:
            return device
        device.close()
    raise FileNotFoundError(2, "no input device of this name", which)


class Typed:
    """A number as it is typed, key by key, by the keys' own times."""

    def __init__(self) -> None:
        self._number, self._last, self._torn = "", 0.0, False

    def take(self, event: Any) -> str:
        """The number that this event ends; empty for every other event, and for a number of which something was lost."""
        at = event.timestamp()
        if event.type == SYN and event.code == DROPPED:
            self._number, self._last, self._torn = "", at, True
        if event.type != KEY or event.value != KEY_PRESS:
            return ""
        if at - self._last > HALF_S:
            self._number, self._torn = "", False
        self._last = at
        if event.code not in ENTER_KEYS:
            self._number += CHARACTERS.get(event.code, "")
            return ""
        found, self._number = "" if self._torn else self._number, ""
        self._torn = False
        return found


class EvdevReader:
    """Implements CredentialReader. `open_` is `open_device` unless a test brings a device of its own."""

    def __init__(
        self,
        which: str,
        side: Direction = Direction.UNKNOWN,
        open_: Callable[[str], Any] = open_device,
        back_off_s: float = BACK_OFF_S,
    ) -> None:
        self._which, self._side, self._open, self._back_off = which, side, open_, back_off_s
        self._end = Event()
        self._thread: Thread | None = None

    def start(self, hear: Hear, trouble: Trouble) -> None:
        self._thread = Thread(target=self._run, args=(hear, trouble), name="card-reader", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._end.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _run(self, hear: Hear, trouble: Trouble) -> None:
        lost = ""  # why, since when it was told: a reader that stays away is logged once, not every second
        while not self._end.is_set():
            try:
                device = self._open(self._which)
                try:
                    device.grab()
                    if lost:
                        lost = ""
                        log.info("card reader %s is back", self._which)
                        trouble(None)
                    self._read(device, hear)
                finally:
                    device.close()
            except OSError as error:
                if not lost:
                    trouble(Mendable("reader_lost", reader=self._which))
                if repr(error) != lost:
                    log.warning("card reader %s: %s", self._which, error)
                lost = repr(error)
                self._end.wait(self._back_off)

    def _read(self, device: Any, hear: Hear) -> None:
        typed = Typed()
        while not self._end.is_set():
            if not select.select([device.fd], [], [], WAIT_S)[0]:
                continue
            for event in device.read():
                if number := typed.take(event):
                    hear(Presented(Method.CARD, number, self._side))
