"""How this kiosk introduces itself to the desks of its community, once for every change."""

from datetime import timedelta
from typing import Any

from kiosk.config import KioskSettings
from offline.letters.gate_card import GATE_DESCRIBED, describe
from offline.node import Node
from offline.program import program_version

WAYS = ("face", "card", "pin", "qr")  # all of them from this kiosk's own memory, if not for ever


def introduction(settings: KioskSettings, node: Node, engine: str) -> dict[str, Any] | None:
    """The payload of `GATE_DESCRIBED`; None before enrolment and where this was said already."""
    site, mine = settings.site, node.journal.device
    if not mine:
        return None
    told = describe(
        node.identity,
        gate=site.gate_id,
        name={"zh": site.gate_zh, "en": site.gate_en},
        direction=settings.gate.direction.value,
        software=program_version(),
        engine=engine,
        ways=list(WAYS),
        rests={method.value: after / timedelta(hours=1) for method, after in settings.fallback.rests.items()},
        stands_open=[f"{span.start:%H:%M}–{span.end:%H:%M}" for span in settings.fallback.open_hours],
        guard_phone=bool(site.guard_phone),
        keep_days=settings.keep_passages_days,
        picture_days=settings.keep_pictures_days,
    )
    before = [f.payload for f in node.journal.facts(GATE_DESCRIBED) if f.envelope.device == mine]
    return None if before and before[-1] == told else told
