"""Recordings through the kiosk's real path: camera feed, newest-frame slot, recogniser process, messages."""

from collections.abc import Callable
from queue import Empty, SimpleQueue
from threading import Event

from domain.errors import Mendable
from domain.identification import Decision
from kiosk.camera import CameraFeed, Health, open_camera
from kiosk.faces.gallery import People
from kiosk.faces.messages import DecisionMade, GalleryApplied, Message, RecogniserState
from kiosk.faces.pipeline import Settings
from kiosk.faces.recogniser import Recogniser
from kiosk.faces.under_way import UnderWay

LOADING_S = 60.0


class Replay:
    """A running recogniser to which recordings are played one after another. Use as a context."""

    def __init__(self, settings: Settings, people: People, engine: str) -> None:
        self._said: SimpleQueue[Message] = SimpleQueue()
        self.recogniser = Recogniser(settings, self._said.put, engine=engine)
        self.recogniser.set_gallery(people, 1)

    def __enter__(self) -> "Replay":
        self.recogniser.start()
        while True:
            match self._said.get(timeout=LOADING_S):
                case GalleryApplied(revision=1):
                    return self
                case RecogniserState(up=False, code=code, details=details):
                    self.recogniser.stop()
                    raise Mendable(code or "ours", **details)

    def __exit__(self, *_: object) -> None:
        self.recogniser.stop()

    def play(self, source: str, each: Callable[[Message], object] | None = None) -> list[Decision]:
        """Play one recording in real time; every decision of the visits in it, in order."""
        over, under_way = Event(), UnderWay(self.recogniser.offer)
        feed = CameraFeed(
            lambda: open_camera(source, simulated=True),
            on_frame=under_way.show,
            on_state=lambda s: over.set() if s.health in (Health.ENDED, Health.FAILED) else None,
        )
        decisions: list[Decision] = []
        feed.start()
        try:
            while True:
                try:
                    message = self._said.get(timeout=0.7)
                except Empty:
                    if over.is_set() and under_way.over():
                        return decisions
                    continue
                under_way.hear(message)
                if each:
                    each(message)
                if isinstance(message, DecisionMade):
                    decisions.append(message.decision)
        finally:
            feed.stop()
            if feed.state.error:
                raise feed.state.error
