"""A kiosk that is up: its parts, in the order in which they start and stop, and what flows between them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from apscheduler.schedulers.base import BaseScheduler

from kiosk.calls import JournalCalls, LivePicture
from kiosk.camera import CameraFeed, FeedState
from kiosk.contact_record import ContactRecord
from kiosk.credentials.orders import AccessOrders
from kiosk.credentials.port import CredentialReader
from kiosk.cut_off import CutOff
from kiosk.enrolling.desk import EnrolDesk
from kiosk.faces.gallery import People
from kiosk.faces.recogniser import Recogniser
from kiosk.gate.port import Gate
from kiosk.gate.watch import GateEvent, GateWatch
from kiosk.hands import Hands, of_camera, of_gate
from kiosk.last_word import LastWord
from kiosk.passages.looks import Looks
from kiosk.passages.pictures import PassagePictures
from kiosk.passages.records import Records
from kiosk.residents.borrowed import Borrowed
from kiosk.residents.known import Residents
from kiosk.residents.lending import Lending
from kiosk.residents.templates import Embeddings, TemplateStore
from kiosk.screens.window import KioskWindow
from kiosk.visit.effects import Recorded, RecordPassage
from kiosk.visit.events import Event
from kiosk.visit.faults import Fault, Part
from offline.line.link import Link, SyncStatus
from offline.node import Node
from offline.scheduling import Every

LOOK_S = 1.0  # for what the command line has written: residents of a folder, PINs, cards


@dataclass
class Gatehouse:
    """Made by `kiosk.bootstrap`. `start` begins everything, `stop` ends it in the reverse order."""

    node: Node
    templates: TemplateStore
    recogniser: Recogniser
    feed: CameraFeed
    infrared: CameraFeed | None
    gate: Gate
    contacts: GateWatch
    readers: Sequence[CredentialReader]
    records: Records
    enrolling: EnrolDesk
    hands: Hands
    window: KioskWindow
    scheduler: BaseScheduler
    calls: JournalCalls
    live: LivePicture
    orders: AccessOrders
    pictures: PassagePictures
    looks: Looks
    borrowed: Borrowed
    residents: Residents
    lending: Lending
    last_word: LastWord
    cut_off: CutOff

    def start(self) -> None:
        self.cut_off.begin(self.records.add)
        self.window.effect.connect(self.hands.perform)
        self.recogniser.start()
        self.feed.start()
        if self.infrared is not None:
            self.infrared.start()
        self.contacts.start()
        for reader in self.readers:
            reader.start(self.hands.present, self.hands.reader_trouble)
        self.scheduler.add_job(self.node.journal.look, Every(LOOK_S))
        self.scheduler.start()
        self.orders.start()
        self.pictures.start()
        self.lending.start()
        if self.node.district is not None:
            sync = self.node.start(self.scheduler, listen=True)
            sync.on_status(self.last_word.heard)
            sync.on_status(lambda status: line_changed(status, self.window.take))
            sync.on_status(lambda _: self.residents.filled())
            sync.on_status(lambda status: self.lending.time_told() if status.link.answers else None)
            if self.node.stream is not None:
                self.node.stream.ordered = self.calls.order
                self.node.stream.looked = self.looks.heard
                self.node.stream.lent = self.lending.heard

    def stop(self) -> None:
        for reader in self.readers:
            reader.stop()
        self.live.close()
        self.feed.stop()
        if self.infrared is not None:
            self.infrared.stop()
        self.recogniser.stop()
        self.contacts.stop()
        self.hands.close()
        self.window.take_the_rest()
        self.enrolling.close()
        self.orders.close()
        self.records.close()
        self.cut_off.end(self.records.whole)
        self.gate.close()
        self.node.stop()
        self.looks.close()
        self.lending.close()
        self.pictures.close()
        self.scheduler.shutdown()
        self.node.close()
        self.templates.close()
        self.borrowed.close()


def line_changed(status: SyncStatus, tell: Callable[[Event], None]) -> None:
    """The line to the district, for the screen."""
    down = not status.link.answers and status.link is not Link.STARTING
    tell(Fault(Part.DISTRICT, f"link_{status.link.value}" if down else ""))


def camera_changed(state: FeedState, tell: Callable[[Event], None], part: Part = Part.CAMERA) -> None:
    """A camera's health, for whoever stands before it."""
    if (event := of_camera(state, part)) is not None:
        tell(event)


def contact_heard(event: GateEvent, at: datetime, tell: Callable[[Event], None], record: ContactRecord) -> None:
    """What a contact says goes to the screen where somebody must know, and into the record."""
    if (told := of_gate(event)) is not None:
        tell(told)
    record.hear(event, at)


def recorder(
    records: Records,
    pictures: PassagePictures,
    came_otherwise: Sequence[Callable[[str], None]],
    spend: Callable[[str], None],
) -> Callable[[Recorded], None]:
    """Records, and tells of a passage whoever else must know: its picture is kept or forgotten, the recogniser and a trial hear
    of somebody's own card or PIN (`came_otherwise`), the desk of a one-time pass that has opened (`spend`)."""

    def record(what: Recorded) -> None:
        records.take(what)
        if isinstance(what, RecordPassage):
            pictures.record(what)
            if what.by_own:
                for hear in came_otherwise:
                    hear(what.by_own)
            if what.spends:
                spend(what.spends)

    return record


class Telling:
    """Tells of an event, from any thread, everybody who is to hear of it; named once all of them are there."""

    def __init__(self) -> None:
        self._hear: tuple[Callable[[Event], None], ...] = ()

    def to(self, *hear: Callable[[Event], None]) -> None:
        self._hear = hear

    def __call__(self, event: Event) -> None:
        for hear in self._hear:
            hear(event)


class GalleryFeed:
    """Hands each new gallery to the recogniser under a revision of its own. `second` gives that of an engine on trial."""

    def __init__(self, recogniser: Recogniser, second: Callable[[], People] = tuple) -> None:
        self._recogniser, self._second, self._revision = recogniser, second, 0

    def __call__(self, gallery: list[tuple[str, Embeddings]], homes: dict[str, str]) -> None:
        """Called by one at a time, in the order in which the galleries were read; returns at once."""
        self._revision += 1
        self._recogniser.set_gallery(gallery, self._revision, homes, self._second())
