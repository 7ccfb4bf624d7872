"""What this gate does without its district or its camera, as the maintenance screen says it."""

from collections.abc import Callable
from datetime import timedelta

from kiosk.config import FallbackTable
from kiosk.visit.line import Line
from kiosk.visit.view import StatusRow

_WAYS = {"face": "face_hours", "card": "card_hours", "pin": "pin_hours", "pass": "pass_hours"}


def fallback_rows(table: FallbackTable, silence: Callable[[], timedelta]) -> Callable[[], tuple[StatusRow, ...]]:
    """A row for each way in without the district, one for the camera; what rests now is *overdue*."""

    def rows() -> tuple[StatusRow, ...]:
        waited = silence()
        ways = tuple(_way(name, getattr(table, setting), waited) for name, setting in _WAYS.items())
        return (*ways, _camera(table))

    return rows


def _way(name: str, hours: float | None, waited: timedelta) -> StatusRow:
    label = Line(f"kiosk.maintenance.without_{name}")
    if hours is None:
        return StatusRow(label, Line("kiosk.maintenance.goes_on"))
    if waited >= timedelta(hours=hours):
        return StatusRow(label, Line("kiosk.maintenance.rests", {"hours": f"{hours:g}"}), "overdue")
    return StatusRow(label, Line("kiosk.maintenance.for_hours", {"hours": f"{hours:g}"}))


def _camera(table: FallbackTable) -> StatusRow:
    label = Line("kiosk.maintenance.without_camera")
    if not table.open_hours:
        return StatusRow(label, Line("kiosk.maintenance.stays_shut"))
    spans = " ".join(f"{h.start:%H:%M}–{h.end:%H:%M}" for h in table.open_hours)
    return StatusRow(label, Line("kiosk.maintenance.opens_at", {"spans": spans}), "due")
