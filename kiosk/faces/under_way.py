"""Whether a recogniser still has something to say of a recording that has ended, however busy the machine is."""

import time
from collections.abc import Callable

from kiosk.camera.port import Frame
from kiosk.faces.messages import Message, Sighting, VisitEnded

PATIENCE_S = 15.0  # without a word, after which nothing more is expected: a frame may have been lost on its way


class UnderWay:
    """Between a camera's feed and `offer` of the recogniser; `hear` is told all that it says."""

    def __init__(self, offer: Callable[[Frame], None]) -> None:
        self._offer = offer
        self._shown = self._seen = -1
        self._visit: str | None = None
        self._heard = time.monotonic()

    def show(self, frame: Frame) -> None:
        self._shown = frame.index
        self._offer(frame)

    def hear(self, message: Message) -> None:
        self._heard = time.monotonic()
        if isinstance(message, Sighting):
            self._seen, self._visit = message.frame_index, message.visit_id
        elif isinstance(message, VisitEnded) and message.visit_id == self._visit and not message.again:
            self._visit = None

    def over(self) -> bool:
        """The newest frame was looked at, and no visit is open."""
        done = self._seen >= self._shown and self._visit is None
        return done or time.monotonic() - self._heard > PATIENCE_S
