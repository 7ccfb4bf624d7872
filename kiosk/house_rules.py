"""The settings in the terms of those who follow them: the recogniser, the visit, the gate."""

from collections.abc import Callable
from datetime import datetime

from domain.liveness import Policy, PolicyPlan
from domain.passages import GateRules, Group, Hours, Schedule
from kiosk.config import KioskSettings
from kiosk.faces.infrared import Offset
from kiosk.faces.pipeline import Settings as FaceSettings
from kiosk.faces.quality import GATE, OFF
from kiosk.visit.settings import VisitSettings
from offline.public_holidays import PublicHolidays


def face_settings(settings: KioskSettings) -> FaceSettings:
    """How the recogniser looks at this gate, and what it asks for at which hour."""
    face, infrared = settings.face, settings.infrared
    spans = tuple((Hours(s.start, s.end, frozenset(s.days)), s.policy) for s in face.policy_hours)
    return FaceSettings(
        settings.camera.simulated,
        OFF if settings.camera.quality == "off" else GATE,
        face.zone,
        face.target_fpir,
        policy=PolicyPlan(face.policy, spans),
        infrared=Offset(infrared.dx, infrared.dy, infrared.scale) if infrared.source else None,
        passive_pack=face.passive_pack,
        challenge_share=face.challenge_share,
        elder_hours=_elder_hours(settings),
    )


def needs_infrared(settings: KioskSettings, now: Callable[[], datetime]) -> Callable[[], bool]:
    """Whether at this hour no face passes without infrared."""
    policy = face_settings(settings).policy
    return lambda: policy.at(now()) is Policy.STRICT


def visit_settings(settings: KioskSettings, simulated_gate: bool) -> VisitSettings:
    site = settings.site
    return VisitSettings(
        community={"zh": site.community_zh, "en": site.community_en},
        gate={"zh": site.gate_zh, "en": site.gate_en},
        phone=site.guard_phone,
        simulated_camera=settings.camera.simulated,
        simulated_gate=simulated_gate,
        elder_hours=_elder_hours(settings),
        zone=settings.face.zone,
    )


def _elder_hours(settings: KioskSettings) -> tuple[Hours, ...]:
    return tuple(Hours(h.start, h.end, frozenset(h.days)) for h in settings.screen.elder_hours)


def gate_rules(settings: KioskSettings) -> GateRules:
    """Raises Mendable `holidays_unknown`."""
    return GateRules(
        direction=settings.gate.direction,
        open_seconds=settings.gate.open_seconds,
        slow_open_seconds=max(settings.gate.slow_open_seconds, settings.gate.open_seconds),
        passback=settings.gate.passback,
        schedules=_schedules(settings),
        holidays=PublicHolidays(settings.country),
        unheard=settings.fallback.rests,
    )


def open_hours(settings: KioskSettings) -> tuple[Hours, ...]:
    """When the gate stands open while no face can be recognised."""
    return tuple(Hours(h.start, h.end, frozenset(h.days), h.on_holidays) for h in settings.fallback.open_hours)


def _schedules(settings: KioskSettings) -> dict[Group, Schedule]:
    """When each group may come in; a group without hours may come at any time."""
    hours: dict[Group, list[Hours]] = {}
    for h in settings.hours:
        hours.setdefault(h.group, []).append(Hours(h.start, h.end, frozenset(h.days), h.on_holidays))
    return {group: Schedule(tuple(of)) for group, of in hours.items()}
