"""What was kept of what came in, and a way to wait for it."""

import threading

from district.intake.signals import Heard, Kind


class Kept:
    """What was kept, and a way to wait for it."""

    def __init__(self) -> None:
        self.all: list[Heard] = []
        self._more = threading.Condition()
        self.broken = False
        self._breaks_on: Kind | None = None

    def break_next(self, kind: Kind) -> None:
        """The next message of this kind cannot be kept."""
        self._breaks_on = kind

    def __call__(self, heard: Heard, community: str = "") -> None:
        if self.broken:
            raise OSError("the disk is full")
        if self._breaks_on in [s.kind for s in heard.signals]:
            self._breaks_on = None
            raise OSError("the disk is full")
        with self._more:
            self.all.append(heard)
            self._more.notify_all()

    def kinds(self) -> list[Kind]:
        return [s.kind for h in self.all for s in h.signals if s.kind is not Kind.HEARTBEAT]

    def wait_for(self, kind: Kind, count: int = 1) -> None:
        with self._more:
            assert self._more.wait_for(lambda: self.kinds().count(kind) >= count, 10), self.kinds()
