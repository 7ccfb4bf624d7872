"""The kiosk as an actor: the real program's parts, wired by its own bootstrap."""

import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from PySide6.QtCore import QTimer

from demo.actors import Stage, take_picture
from domain.consent import Purpose
from domain.people import Profile
from kiosk.bootstrap import make_enroller, make_gatehouse
from kiosk.config import KioskSettings
from kiosk.enrolling.enroller import CONSENT_VERSION, ConsentForm
from kiosk.faces.engines import load_engine
from kiosk.faces.enrolment import read_photo
from kiosk.screens.shape import panel_scale
from kiosk.visit.effects import Effect, OpenGate, RecordPassage
from offline.program import keep_log
from qtkit.app import start
from qtkit.theme import Mode

WATCH_MS = 40
SETTLED_S = 0.5  # a picture is taken when a screen has stood this long, its ring and words in place


def play_gate(line: Connection, settings: KioskSettings, folder: Path, pictures: Path | None) -> None:
    """Run the kiosk until it is asked to leave or its window is closed."""
    screen, log = settings.screen, folder / "kiosk.log"
    keep_log(log)
    app = start("kiosk", log, "kiosk", screen.language, Mode(screen.theme),
                panel_scale(screen.width, screen.height))  # fmt: skip
    house = make_gatehouse(settings, app)
    window = house.window

    def enroll(url: str, code: str) -> dict[str, Any]:
        house.node.enrol(url, code, "kiosk", settings.site.gate_en)
        return {"device": house.node.journal.device}

    def resident(photo: str, profile: dict[str, Any], monitored: bool) -> dict[str, Any]:
        enroller = make_enroller(settings, house.node, house.templates, load_engine(settings.face.engine))
        picture = (Path(photo).name, read_photo(Path(photo)))
        done = enroller.enrol(Profile(**profile), [picture], ConsentForm("the resident"))
        if monitored:
            house.node.roster.consent(done.person, Purpose.HOME_MONITORING, True, CONSENT_VERSION, "the resident")
        return {"person": done.person, "photos": len(done.enrolment.accepted)}

    def begin() -> None:
        window.resize(screen.width, screen.height)
        window.show()
        house.start()

    def effect(done: Effect) -> None:
        if isinstance(done, OpenGate):
            stage.say("opening", ref=done.ref)
        elif isinstance(done, RecordPassage) and done.decision is not None:
            d = done.decision
            stage.say(
                "passage", ref=done.ref, outcome=d.outcome.value, person=d.person_id, gate=done.gate.value, ms=d.ms,
                liveness=d.liveness.value, first_face=d.first_face_at.timestamp() if d.first_face_at else None,
            )  # fmt: skip

    stage = Stage(line, {"enroll": enroll, "resident": resident, "begin": begin, "leave": app.qt.quit})
    window.effect.connect(effect)
    watching = _ScreenWatch(window, stage, pictures)
    stage.say("ready")
    try:
        app.run()
    finally:
        watching.stop()
        stage.close()
        house.stop()


class _ScreenWatch:
    """Says which screen the window shows, and takes a picture of each once."""

    def __init__(self, window: Any, stage: Stage, pictures: Path | None) -> None:
        self._window, self._stage, self._pictures = window, stage, pictures
        self._shown, self._since = "", 0.0
        self._taken: set[str] = set()
        self._timer = QTimer(interval=WATCH_MS)
        self._timer.timeout.connect(self._look)
        self._timer.start()

    def stop(self) -> None:
        self._timer.stop()

    def _look(self) -> None:
        view = self._window.shown
        if view is None or not self._window.isVisible():
            return
        name = view.screen.value
        if name != self._shown:
            self._shown, self._since = name, time.monotonic()
            self._stage.say("screen", screen=name, ways_open=not view.broken_ways)
        elif self._pictures and name not in self._taken and time.monotonic() - self._since >= SETTLED_S:
            self._taken.add(name)
            take_picture(self._window, self._pictures / f"kiosk-{len(self._taken)}-{name}.png")
