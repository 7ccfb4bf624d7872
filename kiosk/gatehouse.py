"""A kiosk that is up: its parts, in the order in which they start and stop, and what flows between them."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from apscheduler.schedulers.base import BaseScheduler

from domain.events import to_ms
from kiosk.camera import CameraFeed, FeedState, Health
from kiosk.faces.recogniser import Recogniser
from kiosk.gate.port import Gate
from kiosk.gate.watch import GateEvent, GateWatch
from kiosk.hands import Hands
from kiosk.residents import Residents
from kiosk.screens import model as m
from kiosk.screens.window import KioskWindow
from kiosk.templates import Embeddings, TemplateStore
from offline.node import Node
from offline.sync import Link, SyncStatus

log = logging.getLogger(__name__)

_CONTACT_FACTS = {
    GateEvent.HELD_OPEN: "gate.held_open",
    GateEvent.FORCED: "gate.forced",
    GateEvent.TAMPERED: "gate.tampered",
    GateEvent.TAMPER_OVER: "gate.tamper_over",
    GateEvent.FIRE: "gate.fire",
    GateEvent.FIRE_OVER: "gate.fire_over",
    GateEvent.LOST: "gate.lost",
    GateEvent.BACK: "gate.back",
}


@dataclass
class Gatehouse:
    """Made by `kiosk.bootstrap`. `start` begins everything, `stop` ends it in the reverse order."""

    gate_id: str
    node: Node
    templates: TemplateStore
    residents: Residents
    recogniser: Recogniser
    feed: CameraFeed
    gate: Gate
    contacts: GateWatch
    hands: Hands
    window: KioskWindow
    scheduler: BaseScheduler

    def start(self) -> None:
        self.window.effect.connect(self.hands.do)
        self.recogniser.start()
        self.feed.start()
        self.contacts.start()
        self.scheduler.start()
        if self.node.district is not None:
            self.node.start(self.scheduler, listen=True).on_status(self.line_changed)

    def stop(self) -> None:
        self.feed.stop()
        self.recogniser.stop()
        self.contacts.stop()
        self.hands.close()
        self.gate.close()
        self.node.stop()
        self.scheduler.shutdown()
        self.node.close()
        self.templates.close()

    def line_changed(self, status: SyncStatus) -> None:
        """The line to the district came to stand or fell."""
        down = status.link not in (Link.CONNECTED, Link.STARTING)
        self.window.take(m.Fault(m.Part.DISTRICT, f"link_{status.link.value}" if down else ""))


def camera_changed(state: FeedState, post: Callable[[m.Event], None]) -> None:
    """What the camera's health means for whoever stands before it."""
    if state.health is Health.FAILED and state.error is not None:
        post(m.Fault(m.Part.CAMERA, state.error.code, state.error.details))
    elif state.health is Health.LIVE:
        post(m.Fault(m.Part.CAMERA))


def contact_heard(node: Node, gate_id: str, event: GateEvent, at: datetime, post: Callable[[m.Event], None]) -> None:
    """What a contact said goes to the screen where somebody must know, and into the journal."""
    if event in (GateEvent.FIRE, GateEvent.FIRE_OVER):
        post(m.FireInput(event is GateEvent.FIRE))
    elif event in (GateEvent.LOST, GateEvent.BACK):
        post(m.Fault(m.Part.GATE, "gate_unreachable" if event is GateEvent.LOST else "", {"where": gate_id}))
    if (kind := _CONTACT_FACTS.get(event)) is not None:
        node.journal.append(kind, {"gate": gate_id}, at=to_ms(at))


class GalleryFeed:
    """Hands each new gallery to the recogniser under a revision of its own."""

    def __init__(self, recogniser: Recogniser) -> None:
        self._recogniser, self._revision = recogniser, 0

    def __call__(self, gallery: list[tuple[str, Embeddings]]) -> None:
        self._revision += 1
        self._recogniser.set_gallery(gallery, self._revision)
