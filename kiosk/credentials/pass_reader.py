"""Looks for QR codes in the camera's newest frame, while asked to."""

import logging
from collections.abc import Callable
from threading import Event, Thread
from time import monotonic

import zxingcpp

from domain.passages import Direction, Method
from kiosk.camera.port import Frame, Image
from kiosk.credentials.port import Hear, Presented, Trouble

log = logging.getLogger(__name__)

EVERY_S = 0.1
AGAIN_S = 4.0  # the same code is heard again only after this long


class PassReader:
    """Implements CredentialReader. `frames` gives the newest frame or None; `look` turns the search on and off."""

    def __init__(
        self, frames: Callable[[], Frame | None], side: Direction = Direction.UNKNOWN, every_s: float = EVERY_S
    ) -> None:
        self._frames, self._side, self._every = frames, side, every_s
        self._looking, self._end = Event(), Event()
        self._thread: Thread | None = None

    def look(self, on: bool) -> None:
        if on:
            self._looking.set()
        else:
            self._looking.clear()

    def start(self, hear: Hear, trouble: Trouble) -> None:
        """The camera reports its own troubles, so `trouble` stays unused."""
        del trouble
        self._thread = Thread(target=self._run, args=(hear,), name="pass-reader", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._end.set()
        self._looking.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _run(self, hear: Hear) -> None:
        heard: dict[str, float] = {}
        seen = -1
        while self._looking.wait() and not self._end.is_set():
            frame = self._frames()
            if frame is not None and frame.index != seen:
                seen = frame.index
                for text in codes(frame.image):
                    if monotonic() - heard.get(text, -AGAIN_S) >= AGAIN_S:
                        heard = {text: monotonic()}
                        hear(Presented(Method.QR, text, self._side))
            self._end.wait(self._every)


def codes(image: Image) -> list[str]:
    """The texts of all QR codes in a picture (HxWx3, blue-green-red)."""
    only = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
    return [found.text for found in zxingcpp.read_barcodes(image, formats=only) if found.text]
