"""Everything behind one kiosk window, chosen and wired."""

from platformdirs import user_cache_path

from kiosk.bootstrap.at_the_gate import CARD_NUMBERS, calls_of, contacts_of, desk_of, pictures_of, visit_of
from kiosk.bootstrap.by_the_clock import fittings, timetable
from kiosk.bootstrap.faces import engine_on_trial, feeds, galleries_for, make_enroller, outage_of, people_of
from kiosk.bootstrap.ground import Ground, open_node, open_templates
from kiosk.config import KioskSettings
from kiosk.credentials.evdev_reader import EvdevReader
from kiosk.credentials.orders import AccessOrders
from kiosk.credentials.pass_reader import PassReader
from kiosk.credentials.pins import Pins
from kiosk.credentials.port import CredentialReader
from kiosk.credentials.wedge import KeyboardWedge
from kiosk.cut_off import CutOff
from kiosk.enrolling.desk import EnrolDesk
from kiosk.enrolling.visitor import VisitorFrames
from kiosk.faces.engine import title
from kiosk.faces.engines import load_engine
from kiosk.faces.recogniser import Recogniser
from kiosk.gate.configured import line_of
from kiosk.gate.relay_gate import RelayGate
from kiosk.gatehouse import Gatehouse, Telling, recorder
from kiosk.hands import Hands, Reach
from kiosk.house_rules import face_settings
from kiosk.introduction import introduction
from kiosk.known_time import KnownTime
from kiosk.last_word import LastWord
from kiosk.passages.records import RETRY_S, Records
from kiosk.screens.night import Night
from kiosk.screens.voice import Voice
from kiosk.screens.window import KioskWindow
from kiosk.upkeep.engine_change import in_use
from kiosk.upkeep.engine_trial import Comparisons
from kiosk.upkeep.nightly import SelfTest
from kiosk.upkeep.status import StatusBoard
from kiosk.voice import VoiceBox
from offline.letters.gate_card import GATE_DESCRIBED
from offline.scheduling import Every, make_scheduler
from qtkit.apart import Apart
from qtkit.app import App
from qtkit.mixer import PulseMixer
from qtkit.player import SystemPlayer

OUTAGE_EVERY_S = 30


def make_gatehouse(settings: KioskSettings, app: App) -> Gatehouse:
    """Everything behind one kiosk window, ready to start. Raises Mendable."""
    node = open_node(settings)
    templates = open_templates(settings, node)
    chosen = in_use(node.journal, settings.face.engine)
    engine, tell = load_engine(chosen), Telling()
    tried, trial = engine_on_trial(node)
    time = KnownTime(settings.data / "known_time", node.clock)
    last_word = LastWord(settings.data / "last_word", node.clock.wall_ms, least_ms=time.least_ms)
    ground = Ground(settings, node, templates, engine, tell, last_word, time)

    recogniser = Recogniser(face_settings(settings), tell, engine=chosen, second=tried)
    galleries = galleries_for(ground, recogniser, trial)
    borrowed, residents, lending = people_of(ground, galleries)
    cut_off = CutOff(settings.data / "running", node.journal, settings.site.gate_id)
    records = Records(node.journal, settings.site.gate_id, tell, ground.hurry, node.clock.now_ms)
    gate, outage = RelayGate(line_of(settings.gate)), outage_of(ground, records)
    feed, infrared = feeds(ground, recogniser)
    pictures, looks = pictures_of(ground, feed)
    visitor = VisitorFrames(feed.latest)
    passes, wedge = PassReader(feed.latest), KeyboardWedge()
    readers: list[CredentialReader] = [passes, wedge]
    if settings.card_reader:
        readers.append(EvdevReader(settings.card_reader))
    window = KioskWindow(
        visit_of(ground, residents, visitor, gate.simulated), app.language, app.theme, feed.latest, ground.now,
        Night() if settings.screen.night else None, visitor.best, wedge.feed,
    )  # fmt: skip
    app.trouble.happened.connect(window.say_trouble)
    player = SystemPlayer(Apart, window)
    board = StatusBoard(fittings(ground, gate, player, cut_off), ground.now, pictures.store.count, borrowed.count)
    compared = Comparisons(records.add)
    tell.to(board.hear, window.take, pictures.hear, visitor.hear, outage.hear, compared.hear)

    box = VoiceBox(settings.data / "recordings", user_cache_path("shouwang") / "voice")
    voice = Voice(player, box, app.language, app.background, window, PulseMixer().restarted)
    enrolling = EnrolDesk(
        feed.latest, node.roster.profiles, templates.people, make_enroller(settings, node, templates, engine), tell,
        lambda: ground.now().date(), visitor, node.roster.held,
    )  # fmt: skip
    calls, live = calls_of(ground, records, feed)
    pins = Pins(node.keys.secret("pin pepper"))
    desk = desk_of(settings, node, residents, pins)
    orders = AccessOrders(node.journal, node.identity.box, pins, node.keys.secret(CARD_NUMBERS), ground.hurry)
    self_test = SelfTest(
        settings.data / "selftest", lambda: load_engine(chosen), records, board, ground.now, settings.site.gate_id,
        node.journal,
    )  # fmt: skip
    scheduler = make_scheduler()
    reach = Reach(
        tell=tell,
        record=recorder(records, pictures, (recogniser.came_otherwise, compared.came_otherwise), desk.spend),
        call=calls.take,
        speak=voice.speak,
        look_for_pass=passes.look,
        self_test=lambda: scheduler.add_job(self_test.run),
        now=ground.now,
        least=time.least,
        enrol=enrolling.take,
        status=board.known,
    )
    timetable(ground, scheduler, self_test, pictures, lending, residents, recogniser)
    scheduler.add_job(outage.look, Every(OUTAGE_EVERY_S))
    scheduler.add_job(records.retry, Every(RETRY_S))
    if (told := introduction(settings, node, title(engine))) is not None:
        records.add(GATE_DESCRIBED, told)
    return Gatehouse(
        node, templates, recogniser, feed, infrared, gate, contacts_of(ground, gate, records, outage), readers, records,
        enrolling, Hands(gate, desk, reach), window, scheduler, calls, live, orders, pictures, looks, borrowed, residents,
        lending, last_word, cut_off,
    )  # fmt: skip
