"""Pictures of every screen, with people and places that could be, made by a command."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, timezone
from itertools import count
from pathlib import Path
from typing import cast

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication

from domain.consent import Purpose
from domain.identification import Candidate, Decision, Liveness, Outcome, Quality, Reason
from domain.passages import Direction, GateRules, Hours, Method
from kiosk.camera.port import Frame, Image
from kiosk.faces.messages import ChallengeAsked, DecisionMade, FaceBox, Sighting, Turn
from kiosk.screens.shape import panel_scale
from kiosk.screens.stand_in import stand_in
from kiosk.screens.window import KioskWindow
from kiosk.visit.events import (
    AlsoAgreed,
    CallChanged,
    Chosen,
    ConsentRenewed,
    CredentialRefused,
    DoorHeld,
    EnrolmentDoubted,
    EnrolmentFailed,
    EnrolmentSaved,
    Event,
    FireInput,
    GateAnswered,
    Press,
    Pressed,
    ResidentsFound,
    StaffAccepted,
    StandsOpen,
    StatusKnown,
    Tick,
)
from kiosk.visit.faults import Fault, Part
from kiosk.visit.line import Line
from kiosk.visit.people import Guest, Newcomer
from kiosk.visit.presenter import Visit
from kiosk.visit.settings import Knows, VisitSettings
from kiosk.visit.view import CallState, StatusRow, StatusSection, Way
from qtkit.i18n import Language
from qtkit.shots import shoot
from qtkit.theme import Mode, Theme

SIZES = {"portrait": (800, 1280), "landscape": (1280, 800)}
START = datetime(2026, 11, 23, 9, 41, tzinfo=timezone(timedelta(hours=8)))
GUESTS = {
    "wang": Guest("wang", {"zh": "王奶奶", "en": "Mrs Wang"}, elder=True),
    "zhao": Guest("zhao", {"zh": "赵爷爷", "en": "Mr Zhao"}, elder=True, awaited_until=START + timedelta(hours=1)),
    "li": Guest("li", {"zh": "李先生", "en": "Mr Li"}),
}
SETTINGS = VisitSettings(
    {"zh": "锦绣社区", "en": "Jinxiu"}, {"zh": "南门", "en": "South Gate"}, "010-6255 0110", simulated_camera=False
)
QUALITY = Quality(78.0, 0.86, -4.0, 2.0, 1.0, 0.91, 1.0, 0.88)


def seen(evidence: float = 0.45, coaching: Reason | None = None, quality: Quality | None = None) -> Sighting:
    faces = (FaceBox(0.395, 0.24, 0.21, 0.46, chosen=True),)
    return Sighting("v1", faces, coaching, evidence, quality, 1, 0.0, 22.0)


def decided(person: str | None, outcome: Outcome, reason: Reason, quality: Quality = QUALITY) -> DecisionMade:
    candidates = (Candidate(person, 0.71),) if person else ()
    return DecisionMade(
        Decision("v1", outcome, reason, person, candidates, 0.52, 3, quality, Liveness.LIVE, "sface", START, 640.0)
    )


def status() -> StatusKnown:
    def row(name: str, value: str | Line, state: str = "") -> StatusRow:
        return StatusRow(Line(f"kiosk.maintenance.{name}"), value, state)

    works = Line("kiosk.maintenance.works")
    threshold = Line("kiosk.maintenance.threshold_value", {"value": "0.527", "low": "0.511", "high": "0.540"})
    strangers = Line("kiosk.maintenance.strangers_value", {"low": "0.06", "high": "0.17"})
    sections = {
        "gallery": (
            row("people", "1,284"),
            row("threshold", threshold),
            row("strangers", strangers),
            row("engine", "SFace int8bq"),
        ),
        "devices": (row("gate", works, "well"), row("reader", works, "well"), row("sound", works, "well")),
        "sync": (
            row("district", works, "well"),
            row("waiting", "0"),
            row("last_sync", "09:40"),
            row("clock", works, "well"),
        ),
        "fallback": (
            row("without_face", Line("kiosk.maintenance.for_hours", {"hours": "72"})),
            row("without_card", Line("kiosk.maintenance.goes_on")),
            row("without_pin", Line("kiosk.maintenance.goes_on")),
            row("without_pass", Line("kiosk.maintenance.rests", {"hours": "12"}), "overdue"),
            row("without_camera", Line("kiosk.maintenance.opens_at", {"spans": "07:30–19:00"}), "due"),
        ),
        "storage": (row("free", "41 GB"), row("backup", "2026-11-23 05:00", "well")),
        "retention": (
            row("kept_passages", Line("kiosk.maintenance.days", {"n": "30"})),
            row("kept_templates", Line("kiosk.maintenance.until_withdrawn")),
            row("kept_frames", Line("kiosk.maintenance.never_kept")),
        ),
        "selftest": (row("selftest", "03:10  24/24", "well"),),
    }
    return StatusKnown(tuple(StatusSection(Line(f"kiosk.maintenance.{k}"), rows) for k, rows in sections.items()))


Call = tuple[Event | float, ...]
IDENTIFIED = (seen(), decided("li", Outcome.IDENTIFIED, Reason.MATCH), GateAnswered("v1", True))
ELDER = (seen(), decided("wang", Outcome.IDENTIFIED, Reason.MATCH), GateAnswered("v1", True))
ASKED = ChallengeAsked("v1", (Turn.LEFT, Turn.RIGHT), 1.5, -1.0)

FLAT: Call = (
    Pressed(Press.STAFF), StaffAccepted("张工", 1), Pressed(Press.ENROL), *map(Pressed, "32501"), Pressed(Press.ENTER),
    ResidentsFound((
        Newcomer("wang", GUESTS["wang"].greeting, enrolled=True, outdated=True), Newcomer("li", GUESTS["li"].greeting),
        Newcomer("xiao", {"zh": "李同学", "en": "Young Li"}, minor=True),
    )),
)  # fmt: skip
POSED: Call = (*FLAT, Chosen("li"), Pressed(Press.AGREE))
ONE: Call = (seen(0.5, None, QUALITY), 0.5, seen(0.5, None, QUALITY))

# What leads to each picture: events, and seconds that pass.
SCENES: dict[str, Call] = {
    "standby": (),
    "approaching": (seen(0.62),),
    "coaching": (seen(0.2, Reason.TOO_FAR), 2.1, Tick()),
    "coaching-again": (seen(), decided(None, Outcome.UNKNOWN, Reason.NO_MATCH), 6.1, Tick(), 10.0, Tick()),
    "challenge": (seen(0.7), ASKED),
    "identified": IDENTIFIED,
    "identified-elder": ELDER,
    "identified-elder-awaited": (seen(), decided("zhao", Outcome.IDENTIFIED, Reason.MATCH), GateAnswered("v1", True)),
    "identified-elder-well": (*ELDER, Pressed(Press.WELL)),
    "gate-failed": (*IDENTIFIED[:2], GateAnswered("v1", False)),
    "unsure": (seen(), decided("li", Outcome.UNSURE, Reason.THIN_MARGIN)),
    "unknown": (seen(), decided(None, Outcome.UNKNOWN, Reason.NO_MATCH)),
    "unknown-covered": (seen(), decided(None, Outcome.UNKNOWN, Reason.NO_MATCH, replace(QUALITY, occlusion=0.2))),
    "refused-card": (CredentialRefused(Method.CARD, "card_unknown"),),
    "card": (Pressed(Way.CARD),),
    "pin-flat": (Pressed(Way.PIN), *map(Pressed, "325")),
    "pin-secret": (Pressed(Way.PIN), *map(Pressed, "32501"), Pressed(Press.ENTER), *map(Pressed, "908")),
    "pin-wait": (
        Pressed(Way.PIN), *map(Pressed, "32501"), Pressed(Press.ENTER), *map(Pressed, "9081"), Pressed(Press.ENTER),
        CredentialRefused(Method.PIN, "pin_wrong", wait_s=30, pad=1),
    ),
    "qr": (Pressed(Way.QR),),
    "calling": (Pressed(Way.GUARD), 12.0, Tick()),
    "calling-next": (Pressed(Way.GUARD), 34.0, Tick()),
    "calling-answered": (Pressed(Way.GUARD), 8.0, CallChanged("id-1", CallState.ANSWERED)),
    "calling-refused": (Pressed(Way.GUARD), 8.0, CallChanged("id-1", CallState.REFUSED)),
    "calling-lost": (Fault(Part.DISTRICT, "server_unreachable"), Pressed(Way.GUARD)),
    "out-of-order": (Fault(Part.CAMERA, "camera_missing", {"source": "USB 0"}),),
    "staff-sign-in": (Pressed(Press.STAFF), *map(Pressed, "4711")),
    "enrol-flat": FLAT[:-2],
    "enrol-who": FLAT,
    "enrol-consent": (*FLAT, Chosen("li")),
    "enrol-consent-more": (*FLAT, Chosen("li"), AlsoAgreed(Purpose.PASSAGE_PICTURE, True)),
    "enrol-consent-minor": (*FLAT, Chosen("xiao")),
    "enrol-renew": (*FLAT, Chosen("wang"), AlsoAgreed(Purpose.FACE_AT_OTHER_GATES, True)),
    "enrol-renewed": (*FLAT, Chosen("wang"), Pressed(Press.AGREE), ConsentRenewed()),
    "enrol-card": (*FLAT, Chosen("li"), CredentialRefused(Method.CARD, "card_unknown", card="aa")),
    "enrol-card-given": (
        *FLAT, Chosen("li"), CredentialRefused(Method.CARD, "card_unknown", card="aa"), Pressed(Press.AGREE),
    ),
    "held-open": (DoorHeld(True),),
    "clock-unsure": (Fault(Part.CLOCK, "clock_unsure"),),
    "fire": (FireInput(True),),
    "stands-open": (Fault(Part.CAMERA, "camera_missing", {"source": "USB 0"}), StandsOpen(True)),
    "enrol-look": (*POSED, *ONE, seen(0.5, None, QUALITY)),
    "enrol-done": (*POSED, EnrolmentSaved()),
    "enrol-alike": (*POSED, EnrolmentSaved((GUESTS["wang"].greeting,))),
    "enrol-doubt": (*POSED, EnrolmentDoubted((GUESTS["wang"].greeting,))),
    "enrol-failed": (*POSED, EnrolmentFailed("consent_guardian")),
    "maintenance": (Pressed(Press.STAFF), StaffAccepted("张工", 1), seen(0.5, None, QUALITY), status()),
}  # fmt: skip

AT_ELDERS_HOURS = (
    "coaching",
    "identified-elder",
    "challenge",
    "calling-lost",
    "unknown",
    "pin-flat",
    "pin-secret",
    "pin-wait",
)
ALL: dict[str, tuple[Call, VisitSettings]] = (
    {name: (scene, SETTINGS) for name, scene in SCENES.items()}
    | {f"elders-{name}": (SCENES[name], replace(SETTINGS, elder_hours=(Hours(),))) for name in AT_ELDERS_HOURS}
    | {"calling-lost-no-phone": (SCENES["calling-lost"], replace(SETTINGS, phone=""))}
    | {"simulated": (SCENES["approaching"], replace(SETTINGS, simulated_camera=True, simulated_gate=True))}
)


@dataclass
class Stage:
    """One window on a bench, with a clock that moves only when told."""

    theme: Theme
    language: Language
    settings: VisitSettings
    picture: Image
    now: datetime = START
    visitor: bool = False  # whether somebody nobody knew was here just now
    ids: Iterator[int] = field(default_factory=lambda: count(1))

    def play(self, scene: Call) -> KioskWindow:
        rules = GateRules(Direction.IN)
        knows = Knows(GUESTS.get, lambda: rules, frozenset, lambda _: None, lambda: f"id-{next(self.ids)}")
        knows = replace(knows, visitor=lambda: self.visitor)
        visit = Visit(self.settings, knows, self.now)
        frame = Frame(self.picture, START.astimezone(UTC), 0.0, 0)
        broken = any(isinstance(step, Fault) and step.part is Part.CAMERA for step in scene)
        for step in scene:
            if isinstance(step, float):
                self.now += timedelta(seconds=step)
            else:
                visit.handle(step, self.now)
        window = KioskWindow(visit, self.language, self.theme, lambda: None if broken else frame, lambda: self.now)
        window.camera.monotonic = lambda: 0.0
        return window


def render_all(out: Path, picture: Image | None = None, keep: Callable[[str], bool] = lambda _: True) -> list[Path]:
    """Write ``<orientation>-<language>-<mode>-<screen>.png`` for every screen, and return the paths.

    `picture` (HxWx3, blue-green-red) stands before the camera; without it a made figure does. `keep` chooses by name.
    """
    app = cast(QApplication, QApplication.instance() or QApplication([]))
    made = []
    face = stand_in() if picture is None else picture
    for orientation, size in SIZES.items():
        for mode in (Mode.LIGHT, Mode.DARK):
            theme = Theme(app, "kiosk", mode, panel_scale(*size), reduced_motion=True)
            for code in ("zh", "en"):
                for name, (scene, settings) in ALL.items():
                    title = f"{orientation}-{code}-{mode}-{name}"
                    if not keep(title):
                        continue
                    window = Stage(theme, Language(code), settings, face).play(scene)
                    made.append(shoot(window, out / f"{title}.png", size))
                    window.close()
                    window.deleteLater()
                    app.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
            theme.deleteLater()
    return made
