"""The last visitor whom nobody knew: the best frames, in memory alone, until they agree to be enrolled or two minutes are over."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from domain.identification import Decision, Outcome
from kiosk.camera.port import Frame, Image
from kiosk.faces.cut_out import cut_out
from kiosk.faces.messages import DecisionMade, FaceBox, Sighting, VisitEnded
from kiosk.visit.events import Event
from kiosk.visit.face_watch import LOOKED_AT

MOST = 5  # frames, the best by quality
APART_S = 0.3  # between two of them: neighbouring frames say the same
KEPT_S = 120.0  # time to fetch the staff and to agree
MARGIN = 1.0  # of the face's box, on every side: what a detector needs to see a face


@dataclass(slots=True, eq=False)
class _Seen:
    visit: str
    frames: list[tuple[float, Image]] = field(default_factory=list)  # (quality, cut-out)
    taken_at: float = 0.0
    unknown_at: float | None = None  # when it was decided that nobody knows them
    again: bool = False  # the same face is looked at once more


class VisitorFrames:
    """Hears what the visit hears, from any thread. Whoever is recognised is forgotten at once.

    The staff who come to take a visitor over are often seen, and unknown, themselves: `hold` tells that somebody signs in.
    """

    def __init__(self, frames: Callable[[], Frame | None], monotonic: Callable[[], float] = time.monotonic) -> None:
        self._frames, self._monotonic, self._lock = frames, monotonic, threading.Lock()
        self._here: _Seen | None = None
        self._unknown: list[_Seen] = []  # the newest last
        self._held = False
        self._early: Decision | None = None  # decided by its first frame: who it is about comes with the next word

    def hear(self, event: Event) -> None:
        with self._lock:
            self._forget_in_time()
            if self._held:
                return
            if isinstance(event, Sighting):
                self._see(event)
            elif isinstance(event, DecisionMade):
                self._decide(event.decision)
            elif isinstance(event, VisitEnded) and self._here is not None:
                self._here.again = event.again

    def hold(self) -> None:
        """Somebody signs in now: the visitor is who was here before, or stands here alone."""
        with self._lock:
            self._forget_in_time()
            if len(self._unknown) > 1 and self._unknown[-1] is self._here:
                self._unknown.pop()  # whoever touches the screen
            self._unknown = [seen for seen in self._unknown[-1:] if seen.frames]
            self._held, self._here, self._early = bool(self._unknown), None, None

    def waits(self) -> bool:
        """Whether there is a visitor to take over."""
        with self._lock:
            self._forget_in_time()
            return self._held

    def best(self) -> Image | None:
        """The visitor as seen best, to be asked whether it is they; None where nobody waits."""
        with self._lock:
            self._forget_in_time()
            return self._unknown[0].frames[0][1] if self._held else None

    def take(self) -> list[Image]:
        """The visitor's frames, the best first; they are handed over, not kept."""
        with self._lock:
            self._forget_in_time()
            found = [image for _, image in self._unknown[0].frames] if self._held else []
            self._forget()
            return found

    def drop(self) -> None:
        with self._lock:
            self._forget()

    def _forget(self) -> None:
        self._here, self._unknown, self._held, self._early = None, [], False, None

    def _forget_in_time(self) -> None:
        oldest = self._monotonic() - KEPT_S
        kept = [seen for seen in self._unknown if seen.unknown_at is not None and seen.unknown_at >= oldest]
        if len(kept) != len(self._unknown):
            self._unknown, self._here = kept, None if self._here in self._unknown else self._here
            self._held = self._held and bool(kept)

    def _decide(self, decision: Decision) -> None:
        here = self._here
        if here is None or decision.visit_id != here.visit:
            self._early = decision
            return
        self._unknown = [seen for seen in self._unknown if seen is not here]
        if decision.outcome is Outcome.UNKNOWN and decision.reason in LOOKED_AT:
            here.unknown_at = self._monotonic()
            self._unknown = [*self._unknown[-1:], here]
        else:
            self._here = None

    def _see(self, seen: Sighting) -> None:
        if seen.visit_id is None:
            self._here = None
            return
        chosen = next((face for face in seen.faces if face.chosen), None)
        before = self._here
        if before is None or before.visit != seen.visit_id:
            self._here = _Seen(seen.visit_id)
            # whoever comes next otherwise, be it in the same place, is somebody else
            if before is not None and before.again:
                self._here.frames, self._here.unknown_at = before.frames, before.unknown_at
                self._unknown = [self._here if one is before else one for one in self._unknown]
        assert self._here is not None
        self._keep(self._here, seen, chosen)
        early, self._early = self._early, None
        if early is not None and early.visit_id == seen.visit_id:
            self._decide(early)

    def _keep(self, here: _Seen, seen: Sighting, chosen: FaceBox | None) -> None:
        now = self._monotonic()
        if chosen is None or seen.quality is None or len(seen.faces) > 1 or now - here.taken_at < APART_S:
            return
        good = seen.quality.unified
        if len(here.frames) >= MOST and good <= here.frames[-1][0]:
            return
        if (frame := self._frames()) is not None:
            here.taken_at = now
            here.frames.append((good, cut_out(frame.image, chosen, MARGIN)))
            here.frames.sort(key=lambda f: -f[0])
            del here.frames[MOST:]
