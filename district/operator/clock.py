"""The machine's clock as this server sees it, and somebody's word that it is right."""

from typing import Any
from zoneinfo import ZoneInfo

from district.office import Office
from domain.errors import Mendable
from domain.events import from_ms


def told(office: Office) -> dict[str, Any]:
    """What it shows, what it showed when it was last believed, and by how many days it seems to be ahead (None: it is believed)."""
    doubt = office.clock_doubt.look()
    return {
        "now": office.now().astimezone(ZoneInfo(office.settings.zone)).isoformat(timespec="seconds"),
        "believed": from_ms(office.clock_doubt.believed).astimezone(ZoneInfo(office.settings.zone)).isoformat(timespec="seconds"),
        "ahead_days": None if doubt is None else round(doubt.ahead / 86_400_000, 1),
        "witnesses": 0 if doubt is None else doubt.witnesses,
    }  # fmt: skip


def confirm(office: Office, today: str) -> dict[str, Any]:
    """Go by the clock where it shows the day that a person has read elsewhere. Raises Mendable `clock_other_day`."""
    shown = office.now().astimezone(ZoneInfo(office.settings.zone)).date().isoformat()
    if shown != today:
        raise Mendable("clock_other_day", shown=shown, today=today)
    before = office.clock_doubt.believed
    office.clock_doubt.confirm()
    office.audit.note(office.now_ms(), "operator", "clock.confirmed", office.store.node, believed_before=before)
    return told(office)
