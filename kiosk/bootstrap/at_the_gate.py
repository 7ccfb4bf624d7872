"""Who is let in otherwise, what is seen of a passage, and who is called: desk, contacts, pictures, calls, the visit."""

import uuid
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from kiosk.bootstrap.by_the_clock import keep_pictures
from kiosk.bootstrap.ground import Ground
from kiosk.calls import JournalCalls, LivePicture
from kiosk.camera import CameraFeed
from kiosk.camera.jpeg import as_jpeg
from kiosk.config import KioskSettings
from kiosk.contact_record import ContactRecord, told_before
from kiosk.credentials.books import Books
from kiosk.credentials.desk import Desk
from kiosk.credentials.pins import Attempts, Pins
from kiosk.credentials.tallies import Tallies
from kiosk.enrolling.visitor import VisitorFrames
from kiosk.face_outage import FaceOutage
from kiosk.gate.relay_gate import RelayGate
from kiosk.gate.watch import GateEvent, GateWatch
from kiosk.gatehouse import contact_heard
from kiosk.house_rules import gate_rules, needs_infrared, visit_settings
from kiosk.passages.looks import Looks
from kiosk.passages.pictures import PassagePictures, PictureStore
from kiosk.passages.records import Records
from kiosk.residents.known import Residents
from kiosk.visit.presenter import Visit
from kiosk.visit.settings import Knows
from offline.node import Node

CARD_NUMBERS = "card numbers"  # the purpose of the key under which cards are kept


def desk_of(settings: KioskSettings, node: Node, residents: Residents, pins: Pins) -> Desk:
    """Cards, PINs and passes from this kiosk's own journal; passes are signed by the district, or by a hub on the way to it."""
    books = Books(node.journal, residents.flat)
    here = (node.journal.community, settings.site.gate_id)
    attempts = Attempts(Tallies(settings.data / "tallies.sqlite"))
    return Desk(here, books, books, books, lambda: pass_keys(node), pins, attempts, node.keys.secret(CARD_NUMBERS))


def pass_keys(node: Node) -> list[Ed25519PublicKey]:
    """By which passes are verified now; none before enrolment."""
    known = node.pass_keys
    return [] if known is None else known.in_force(node.clock.now_ms())


def contacts_of(ground: Ground, gate: RelayGate, records: Records, outage: FaceOutage) -> GateWatch:
    before, held_open_s = told_before(ground.node.journal), ground.settings.gate.held_open_seconds
    record = ContactRecord(ground.settings.site.gate_id, records.add, before)

    def heard(event: GateEvent, at: datetime) -> None:
        contact_heard(event, at, ground.tell, record)

    return GateWatch(gate, heard, ground.now, held_open_s, stands_open=outage.stands_open, before=before)


def pictures_of(ground: Ground, feed: CameraFeed) -> tuple[PassagePictures, Looks]:
    """Pictures of passages, and how the staff look at one."""
    node = ground.node
    store = PictureStore(ground.settings.data / "pictures.sqlite", node.keys)
    keep = keep_pictures(ground.settings)
    pictures = PassagePictures(store, node.journal, node.roster, feed.latest, lambda: ground.known().stays(keep))
    looks = Looks(node.journal, pictures, node.identity.box, node.line, ground.district_key, node.clock.now_ms)
    return pictures, looks


def visit_of(ground: Ground, residents: Residents, visitor: VisitorFrames, simulated_gate: bool) -> Visit:
    rules = gate_rules(ground.settings)
    knows = Knows(
        residents.guest, lambda: rules, residents.blocked, residents.last, lambda: uuid.uuid4().hex, visitor.waits,
        ground.silence, needs_infrared(ground.settings, ground.now),
    )  # fmt: skip
    return Visit(visit_settings(ground.settings, simulated_gate), knows, ground.now())


def calls_of(ground: Ground, records: Records, feed: CameraFeed) -> tuple[JournalCalls, LivePicture]:
    node = ground.node

    def picture() -> bytes | None:
        frame = feed.latest()
        return None if frame is None else as_jpeg(frame.image)

    live = LivePicture(picture, lambda: node.line() if node.district is not None else None)
    calls = JournalCalls(
        node.journal, ground.settings.site.gate_id, records.add, ground.online, ground.tell, live,
        ground.district_key, node.clock.now_ms,
    )  # fmt: skip
    return calls, live
