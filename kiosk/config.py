"""The kiosk's settings: `kiosk.toml`, described setting by setting; `shouwang-kiosk settings` prints this with its defaults."""

from datetime import time, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from domain.liveness import Policy
from domain.passages import Direction, Group, Method, Passback
from offline.settings import Settings, Zone, data_path


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class GateKind(StrEnum):
    MODBUS = "modbus"
    HTTP = "http"
    GPIO = "gpio"
    SIMULATED = "simulated"


class Site(_Table):
    """Where this kiosk stands, as its screen says it."""

    community_zh: str = "社区"
    community_en: str = "Community"
    gate_zh: str = "大门"
    gate_en: str = "Gate"
    gate_id: str = "gate"
    guard_phone: str = Field("", description="shown when nobody answers a call")


class CameraTable(_Table):
    """A USB index ("0"), a device path, a stream (rtsp://…), or a recording, which must be named as simulated."""

    source: str = "0"
    simulated: bool = False
    loop: bool = Field(False, description="play a recording again and again")
    quality: Literal["gate", "off"] = Field("gate", description="off admits small and soft faces: for measuring only")


class GateTable(_Table):
    """What moves the gate. Only the settings of its `kind` are read."""

    kind: GateKind = GateKind.MODBUS
    direction: Direction = Direction.UNKNOWN
    open_seconds: float = Field(5.0, gt=0, le=60)
    slow_open_seconds: float = Field(10.0, gt=0, le=120, description="for those who walk slowly")
    held_open_seconds: float = Field(
        30.0,
        gt=0,
        description="a door open for longer is said to those who pass, and recorded; five minutes later desks hear of it",
    )
    passback: Passback = Field(Passback.OFF, description="somebody comes in twice without having gone out")
    host: str = "127.0.0.1"
    port: int = Field(502, ge=1, le=65535)
    device_id: int = 1
    coil: int = 0
    door_input: int | None = Field(None, description="Modbus input or GPIO pin; none where the contact is not wired")
    tamper_input: int | None = None
    fire_input: int | None = Field(None, description="holds the gate open")
    on_url: str = ""
    off_url: str = ""
    state_url: str = ""
    method: Literal["POST", "GET"] = Field("POST", description="by which on_url and off_url are asked")
    relay_field: str = Field("output", description="where it stands in the JSON of state_url: a path with dots")
    door_field: str = Field("", description="likewise; none where the contact is not wired")
    tamper_field: str = ""
    fire_field: str = Field("", description="holds the gate open")
    user: str = ""
    password: str = Field("", repr=False)
    chip: str = "/dev/gpiochip0"
    relay_pin: int = 17
    relay_active_low: bool = Field(False, description="of GPIO: true for the common opto boards")
    contacts_active_low: bool = Field(True, description="of GPIO: contacts close to ground; the pins are pulled up")


class HoursTable(_Table):
    """When a group may come in; a group without hours may come at any time. Going out is always open."""

    group: Group
    start: time = time(0)
    end: time = Field(time(0), description="at or before start: past midnight")
    days: tuple[int, ...] = Field(tuple(range(7)), description="0 = Monday")
    on_holidays: bool | None = Field(None, description="true: on holidays too; false: never on holidays")


class PolicySpan(_Table):
    """From `start` until before `end` (past midnight where end <= start, all day where both are 00:00), on `days`, another policy
    holds."""

    policy: Policy
    start: time = time(0)
    end: time = time(0)
    days: tuple[int, ...] = Field(tuple(range(7)), description="0 = Monday")


class FaceTable(_Table):
    """The engine, how often a stranger may be taken for somebody, and what proof of life is asked for."""

    engine: str = Field(
        "sface",
        description="a new kiosk's: sface, face_recognition (1:1 only), or pack:FOLDER for an operator's model; in use it is"
        " changed by `shouwang-kiosk engine`",
    )
    target_fpir: float = Field(1e-3, gt=0, lt=0.5, description="per visit of a stranger")
    zone: tuple[float, float, float, float] = Field(
        (0.1, 0.0, 0.9, 1.0), description="where a face is decided: left, top, right, bottom, fractions of the picture"
    )
    policy: Policy = Field(Policy.STANDARD, description="docs/decisions/0012-faces-liveness.md")
    policy_hours: tuple[PolicySpan, ...] = Field((), description="a list of tables: policy, start, end, days")
    passive_pack: str = Field(
        "", description="folder of an operator's anti-spoof network, which may refuse and never vouches"
    )
    challenge_share: float = Field(0.1, ge=0, le=1, description="of passages asked at random to follow the lantern")


class InfraredTable(_Table):
    """A second, infrared camera beside the first; its offset as the set-up measured it. Tried with made pairs only."""

    source: str = Field("", description="as for the camera; none where there is no such camera")
    dx: float = 0.0
    dy: float = 0.0
    scale: float = 1.0


class ElderHours(_Table):
    """From `start` until before `end` (past midnight where end <= start, all day where both are 00:00), on `days`."""

    start: time = time(0)
    end: time = time(0)
    days: tuple[int, ...] = Field(tuple(range(7)), description="0 = Monday")


class ScreenTable(_Table):
    """`theme` follows the system where it is "system"; `fullscreen` off gives an ordinary window of `width` by `height`."""

    language: Literal["zh", "en"] = "zh"
    theme: Literal["system", "light", "dark"] = "system"
    fullscreen: bool = True
    night: bool = Field(True, description="dark from 18:30 to 06:30")
    elder_hours: tuple[ElderHours, ...] = Field(
        (),
        description="a list of tables: start, end, days; larger words, longer screens and the voice first, for everybody",
    )
    width: int = 800
    height: int = 1280


class OpenHours(_Table):
    """As `hours`, of nobody in particular."""

    start: time = time(0)
    end: time = time(0)
    days: tuple[int, ...] = Field(tuple(range(7)), description="0 = Monday")
    on_holidays: bool | None = None


class FallbackTable(_Table):
    """What this gate does while something is missing. As it comes, every way opens for as long as the district is away, and
    without a camera the gate stays shut and opens by the other ways (docs/decisions/0049-what-a-gate-does-without.md)."""

    face_hours: float | None = Field(
        None, gt=0, description="without word from the district for so long, faces rest; none: they never do"
    )
    card_hours: float | None = Field(None, gt=0, description="likewise, cards")
    pin_hours: float | None = Field(None, gt=0, description="likewise, PINs")
    pass_hours: float | None = Field(None, gt=0, description="likewise, visitors' passes")
    open_hours: tuple[OpenHours, ...] = Field(
        (),
        description="a list of tables: start, end, days, on_holidays; then the gate stands open while no face can be recognised:"
        " only where somebody watches it, for whoever covers the camera opens it",
    )
    open_after_minutes: float = Field(10.0, ge=1, description="so long no face could be recognised before it does")

    @property
    def rests(self) -> dict[Method, timedelta]:
        """After how long without word from the district a way rests; none that goes on for ever."""
        told = {
            Method.FACE: self.face_hours,
            Method.CARD: self.card_hours,
            Method.PIN: self.pin_hours,
            Method.QR: self.pass_hours,
        }
        return {method: timedelta(hours=hours) for method, hours in told.items() if hours is not None}


class KioskSettings(Settings):
    data: Path = Field(
        default_factory=lambda: data_path("kiosk"), description="where the journal and the templates are kept"
    )
    certificate: str = Field("", description="PEM file, where the district's is not signed by a known authority")
    keyring: bool = Field(
        False, description="keep the master key in the system's keyring instead of a file of mode 0600"
    )
    backup_folder: Path | None = Field(
        None,
        description="on another disk: each night a copy of faces and keys, kept a week; none where it is not named",
    )
    card_reader: str = Field("", description="an input device by path or name; keyboard wedges need none")
    keep_passages_days: int = Field(
        30, ge=1, description="afterwards what a passage says is erased here; that it was stays"
    )
    keep_pictures_days: int = Field(
        7,
        ge=1,
        le=30,
        description="pictures of passages, of those who agreed to them; never longer than what the passage says",
    )
    country: str = Field("CN", description="whose public holidays, ISO 3166")
    zone: Zone = Field(
        "Asia/Shanghai",
        description="IANA time zone of the gate: of its clock, greetings and hours, whatever the machine's own is",
    )
    hours: tuple[HoursTable, ...] = Field((), description="a list of tables: group, start, end, days, on_holidays")
    site: Site = Site()
    camera: CameraTable = CameraTable()
    infrared: InfraredTable = InfraredTable()
    gate: GateTable = GateTable()
    face: FaceTable = FaceTable()
    fallback: FallbackTable = FallbackTable()
    screen: ScreenTable = ScreenTable()

    @model_validator(mode="after")
    def _strict_can_be_met(self) -> "KioskSettings":
        """What asks for infrared lets no face in without it, and would tell nobody why."""
        asked = (self.face.policy, *(span.policy for span in self.face.policy_hours))
        if Policy.STRICT in asked and not self.infrared.source:
            raise ValueError("the policy strict asks for an infrared camera: name infrared.source, or choose standard")
        return self

    @model_validator(mode="after")
    def _nobody_is_left_outside(self) -> "KioskSettings":
        """Without the district nobody answers a call: where every way rests in the end, there must be a number to ring."""
        told = self.fallback
        if (
            None not in (told.face_hours, told.card_hours, told.pin_hours, told.pass_hours)
            and not self.site.guard_phone
        ):
            raise ValueError("fallback lets every way in rest: name site.guard_phone, or let one go on")
        return self
