"""The play: the main job from a face at the gate to a caregiver's screen, on real input, step by step.

A step either happens, and is timed, or it is Missed and the play ends there and says so.
"""

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from caregiver.config import CaregiverSettings, Operator
from caregiver.config import ScreenTable as DeskScreen
from demo import clip
from demo.actors import Actor, Missed, Said
from demo.desk import play_desk
from demo.district import Bridge, District
from demo.gate import play_gate
from demo.relay import COIL, Relay
from domain.passages import Direction
from kiosk.config import CameraTable, GateKind, GateTable, KioskSettings, ScreenTable, Site
from kiosk.faces.engines import load_engine
from kiosk.faces.enrolment import find, read_photo

COMMUNITY = "锦绣社区"
ELDER = {"family_name": "Obama", "given_name": "Barack", "title_zh": "先生", "title_en": "Mr", "born": "1944-08-04",
         "flat": "3-2-501", "lives_alone": True, "phone": "13800000001"}  # fmt: skip
NEIGHBOUR = {"family_name": "Biden", "given_name": "Joe", "title_zh": "先生", "title_en": "Mr", "born": "1952-11-20",
             "flat": "3-2-502", "phone": "13800000002"}  # fmt: skip
WEARABLE, PLACE = "wearable-3-2-501", "卧室"
CLIP_S = 3 * (clip.PAUSE_S + clip.APPROACH_S + clip.STAY_S)


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the table: what happened, and the times in milliseconds that belong to it."""

    name: str
    ok: bool
    ms: float | None = None
    note: str = ""


@dataclass
class Report:
    """What happened. `face_to_relay` and `alarm_to_screen` are in milliseconds."""

    steps: list[Step] = field(default_factory=list)
    face_to_decision: list[float] = field(default_factory=list)
    face_to_relay: list[float] = field(default_factory=list)
    alarm_to_screen: list[float] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return bool(self.steps) and all(step.ok for step in self.steps)


class Play:
    """Everything on its stage. `out` is where pictures go; None for none."""

    def __init__(
        self,
        folder: Path,
        photos: dict[str, Path],
        camera: str | None,
        offscreen: bool,
        out: Path | None,
        language: str,
        told: Callable[[Step], None],
    ) -> None:
        self._folder, self._photos, self._offscreen, self._out = folder, photos, offscreen, out
        self._camera, self._language, self._told = camera, language, told
        self.report = Report()
        self._district, self._relay = District(folder / "district"), Relay()
        self._gate: Actor | None = None
        self._desk: Actor | None = None
        self._elder = ""

    # ---- the acts ---------------------------------------------------------------------------------------------------

    def run(self) -> Report:
        """Play every step; what was missed ends the play and stands in the report as its last step."""
        for name, act in (
            ("district", self._open_district),
            ("camera", self._set_camera),
            ("kiosk", self._open_gate),
            ("residents", self._enrol_residents),
            ("desk", self._open_desk),
            ("plan", self._plan_care),
            ("passage", self._let_in),
            ("stranger", self._turn_to_another_way),
            ("sign", self._show_sign),
            ("alarm", self._ring),
            ("acknowledge", self._acknowledge),
            ("offline", self._pass_while_cut_off),
        ):
            began = time.monotonic()
            try:
                note = act()
            except Missed as missed:
                self._done(Step(name, False, None, str(missed)))
                break
            self._done(Step(name, True, (time.monotonic() - began) * 1000, note))
        return self.report

    def stay(self) -> None:
        """Leave the windows open until they are closed."""
        for actor in (self._gate, self._desk):
            if actor is not None:
                actor.stay()

    def close(self) -> None:
        for actor in (self._gate, self._desk):
            if actor is not None:
                actor.leave()
        self._district.stop()
        self._relay.stop()

    def _done(self, step: Step) -> None:
        self.report.steps.append(step)
        self._told(step)

    def _open_district(self) -> str:
        self._district.start()
        return self._district.url

    def _set_camera(self) -> str:
        """Render the clip once; a camera of the user's own needs none."""
        if self._camera is not None:
            return self._camera
        film = self._folder.parent / "camera.mkv"
        if not film.exists():
            engine = load_engine("sface")
            names = ("obama2.jpg", "astronaut.png", "obama3.jpg")
            clip.render([(self._photos[n], find(engine, read_photo(self._photos[n]))[0].box) for n in names], film)
        self._camera = str(film)
        return f"{film.name}, {CLIP_S:.0f} s"

    def _open_gate(self) -> str:
        simulated = not (self._camera or "").isdigit() and "://" not in (self._camera or "")
        settings = KioskSettings(
            data=self._folder / "kiosk",
            site=Site(community_zh=COMMUNITY, community_en="Jinxiu", gate_zh="南门", gate_en="South gate", gate_id="south",
                      guard_phone="021-5550110"),
            camera=CameraTable(source=self._camera or "", simulated=simulated, loop=simulated),
            gate=GateTable(kind=GateKind.MODBUS, direction=Direction.IN, port=self._relay.port, coil=COIL),
            screen=ScreenTable(language=self._language, fullscreen=False, width=800 if self._offscreen else 640,
                               height=1280 if self._offscreen else 1024),
        )  # fmt: skip
        self._gate = Actor("kiosk", play_gate, settings, self._folder, self._out, offscreen=self._offscreen)
        self._gate.wait("ready", 40)
        self._gate.tell("enroll", url=self._district.url, code=self._district.code("kiosk", COMMUNITY))
        return str(self._gate.wait("enroll done", 20).data["device"])

    def _enrol_residents(self) -> str:
        gate = self._on_stage(self._gate)
        for photo, profile, monitored in (("obama.jpg", ELDER, True), ("biden.jpg", NEIGHBOUR, False)):
            began = time.time()
            gate.tell("resident", photo=str(self._photos[photo]), profile=profile, monitored=monitored)
            person = str(gate.wait("resident done", 30, began).data["person"])
            self._elder = self._elder or person
        return "2, face_at_gate, home_monitoring"

    def _open_desk(self) -> str:
        settings = CaregiverSettings(
            data=self._folder / "caregiver", community=COMMUNITY,
            operator=Operator(id="caregiver-chen", name="陈护理员" if self._language == "zh" else "Caregiver Chen"),
            screen=DeskScreen(language=self._language),
        )  # fmt: skip
        code = self._district.code("caregiver", COMMUNITY)
        self._desk = Actor(
            "caregiver", play_desk, settings, self._folder, self._out, self._district.url, code, offscreen=self._offscreen
        )  # fmt: skip
        return str(self._desk.wait("ready", 40).data["device"])

    def _plan_care(self) -> str:
        """The elder's plan and whose home the wearable is in; then the gate opens its eyes."""
        desk, gate = self._on_stage(self._desk), self._on_stage(self._gate)
        window = {"id": "morning", "start": "09:00", "end": "11:00", "days": "daily", "grace_min": 30}
        desk.tell(
            "plan", person=self._elder, payload={"revision": 1, "since": int(time.time() * 1000), "windows": [window]}
        )
        desk.wait("plan done", 10)
        gate.tell("begin")
        gate.wait("begin done", 20)
        self._district.own_home_device(COMMUNITY, WEARABLE, self._elder, PLACE)
        return "09:00–11:00"

    def _let_in(self) -> str:
        return self._passage(time.time())

    def _passage(self, since: float) -> str:
        """The resident is named and the relay switched; both are timed from the first usable face."""
        gate = self._on_stage(self._gate)
        said = gate.wait("passage", CLIP_S * 2, since, lambda d: d["outcome"] == "identified")
        if said.data["person"] != self._elder:
            raise Missed("somebody else was named")
        if said.data["gate"] != "opened":
            raise Missed("the relay did not confirm")
        first = said.data["first_face"]
        switched = next((at for at, on in self._relay.switched if on and at >= first), None)
        if switched is None:
            raise Missed("the relay was not switched")
        self.report.face_to_decision.append(said.data["ms"])
        self.report.face_to_relay.append((switched - first) * 1000)
        return f"liveness {said.data['liveness']}"

    def _turn_to_another_way(self) -> str:
        gate = self._on_stage(self._gate)
        said = gate.wait("passage", CLIP_S * 2, time.time(), lambda d: d["outcome"] != "identified")
        screen = gate.wait("screen", 10, said.at - 0.5, lambda d: d["screen"] in ("unknown", "unsure"))
        seen = said.data["first_face"] or said.at  # a resident just before may still be let in after this step began
        if said.data["gate"] == "opened" or any(on and at >= seen for at, on in self._relay.switched):
            raise Missed("the gate opened for a stranger")
        return f"{said.data['outcome']} → {screen.data['screen']}"

    def _show_sign(self) -> str:
        desk = self._on_stage(self._desk)
        desk.wait("sign", 20, where=lambda d: d["person"] == self._elder)
        desk.tell("picture", name="1-board")
        desk.wait("picture done", 10)
        return ""

    def _ring(self) -> str:
        """A fall, as a home's bridge reports it in Zigbee2MQTT's form."""
        desk, bridge = self._on_stage(self._desk), self._bridge()
        body = json.dumps({"topic": f"zigbee2mqtt/{WEARABLE}", "payload": {"fall_status": "fall_alarm", "battery": 71}})
        sent = time.time()
        status = bridge.report(body.encode())
        if status != 202:
            raise Missed(f"the district answered {status}")
        alarm = desk.wait("alarm", 10, sent)
        self.report.alarm_to_screen.append((alarm.at - sent) * 1000)
        desk.tell("picture", name="2-alarm")
        desk.wait("picture done", 10, sent)
        return str(alarm.data["incident"])[:8]

    def _bridge(self) -> Bridge:
        return self._district.bridge(COMMUNITY)

    def _acknowledge(self) -> str:
        desk, asked = self._on_stage(self._desk), time.time()
        desk.tell("press_enter")
        state = _until(lambda: next((i["state"] for i in self._district.incidents() if i["leader"]), None), 15)
        if state is None:
            raise Missed("the district does not show the incident acknowledged")
        desk.tell("picture", name="3-acknowledged")
        desk.wait("picture done", 10, asked)
        return str(state)

    def _pass_while_cut_off(self) -> str:
        """The district is stopped, somebody passes, the district returns: the passage arrives once."""
        gate = self._on_stage(self._gate)
        self._district.stop()
        self._passage(time.time())
        self._on_stage(self._desk).tell("picture", name="4-cut-off")
        made = len([s for s in gate.said if s.what == "passage"])
        self._district.start()
        arrived = _until(lambda: self._arrived(made), 60)
        if arrived is None:
            raise Missed("the passage did not arrive")
        if len(arrived) != len(set(arrived)):
            raise Missed("a passage arrived twice")
        return f"{len(arrived)} passages, each once"

    def _arrived(self, least: int) -> Sequence[str] | None:
        """The ids of the passages at the district, once there are as many as were made."""
        keys = [f"{f['device']}.{f['epoch']}.{f['seq']}" for f in self._district.facts("passage.recorded")]
        return keys if len(keys) >= least else None

    @staticmethod
    def _on_stage(actor: Actor | None) -> Actor:
        if actor is None:
            raise Missed("the actor is not on stage")
        return actor


def _until(look: Callable[[], Any], seconds: float) -> Any:
    """What `look` gives once it is not None; None where that does not happen in time."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if (found := look()) is not None:
            return found
        time.sleep(0.2)
    return None


__all__ = ["Missed", "Play", "Report", "Said", "Step"]
