"""The one place where the kiosk's adapters are chosen and wired."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.base import BaseScheduler
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from platformdirs import user_cache_path

from domain.consent import Purpose
from domain.events import Clock
from kiosk.calls import JournalCalls, LivePicture
from kiosk.camera import CameraFeed, open_camera
from kiosk.camera.jpeg import as_jpeg
from kiosk.camera.live import without_password
from kiosk.camera.port import Frame
from kiosk.config import KioskSettings
from kiosk.credentials.books import Books, CredentialsProjection
from kiosk.credentials.desk import Desk
from kiosk.credentials.evdev_reader import EvdevReader
from kiosk.credentials.orders import AccessOrders
from kiosk.credentials.pass_reader import PassReader
from kiosk.credentials.pins import Attempts, Pins
from kiosk.credentials.port import CredentialReader
from kiosk.credentials.tallies import Tallies
from kiosk.credentials.wedge import KeyboardWedge
from kiosk.enrolling.desk import EnrolDesk
from kiosk.enrolling.enroller import Enroller
from kiosk.enrolling.visitor import VisitorFrames
from kiosk.faces.calibration import calibrate
from kiosk.faces.engine import FaceEngine
from kiosk.faces.engines import load_engine
from kiosk.faces.gallery import Gallery
from kiosk.faces.quality import GATE, OFF
from kiosk.faces.recogniser import Recogniser
from kiosk.gate.configured import line_of
from kiosk.gate.relay_gate import RelayGate
from kiosk.gate.watch import GateWatch
from kiosk.gatehouse import GalleryFeed, Gatehouse, camera_changed, contact_heard, recorder
from kiosk.hands import Hands, Reach
from kiosk.house_rules import face_settings, gate_rules, visit_settings
from kiosk.introduction import introduction
from kiosk.passages.habits import habits_feed
from kiosk.passages.looks import Looks
from kiosk.passages.pictures import PassagePictures, PictureStore
from kiosk.passages.records import Records
from kiosk.residents.borrowed import Borrowed
from kiosk.residents.known import PassagesProjection, Residents
from kiosk.residents.lending import Lending
from kiosk.residents.lookalikes import Radar
from kiosk.residents.templates import TemplateStore
from kiosk.screens.night import Night
from kiosk.screens.voice import Voice
from kiosk.screens.window import KioskWindow
from kiosk.upkeep.engine_change import in_use
from kiosk.upkeep.nightly import SelfTest, let_go
from kiosk.upkeep.status import Fittings, StatusBoard
from kiosk.visit.events import Event
from kiosk.visit.faults import Part
from kiosk.visit.presenter import Visit
from kiosk.visit.settings import Knows
from kiosk.voice import VoiceBox
from offline.gate_card import GATE_DESCRIBED
from offline.identity import unb64
from offline.node import Node
from offline.scheduling import Every, make_scheduler
from qtkit.alarm import SystemPlayer
from qtkit.app import App

SELF_TEST_HOUR, LET_GO_HOUR, LOOKALIKES_HOUR = 3, 4, 2  # local, when a gate is quietest
HABITS_EVERY_MIN = 5
EXPIRE_EVERY_S, LEND_EVERY_MIN = 60, 10
CARD_NUMBERS = "card numbers"  # the purpose of the key under which cards are kept


def open_node(settings: KioskSettings) -> Node:
    """The kiosk's memory: journal, keys, line. Raises Mendable as they do."""
    return Node(settings.data, [PassagesProjection(), CredentialsProjection()], settings.keyring)


def open_templates(settings: KioskSettings, node: Node) -> TemplateStore:
    return TemplateStore(settings.data / "templates.sqlite", node.keys)


def make_enroller(settings: KioskSettings, node: Node, templates: TemplateStore, engine: FaceEngine) -> Enroller:
    """Enrolment with this kiosk's engine, against the gallery as it is at that moment."""

    def gallery() -> Gallery:
        consenting = node.roster.consenting(Purpose.FACE_AT_GATE)
        homes = {person: profile.flat for person, profile in node.roster.profiles().items()}
        return Gallery(templates.gallery(engine.name, engine.version, consenting), dim=engine.dim, homes=homes)

    def alike() -> float:
        return calibrate(gallery(), engine.tail, settings.face.target_fpir).threshold

    limits = OFF if settings.camera.quality == "off" else GATE
    radar = Radar(node.journal, f"{engine.name} {engine.version}")
    return Enroller(engine, node.roster, templates, gallery, alike, limits, radar.tell)


def make_gatehouse(settings: KioskSettings, app: App) -> Gatehouse:
    """Everything behind one kiosk window, ready to start. Raises Mendable."""
    site, node = settings.site, open_node(settings)
    templates = open_templates(settings, node)
    chosen = in_use(node.journal, settings.face.engine)
    engine = load_engine(chosen)

    def tell(event: Event) -> None:
        board.hear(event)
        window.take(event)
        pictures.hear(event)
        visitor.hear(event)

    def now() -> datetime:
        return node.clock.now().astimezone()

    recogniser = Recogniser(face_settings(settings), tell, engine=chosen)
    zone = now().tzinfo or UTC
    used = (engine.name, engine.version)
    borrowed = Borrowed(
        settings.data / "borrowed.sqlite", node.keys, node.clock.now_ms, lambda: node.clock.state is Clock.SYNCED
    )
    residents = Residents(
        node.journal, node.roster, templates, node.keys, used, zone, GalleryFeed(recogniser), borrowed
    )
    lending = Lending(node.journal, node.roster, templates, borrowed, node.identity, used, node.line, residents.reload)
    records = Records(node.journal, site.gate_id, tell, _hurry(node))
    held_open = timedelta(seconds=settings.gate.held_open_seconds)
    gate = RelayGate(line_of(settings.gate))
    contacts = GateWatch(gate, lambda event, at: contact_heard(event, at, site.gate_id, tell, records), now, held_open)
    feed, second = _feeds(settings, recogniser, tell)
    pictures = PassagePictures(
        PictureStore(settings.data / "pictures.sqlite", node.keys), node.journal, node.roster, feed.latest,
        _keep_pictures(settings), now,
    )  # fmt: skip
    visitor = VisitorFrames(feed.latest)
    looks = Looks(
        node.journal, pictures, node.identity.box, node.line, lambda: next(iter(_district_keys(node)), None),
        node.clock.now_ms,
    )  # fmt: skip
    rules = gate_rules(settings)
    knows = Knows(
        residents.guest, lambda: rules, residents.blocked, residents.last, lambda: uuid.uuid4().hex, visitor.waits
    )
    visit = Visit(visit_settings(settings, gate.simulated), knows, now())
    passes, wedge = PassReader(feed.latest), KeyboardWedge()
    window = KioskWindow(
        visit, app.language, app.theme, feed.latest, now, Night() if settings.screen.night else None, visitor.best,
        wedge.feed,
    )  # fmt: skip
    app.trouble.happened.connect(window.say_trouble)
    player = SystemPlayer(window)
    box = VoiceBox(settings.data / "recordings", user_cache_path("shouwang") / "voice")
    voice = Voice(player, box, app.language, app.background, window)
    board = StatusBoard(_fittings(settings, node, gate, player, engine), now, pictures.store.count, borrowed.count)
    self_test = SelfTest(settings.data / "selftest", lambda: load_engine(chosen), records, board, now)
    readers: list[CredentialReader] = [passes, wedge]
    if settings.card_reader:
        readers.append(EvdevReader(settings.card_reader))
    enrolling = EnrolDesk(
        feed.latest, node.roster.profiles, templates.people, make_enroller(settings, node, templates, engine), tell,
        lambda: now().date(),
        visitor,
        node.roster.held,
    )  # fmt: skip
    scheduler = make_scheduler()

    def picture() -> bytes | None:
        frame = feed.latest()
        return None if frame is None else as_jpeg(frame.image)

    live = LivePicture(picture, lambda: node.line() if node.district is not None else None)
    calls = JournalCalls(
        node.journal, site.gate_id, records.add, lambda: _online(node), tell, live,
        lambda: next(iter(_district_keys(node)), None), node.clock.now_ms,
    )  # fmt: skip

    pins = Pins(node.keys.secret("pin pepper"))
    desk = _desk(settings, node, residents, pins)
    reach = Reach(
        tell,
        recorder(records, pictures, recogniser.came_otherwise, desk.spend),
        calls.take,
        voice.speak,
        passes.look,
        lambda: _soon(scheduler, self_test),
        now,
        enrolling.take,
        board.known,
    )
    orders = AccessOrders(node.journal, node.identity.box, pins, node.keys.secret(CARD_NUMBERS), _hurry(node))
    hands = Hands(gate, desk, reach)
    scheduler.add_job(self_test.run, "cron", hour=SELF_TEST_HOUR)
    keep = timedelta(days=settings.keep_passages_days)
    scheduler.add_job(lambda: let_go(node.journal, keep, now(), pictures.let_go), "cron", hour=LET_GO_HOUR)
    scheduler.add_job(lending.expire, Every(EXPIRE_EVERY_S))
    scheduler.add_job(lending.offer, Every(60 * LEND_EVERY_MIN))
    learn = habits_feed(node.journal, recogniser.set_habits, f"{engine.name} {engine.version}", now, residents.elders)
    scheduler.add_job(learn, Every(60 * HABITS_EVERY_MIN))
    learn()
    scheduler.add_job(_sweep(settings, node, residents, engine), "cron", hour=LOOKALIKES_HOUR)
    if (told := introduction(settings, node, f"{engine.name} {engine.version}")) is not None:
        records.add(GATE_DESCRIBED, told)
    return Gatehouse(
        node, templates, recogniser, feed, second, gate, contacts, readers, records, enrolling, hands, window, scheduler,
        calls, live, orders, pictures, looks, borrowed, lending,
    )  # fmt: skip


def _keep_pictures(settings: KioskSettings) -> timedelta:
    """A picture goes with what its passage says, at the latest."""
    return timedelta(days=min(settings.keep_pictures_days, settings.keep_passages_days))


def _sweep(settings: KioskSettings, node: Node, residents: Residents, engine: FaceEngine) -> Callable[[], None]:
    """Who could be taken for whom, with everybody who is enrolled now."""

    def sweep() -> None:
        gallery = Gallery(residents.gallery(), dim=engine.dim, homes=residents.homes())
        least = calibrate(gallery, engine.tail, settings.face.target_fpir).threshold
        if Radar(node.journal, f"{engine.name} {engine.version}").sweep(gallery, least):
            _hurry(node)()

    return sweep


def _feeds(
    settings: KioskSettings, recogniser: Recogniser, tell: Callable[[Event], None]
) -> tuple[CameraFeed, CameraFeed | None]:
    """The camera, and the infrared one beside it, where there is one: without its picture no face is granted."""
    camera, second = settings.camera, None

    def feed(source: str, part: Part, on_frame: Callable[[Frame], None] | None = None) -> CameraFeed:
        return CameraFeed(
            lambda: open_camera(source, simulated=camera.simulated, loop=camera.loop),
            on_frame=on_frame, on_state=lambda state: camera_changed(state, tell, part), name=without_password(source),
        )  # fmt: skip

    if settings.infrared.source:
        second = feed(settings.infrared.source, Part.INFRARED)
    seen = second.latest if second is not None else lambda: None
    return feed(camera.source, Part.CAMERA, lambda frame: recogniser.offer(frame, seen())), second


def _soon(scheduler: BaseScheduler, self_test: SelfTest) -> None:
    scheduler.add_job(self_test.run)


def _fittings(
    settings: KioskSettings, node: Node, gate: RelayGate, player: SystemPlayer, engine: FaceEngine
) -> Fittings:
    return Fittings(
        engine=f"{engine.name} {engine.version}",
        data=settings.data,
        simulated_gate=gate.simulated,
        simulated_camera=settings.camera.simulated,
        infrared=bool(settings.infrared.source),
        reader=bool(settings.card_reader),
        sound=player.working,
        link=lambda: node.sync.status if node.sync is not None else None,
        keep=timedelta(days=settings.keep_passages_days),
        keep_pictures=_keep_pictures(settings),
    )


def _desk(settings: KioskSettings, node: Node, residents: Residents, pins: Pins) -> Desk:
    """Cards, PINs and passes from this kiosk's own journal; passes are signed by the district, or by a hub on the way to it."""
    books = Books(node.journal, residents.flat)
    here = (node.journal.community, settings.site.gate_id)
    attempts = Attempts(Tallies(settings.data / "tallies.sqlite"))
    return Desk(here, books, books, books, lambda: pass_keys(node), pins, attempts, node.keys.secret(CARD_NUMBERS))


def pass_keys(node: Node) -> list[Ed25519PublicKey]:
    """By which passes are verified now; none before enrolment."""
    known = node.pass_keys
    return [] if known is None else known.in_force(node.clock.now_ms())


def _district_keys(node: Node) -> list[Ed25519PublicKey]:
    """By which orders and looks are verified; none before enrolment."""
    district = node.district
    return [] if district is None else [Ed25519PublicKey.from_public_bytes(unb64(district.sign_key))]


def _online(node: Node) -> bool:
    return node.sync is not None and node.sync.status.link.answers


def _hurry(node: Node) -> Callable[[], None]:
    def hurry() -> None:
        if node.sync is not None:
            node.sync.poke()

    return hurry
