"""The one place where the kiosk's adapters are chosen and wired."""

import logging
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.base import BaseScheduler
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from platformdirs import user_cache_path

from domain.consent import Purpose
from domain.errors import Mendable
from domain.events import Clock
from kiosk.calls import JournalCalls, LivePicture
from kiosk.camera import CameraFeed, open_camera
from kiosk.camera.jpeg import as_jpeg
from kiosk.camera.live import without_password
from kiosk.camera.port import Frame
from kiosk.config import KioskSettings
from kiosk.contact_record import ContactRecord, told_before
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
from kiosk.face_outage import FaceOutage, was_told
from kiosk.faces.calibration import calibrate
from kiosk.faces.engine import FaceEngine, title
from kiosk.faces.engines import load_engine
from kiosk.faces.gallery import Gallery, People
from kiosk.faces.quality import GATE, OFF
from kiosk.faces.recogniser import Recogniser
from kiosk.gate.configured import line_of
from kiosk.gate.relay_gate import RelayGate
from kiosk.gate.watch import GateEvent, GateWatch
from kiosk.gatehouse import GalleryFeed, Gatehouse, Telling, camera_changed, contact_heard, recorder
from kiosk.hands import Hands, Reach
from kiosk.house_rules import face_settings, gate_rules, open_hours, visit_settings
from kiosk.introduction import introduction
from kiosk.last_word import LastWord
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
from kiosk.upkeep.backup import Backups
from kiosk.upkeep.engine_change import in_use
from kiosk.upkeep.engine_trial import Comparisons, on_trial
from kiosk.upkeep.fallback_rows import fallback_rows
from kiosk.upkeep.nightly import SelfTest, let_go, sweep
from kiosk.upkeep.status import Fittings, StatusBoard
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

log = logging.getLogger(__name__)

SELF_TEST_HOUR, LET_GO_HOUR, LOOKALIKES_HOUR, BACKUP_HOUR = 3, 4, 2, 5  # local, when a gate is quietest
HABITS_EVERY_MIN, OUTAGE_EVERY_S = 5, 30
EXPIRE_EVERY_S, LEND_EVERY_MIN = 60, 10
CARD_NUMBERS = "card numbers"  # the purpose of the key under which cards are kept


def open_node(settings: KioskSettings) -> Node:
    """The kiosk's memory: journal, keys, line. Raises Mendable as they do."""
    return Node(settings.data, [PassagesProjection(), CredentialsProjection()], settings.keyring)


def open_templates(settings: KioskSettings, node: Node) -> TemplateStore:
    return TemplateStore(settings.data / "templates.sqlite", node.keys)


@dataclass(frozen=True, slots=True)
class _Ground:
    """What the parts stand on."""

    settings: KioskSettings
    node: Node
    templates: TemplateStore
    engine: FaceEngine
    tell: Telling
    last_word: LastWord

    def now(self) -> datetime:
        """Local time, by the district's clock."""
        return self.node.clock.now().astimezone()

    def hurry(self) -> None:
        """What was recorded goes to the district at once."""
        if self.node.sync is not None:
            self.node.sync.poke()

    def online(self) -> bool:
        return self.node.sync is not None and self.node.sync.status.link.answers

    def silence(self) -> timedelta:
        """Of the district; a gate that belongs to none waits for nobody's word."""
        return timedelta(0) if self.node.district is None else self.last_word.silence()

    def district_key(self) -> Ed25519PublicKey | None:
        """By which orders and looks are verified; None before enrolment."""
        district = self.node.district
        return None if district is None else Ed25519PublicKey.from_public_bytes(unb64(district.sign_key))


def make_enroller(settings: KioskSettings, node: Node, templates: TemplateStore, engine: FaceEngine) -> Enroller:
    """Enrolment with this kiosk's engine, against the gallery as it is at that moment."""

    def gallery() -> Gallery:
        consenting = node.roster.consenting(Purpose.FACE_AT_GATE)
        homes = {person: profile.flat for person, profile in node.roster.profiles().items()}
        return Gallery(templates.gallery(engine.name, engine.version, consenting), dim=engine.dim, homes=homes)

    def alike() -> float:
        return calibrate(gallery(), engine.tail, settings.face.target_fpir).threshold

    limits = OFF if settings.camera.quality == "off" else GATE
    radar = Radar(node.journal, title(engine))
    return Enroller(engine, node.roster, templates, gallery, alike, limits, radar.tell)


def make_gatehouse(settings: KioskSettings, app: App) -> Gatehouse:
    """Everything behind one kiosk window, ready to start. Raises Mendable."""
    node = open_node(settings)
    templates = open_templates(settings, node)
    chosen = in_use(node.journal, settings.face.engine)
    engine, tell = load_engine(chosen), Telling()
    tried, trial = _on_trial(node)
    last_word = LastWord(settings.data / "last_word", node.clock.wall_ms)
    ground = _Ground(settings, node, templates, engine, tell, last_word)

    recogniser = Recogniser(face_settings(settings), tell, engine=chosen, second=tried)
    galleries = _galleries(ground, recogniser, trial)
    borrowed, residents, lending = _people(ground, galleries)
    records = Records(node.journal, settings.site.gate_id, tell, ground.hurry)
    gate, outage = RelayGate(line_of(settings.gate)), _outage(ground, records)
    feed, infrared = _feeds(ground, recogniser)
    pictures, looks = _pictures(ground, feed)
    visitor = VisitorFrames(feed.latest)
    passes, wedge = PassReader(feed.latest), KeyboardWedge()
    readers: list[CredentialReader] = [passes, wedge]
    if settings.card_reader:
        readers.append(EvdevReader(settings.card_reader))
    window = KioskWindow(
        _visit(ground, residents, visitor, gate.simulated), app.language, app.theme, feed.latest, ground.now,
        Night() if settings.screen.night else None, visitor.best, wedge.feed,
    )  # fmt: skip
    app.trouble.happened.connect(window.say_trouble)
    player = SystemPlayer(window)
    board = StatusBoard(_fittings(ground, gate, player), ground.now, pictures.store.count, borrowed.count)
    compared = Comparisons(records.add)
    tell.to(board.hear, window.take, pictures.hear, visitor.hear, outage.hear, compared.hear)

    box = VoiceBox(settings.data / "recordings", user_cache_path("shouwang") / "voice")
    voice = Voice(player, box, app.language, app.background, window)
    enrolling = EnrolDesk(
        feed.latest, node.roster.profiles, templates.people, make_enroller(settings, node, templates, engine), tell,
        lambda: ground.now().date(), visitor, node.roster.held,
    )  # fmt: skip
    calls, live = _calls(ground, records, feed)
    pins = Pins(node.keys.secret("pin pepper"))
    desk = _desk(settings, node, residents, pins)
    orders = AccessOrders(node.journal, node.identity.box, pins, node.keys.secret(CARD_NUMBERS), ground.hurry)
    self_test = SelfTest(settings.data / "selftest", lambda: load_engine(chosen), records, board, ground.now)
    scheduler = make_scheduler()
    reach = Reach(
        tell=tell,
        record=recorder(records, pictures, (recogniser.came_otherwise, compared.came_otherwise), desk.spend),
        call=calls.take,
        speak=voice.speak,
        look_for_pass=passes.look,
        self_test=lambda: scheduler.add_job(self_test.run),
        now=ground.now,
        enrol=enrolling.take,
        status=board.known,
    )
    _timetable(ground, scheduler, self_test, pictures, lending, residents, recogniser)
    scheduler.add_job(outage.look, Every(OUTAGE_EVERY_S))
    if (told := introduction(settings, node, title(engine))) is not None:
        records.add(GATE_DESCRIBED, told)
    return Gatehouse(
        node, templates, recogniser, feed, infrared, gate, _contacts(ground, gate, records, outage), readers, records,
        enrolling, Hands(gate, desk, reach), window, scheduler, calls, live, orders, pictures, looks, borrowed, residents,
        lending, last_word,
    )  # fmt: skip


def _on_trial(node: Node) -> tuple[str, FaceEngine | None]:
    """The engine on trial, by its name and loaded; one that cannot be loaded is not tried, and keeps no gate from starting."""
    name = on_trial(node.journal)
    try:
        return name, load_engine(name) if name else None
    except Mendable as e:
        log.error("no trial of %s: %s", name, e)
        return "", None


def _galleries(ground: _Ground, recogniser: Recogniser, trial: FaceEngine | None) -> GalleryFeed:
    """What the recogniser matches against; `trial` is an engine on trial."""
    node, templates, filling = ground.node, ground.templates, _filling(ground.node)

    def second() -> People:
        consenting = node.roster.consenting(Purpose.FACE_AT_GATE)
        return () if trial is None or filling() else templates.gallery(trial.name, trial.version, consenting)

    return GalleryFeed(recogniser, second)


def _filling(node: Node) -> Callable[[], bool]:
    """Whether the district's past is still coming; a gate that joins one while this program runs has its own past already."""
    joined = node.district is not None
    return lambda: joined and node.journal.filling


def _people(ground: _Ground, galleries: GalleryFeed) -> tuple[Borrowed, Residents, Lending]:
    """Whom this gate knows: its own, and those whose template another gate lends it."""
    node, templates = ground.node, ground.templates
    used = (ground.engine.name, ground.engine.version)
    zone = ground.now().tzinfo or UTC
    borrowed = Borrowed(
        ground.settings.data / "borrowed.sqlite", node.keys, node.clock.now_ms, lambda: node.clock.state is Clock.SYNCED
    )
    residents = Residents(
        node.journal, node.roster, templates, node.keys, used, zone, galleries, borrowed,
        _filling(node),
    )  # fmt: skip
    lending = Lending(node.journal, node.roster, templates, borrowed, node.identity, used, node.line, residents.reload)
    return borrowed, residents, lending


def _outage(ground: _Ground, records: Records) -> FaceOutage:
    """What becomes of this gate while no face can be recognised."""
    settings, after = ground.settings, timedelta(minutes=ground.settings.fallback.open_after_minutes)
    holidays = gate_rules(settings).holidays
    told = was_told(ground.node.journal)
    return FaceOutage(settings.site.gate_id, open_hours(settings), after, holidays, ground.now, records.add, told)


def _contacts(ground: _Ground, gate: RelayGate, records: Records, outage: FaceOutage) -> GateWatch:
    before, held_open_s = told_before(ground.node.journal), ground.settings.gate.held_open_seconds
    record = ContactRecord(ground.settings.site.gate_id, records.add, before)

    def heard(event: GateEvent, at: datetime) -> None:
        contact_heard(event, at, ground.tell, record)

    return GateWatch(gate, heard, ground.now, held_open_s, stands_open=outage.stands_open, before=before)


def _pictures(ground: _Ground, feed: CameraFeed) -> tuple[PassagePictures, Looks]:
    """Pictures of passages, and how the staff look at one."""
    node = ground.node
    store = PictureStore(ground.settings.data / "pictures.sqlite", node.keys)
    keep = _keep_pictures(ground.settings)
    pictures = PassagePictures(store, node.journal, node.roster, feed.latest, keep, ground.now)
    looks = Looks(node.journal, pictures, node.identity.box, node.line, ground.district_key, node.clock.now_ms)
    return pictures, looks


def _visit(ground: _Ground, residents: Residents, visitor: VisitorFrames, simulated_gate: bool) -> Visit:
    rules = gate_rules(ground.settings)
    knows = Knows(
        residents.guest, lambda: rules, residents.blocked, residents.last, lambda: uuid.uuid4().hex, visitor.waits,
        ground.silence,
    )  # fmt: skip
    return Visit(visit_settings(ground.settings, simulated_gate), knows, ground.now())


def _calls(ground: _Ground, records: Records, feed: CameraFeed) -> tuple[JournalCalls, LivePicture]:
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


def _timetable(
    ground: _Ground,
    scheduler: BaseScheduler,
    self_test: SelfTest,
    pictures: PassagePictures,
    lending: Lending,
    residents: Residents,
    recogniser: Recogniser,
) -> None:
    """What is done by the clock. Whoever is usual is learnt now as well."""
    journal, engine, keep = ground.node.journal, ground.engine, timedelta(days=ground.settings.keep_passages_days)

    def look_for_alikes() -> None:
        gallery = Gallery(residents.gallery(), dim=engine.dim, homes=residents.homes())
        if sweep(journal, gallery, engine, ground.settings.face.target_fpir):
            ground.hurry()

    scheduler.add_job(self_test.run, "cron", hour=SELF_TEST_HOUR)
    scheduler.add_job(lambda: let_go(journal, keep, ground.now(), pictures.let_go), "cron", hour=LET_GO_HOUR)
    scheduler.add_job(look_for_alikes, "cron", hour=LOOKALIKES_HOUR)
    if (backups := _backups(ground)) is not None:
        scheduler.add_job(backups.run, "cron", hour=BACKUP_HOUR)
    scheduler.add_job(lending.expire, Every(EXPIRE_EVERY_S))
    scheduler.add_job(lending.offer, Every(60 * LEND_EVERY_MIN))
    learn = habits_feed(journal, recogniser.set_habits, title(engine), ground.now, residents.elders)
    scheduler.add_job(learn, Every(60 * HABITS_EVERY_MIN))
    learn()


def _backups(ground: _Ground) -> Backups | None:
    folder = ground.settings.backup_folder
    return None if folder is None else Backups(ground.node, folder, ground.now)


def _keep_pictures(settings: KioskSettings) -> timedelta:
    """A picture goes with what its passage says, at the latest."""
    return timedelta(days=min(settings.keep_pictures_days, settings.keep_passages_days))


def _feeds(ground: _Ground, recogniser: Recogniser) -> tuple[CameraFeed, CameraFeed | None]:
    """The camera, and the infrared one beside it, where there is one: without its picture no face is granted."""
    settings, second = ground.settings, None
    camera = settings.camera

    def feed(source: str, part: Part, on_frame: Callable[[Frame], None] | None = None) -> CameraFeed:
        return CameraFeed(
            lambda: open_camera(source, simulated=camera.simulated, loop=camera.loop), on_frame=on_frame,
            on_state=lambda state: camera_changed(state, ground.tell, part), name=without_password(source),
        )  # fmt: skip

    if settings.infrared.source:
        second = feed(settings.infrared.source, Part.INFRARED)
    seen = second.latest if second is not None else lambda: None
    return feed(camera.source, Part.CAMERA, lambda frame: recogniser.offer(frame, seen())), second


def _fittings(ground: _Ground, gate: RelayGate, player: SystemPlayer) -> Fittings:
    settings, node, backups = ground.settings, ground.node, _backups(ground)
    return Fittings(
        engine=title(ground.engine),
        data=settings.data,
        simulated_gate=gate.simulated,
        simulated_camera=settings.camera.simulated,
        infrared=bool(settings.infrared.source),
        reader=bool(settings.card_reader),
        sound=player.working,
        link=lambda: node.sync.status if node.sync is not None else None,
        keep=timedelta(days=settings.keep_passages_days),
        keep_pictures=_keep_pictures(settings),
        backed_up=lambda: backups.last() if backups is not None else None,
        fallback=fallback_rows(settings.fallback, ground.silence),
        clock=lambda: (node.clock.state is Clock.SYNCED, node.clock.wall_error_ms()),
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
