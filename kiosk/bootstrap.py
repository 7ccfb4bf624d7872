"""The one place where the kiosk's adapters are chosen and wired."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime

from apscheduler.schedulers.background import BackgroundScheduler
from platformdirs import user_cache_path

from domain.consent import Purpose
from domain.passages import GateRules, Method
from kiosk.calls import JournalCalls
from kiosk.camera import CameraFeed, open_camera
from kiosk.config import GateKind, GateTable, KioskSettings
from kiosk.enrolment import Enroller
from kiosk.faces.calibration import calibrate
from kiosk.faces.engine import FaceEngine, load_engine
from kiosk.faces.gallery import Gallery
from kiosk.faces.pipeline import Settings as FaceSettings
from kiosk.faces.quality import GATE, OFF
from kiosk.faces.recogniser import Recogniser
from kiosk.gate.gpio_line import GpioLine, GpioPins
from kiosk.gate.holidays import public_holidays
from kiosk.gate.http_line import HttpAddress, HttpLine
from kiosk.gate.modbus_line import ModbusAddress, ModbusLine
from kiosk.gate.port import Line
from kiosk.gate.relay_gate import RelayGate
from kiosk.gate.simulated_line import SimulatedLine
from kiosk.gate.watch import GateWatch
from kiosk.gatehouse import GalleryFeed, Gatehouse, camera_changed, contact_heard
from kiosk.hands import Hands
from kiosk.residents import PassagesProjection, Residents
from kiosk.screens import model as m
from kiosk.screens.speaker import Speaker
from kiosk.screens.window import KioskWindow
from kiosk.templates import TemplateStore
from kiosk.visit import Knows, Visit, VisitSettings
from kiosk.voice import SpokenVoice
from offline.node import Node
from offline.sync import Link
from qtkit.alarm import SystemPlayer
from qtkit.app import App


def open_node(settings: KioskSettings) -> Node:
    """The kiosk's memory: journal, keys, line. Raises Mendable as they do."""
    return Node(settings.data, [PassagesProjection()], settings.keyring)


def open_templates(settings: KioskSettings, node: Node) -> TemplateStore:
    return TemplateStore(settings.data / "templates.sqlite", node.keys)


def make_enroller(settings: KioskSettings, node: Node, templates: TemplateStore, engine: FaceEngine) -> Enroller:
    """Enrolment with this kiosk's engine, against the gallery as it is at that moment."""

    def gallery() -> Gallery:
        consenting = node.roster.consenting(Purpose.FACE_AT_GATE)
        return Gallery(templates.gallery(engine.name, engine.version, consenting), dim=engine.dim)

    def alike() -> float:
        return calibrate(gallery(), engine.tail, settings.face.target_fpir).threshold

    limits = OFF if settings.camera.quality == "off" else GATE
    return Enroller(engine, node.roster, templates, gallery, alike, limits)


def line_of(table: GateTable) -> Line:
    """The relay the settings name. Raises Mendable `gate_gpio`, `gate_simulated`."""
    match table.kind:
        case GateKind.MODBUS:
            return ModbusLine(
                ModbusAddress(
                    table.host,
                    table.port,
                    table.device_id,
                    table.coil,
                    table.door_input,
                    table.tamper_input,
                    table.fire_input,
                )
            )
        case GateKind.HTTP:
            return HttpLine(
                HttpAddress(table.on_url, table.off_url, table.state_url, user=table.user, password=table.password)
            )
        case GateKind.GPIO:
            return GpioLine(GpioPins(table.chip, table.relay_pin))
        case GateKind.SIMULATED:
            return SimulatedLine(table.kind.value)


def face_settings(settings: KioskSettings) -> FaceSettings:
    """How the recogniser looks at this gate."""
    limits = OFF if settings.camera.quality == "off" else GATE
    return FaceSettings(settings.camera.simulated, limits, target_fpir=settings.face.target_fpir)


def make_gatehouse(settings: KioskSettings, app: App) -> Gatehouse:
    """Everything behind one kiosk window, ready to start. Raises Mendable."""
    site, node = settings.site, open_node(settings)
    templates = open_templates(settings, node)
    engine = load_engine(settings.face.engine)

    def post(event: m.Event) -> None:
        window.take(event)

    def now() -> datetime:
        return node.clock.now().astimezone()

    recogniser = Recogniser(face_settings(settings), post, engine=settings.face.engine)
    residents = Residents(
        node.journal, node.roster, templates, node.keys, (engine.name, engine.version), now().tzinfo or UTC, GalleryFeed(recogniser)
    )  # fmt: skip
    gate = RelayGate(line_of(settings.gate))
    contacts = GateWatch(gate, lambda event, at: contact_heard(node, site.gate_id, event, at, post), now)
    feed = CameraFeed(
        lambda: open_camera(settings.camera.source, simulated=settings.camera.simulated, loop=settings.camera.loop),
        on_frame=recogniser.offer,
        on_state=lambda state: camera_changed(state, post),
    )
    visit = Visit(_visit_settings(settings, gate), _knows(settings, residents, now), now())
    window = KioskWindow(visit, app.language, app.theme, feed.latest, now)
    hurry = _hurry(node)
    calls = JournalCalls(node.journal, site.gate_id, lambda: _online(node), hurry, post)
    speaker = Speaker(SystemPlayer(window), window)
    voice = SpokenVoice(
        lambda: app.language.code, speaker.play, settings.data / "recordings", user_cache_path("shouwang") / "voice"
    )
    hands = Hands(gate, node.journal, site.gate_id, voice, NoSecrets(), calls, lambda _: None, post, hurry)
    return Gatehouse(
        site.gate_id, node, templates, residents, recogniser, feed, gate, contacts, hands, window, BackgroundScheduler()
    )


def _visit_settings(settings: KioskSettings, gate: RelayGate) -> VisitSettings:
    site = settings.site
    return VisitSettings(
        community={"zh": site.community_zh, "en": site.community_en},
        gate={"zh": site.gate_zh, "en": site.gate_en},
        phone=site.guard_phone,
        simulated_camera=settings.camera.simulated,
        simulated_gate=gate.simulated,
    )


def _knows(settings: KioskSettings, residents: Residents, now: Callable[[], datetime]) -> Knows:
    year = now().year
    rules = GateRules(
        direction=settings.gate.direction,
        open_seconds=settings.gate.open_seconds,
        holidays=public_holidays("CN", (year, year + 1)),
    )
    return Knows(residents.guest, lambda: rules, residents.blocked, residents.last, lambda: uuid.uuid4().hex)


def _online(node: Node) -> bool:
    return node.sync is not None and node.sync.status.link is Link.CONNECTED


def _hurry(node: Node) -> Callable[[], None]:
    def hurry() -> None:
        if node.sync is not None:
            node.sync.poke()

    return hurry


class NoSecrets:
    """A kiosk at which no PIN has been set: none is right."""

    def check_pin(self, _flat: str, _secret: str) -> m.Event:
        return m.CredentialRefused(Method.PIN, "pin_wrong")

    def check_staff(self, _secret: str) -> m.Event:
        return m.CredentialRefused(Method.PIN, "staff_wrong")
