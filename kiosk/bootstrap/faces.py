"""The eyes of a kiosk and whom they know: cameras, galleries, enrolment, what becomes of it while no face can be recognised."""

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, timedelta
from typing import Any

from domain.consent import Purpose
from domain.errors import Mendable
from kiosk.bootstrap.ground import Ground
from kiosk.camera import CameraFeed, open_camera
from kiosk.camera.live import without_password
from kiosk.camera.port import Frame
from kiosk.config import KioskSettings
from kiosk.enrolling.enroller import Enroller
from kiosk.face_outage import FaceOutage, was_told
from kiosk.faces.calibration import calibrate
from kiosk.faces.engine import FaceEngine, title
from kiosk.faces.engines import load_engine
from kiosk.faces.gallery import Gallery, People
from kiosk.faces.quality import GATE, OFF
from kiosk.faces.recogniser import Recogniser
from kiosk.gatehouse import GalleryFeed, camera_changed
from kiosk.house_rules import gate_rules, needs_infrared, open_hours
from kiosk.passages.records import Records
from kiosk.residents.borrowed import Borrowed
from kiosk.residents.known import Residents
from kiosk.residents.lending import Lending
from kiosk.residents.lookalikes import Radar
from kiosk.residents.templates import TemplateStore
from kiosk.upkeep.engine_trial import on_trial
from kiosk.visit.faults import Fault, Part
from offline.node import Node

log = logging.getLogger(__name__)


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


def engine_on_trial(node: Node) -> tuple[str, FaceEngine | None]:
    """The engine on trial, by its name and loaded; one that cannot be loaded is not tried, and keeps no gate from starting."""
    name = on_trial(node.journal)
    try:
        return name, load_engine(name) if name else None
    except Mendable as e:
        log.error("no trial of %s: %s", name, e)
        return "", None


def galleries_for(ground: Ground, recogniser: Recogniser, trial: FaceEngine | None) -> GalleryFeed:
    """What the recogniser matches against; `trial` is an engine on trial."""
    node, templates, filling = ground.node, ground.templates, filling_of(ground.node)

    def second() -> People:
        consenting = node.roster.consenting(Purpose.FACE_AT_GATE)
        return () if trial is None or filling() else templates.gallery(trial.name, trial.version, consenting)

    return GalleryFeed(recogniser, second)


def filling_of(node: Node) -> Callable[[], bool]:
    """Whether the district's past is still coming; a gate that joins one while this program runs has its own past already."""
    joined = node.district is not None
    return lambda: joined and node.journal.filling


def people_of(ground: Ground, galleries: GalleryFeed) -> tuple[Borrowed, Residents, Lending]:
    """Whom this gate knows: its own, and those whose template another gate lends it."""
    node, templates = ground.node, ground.templates
    used = (ground.engine.name, ground.engine.version)
    zone = ground.now().tzinfo or UTC
    borrowed = Borrowed(ground.settings.data / "borrowed.sqlite", node.keys, ground.time)
    residents = Residents(
        node.journal, node.roster, templates, node.keys, used, zone, galleries, borrowed,
        filling_of(node), lambda: ground.now().date(),
    )  # fmt: skip

    def rests(some: bool) -> None:
        ground.tell(Fault(Part.CLOCK, "clock_unsure" if some else ""))

    lending = Lending(
        node.journal, node.roster, templates, borrowed, node.identity, used, node.line, residents.reload, rests
    )
    return borrowed, residents, lending


def feeds(ground: Ground, recogniser: Recogniser) -> tuple[CameraFeed, CameraFeed | None]:
    """The camera, and the infrared one beside it, where there is one. What the recogniser sees was seen at this node's time: the
    machine's clock may be wrong, and the policy goes by the hour."""
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
    return feed(
        camera.source, Part.CAMERA, lambda frame: recogniser.offer(replace(frame, at=ground.now()), seen())
    ), second


def outage_of(ground: Ground, records: Records) -> FaceOutage:
    """What becomes of this gate while no face can be recognised."""
    settings, after = ground.settings, timedelta(minutes=ground.settings.fallback.open_after_minutes)
    holidays = gate_rules(settings).holidays
    journal = ground.node.journal
    told = was_told(journal)

    def record(kind: str, payload: dict[str, Any]) -> None:
        records.add(kind, payload, journal.device or None)

    needs = needs_infrared(settings, ground.now)
    return FaceOutage(
        settings.site.gate_id, open_hours(settings), after, holidays, ground.now, record, told, needs_infrared=needs
    )
