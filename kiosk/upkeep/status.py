"""How the kiosk is, gathered for the maintenance screen. No Qt."""

import shutil
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from domain.events import from_ms
from kiosk.faces.messages import GalleryApplied
from kiosk.visit.events import Event, StatusKnown
from kiosk.visit.faults import Fault, Part
from kiosk.visit.line import Line
from kiosk.visit.view import StatusRow, StatusSection
from offline.line.link import Link, SyncStatus
from offline.program import program_version

BACKED_UP_EACH = timedelta(hours=50)  # nightly; one night may go by
SCARCE = 2_000_000_000  # bytes; below this the disk is worth a look


@dataclass(frozen=True, slots=True)
class Fittings:
    """What this kiosk has. `sound` says whether an output works, `link` the state of the line (None: on its own)."""

    engine: str
    data: Path
    simulated_gate: bool
    simulated_camera: bool
    reader: bool
    sound: Callable[[], bool]
    link: Callable[[], SyncStatus | None]
    keep: timedelta = timedelta(days=30)  # passages, notices and "I am well"; then what they say is let go
    keep_pictures: timedelta = timedelta(days=7)
    infrared: bool = False
    backed_up: Callable[[], datetime | None] = lambda: None  # when the newest copy was made
    no_backup: Callable[[], str] = lambda: ""  # why none can be made now: `unnamed`, `gone` or `closed`
    keys_lost: Callable[[], bool] = lambda: False  # some persons' were, and have not all come again
    cut_off: datetime | None = None  # until when the last run is on record whole, where it did not end in good order
    fallback: Callable[[], tuple[StatusRow, ...]] = tuple  # what it does without the district, and without a camera
    clock: Callable[[], tuple[bool, int]] = lambda: (True, 0)  # whether it is the district's; the machine's error, ms


class StatusBoard:
    """Hears what the visit hears, from any thread, and puts it into rows when asked."""

    def __init__(
        self,
        fittings: Fittings,
        now: Callable[[], datetime],
        pictures: Callable[[], int] = lambda: 0,
        borrowed: Callable[[], int] = lambda: 0,
    ) -> None:
        self._has, self._now, self._pictures, self._borrowed = fittings, now, pictures, borrowed
        self._lock = threading.Lock()
        self._gallery: GalleryApplied | None = None
        self._faults: dict[Part, Fault] = {}
        self._tested: tuple[datetime, bool, str] | None = None

    def hear(self, event: Event) -> None:
        with self._lock:
            if isinstance(event, GalleryApplied):
                self._gallery = event
            elif isinstance(event, Fault) and event.code:
                self._faults[event.part] = event
            elif isinstance(event, Fault):
                self._faults.pop(event.part, None)

    def tested(self, at: datetime, passed: bool, count: str) -> None:
        """What the last self-test found, e.g. ``3/3``."""
        with self._lock:
            self._tested = (at, passed, count)

    def known(self) -> StatusKnown:
        """The rows as of now; looks at the disk, so not on a window's thread."""
        with self._lock:
            sections = [
                ("gallery", self._gallery_rows()),
                ("devices", self._device_rows()),
                ("sync", (*self._sync_rows(), self._clock_row())),
                ("fallback", self._has.fallback()),
                (
                    "storage",
                    (
                        self._disk_row(),
                        *self._keys_rows(),
                        *self._cut_off_rows(),
                        self._backup_row(),
                        self._software_row(),
                    ),
                ),
                ("retention", self._retention_rows()),
                ("selftest", (self._test_row(),)),
            ]
        return StatusKnown(tuple(StatusSection(_line(name), rows) for name, rows in sections if rows))

    def _gallery_rows(self) -> tuple[StatusRow, ...]:
        engine = _row("engine", self._has.engine)
        if self._gallery is None:
            return (_row("people", "–"), engine)
        low, high = self._gallery.threshold_ci95
        numbers = {"value": f"{self._gallery.threshold:.3f}", "low": f"{low:.3f}", "high": f"{high:.3f}"}
        threshold = Line("kiosk.maintenance.threshold_value", numbers)
        low, high = (100 * rate for rate in self._gallery.fpir_ci95)
        strangers = Line("kiosk.maintenance.strangers_value", {"low": f"{low:.2f}", "high": f"{high:.2f}"})
        people = f"{self._gallery.people:,}"
        return (_row("people", people), _row("threshold", threshold), _row("strangers", strangers), engine)

    def _device_rows(self) -> tuple[StatusRow, ...]:
        sound = "works" if self._has.sound() else "broken"
        return (
            self._part("camera", Part.CAMERA, self._has.simulated_camera),
            *((self._part("infrared", Part.INFRARED, self._has.simulated_camera),) if self._has.infrared else ()),
            self._part("gate", Part.GATE, self._has.simulated_gate),
            *((_row("case", _line("tampered"), "alarm"),) if Part.CASE in self._faults else ()),
            self._part("reader", Part.READER) if self._has.reader else _row("reader", _line("missing"), "away"),
            _row("sound", _line(sound), "well" if sound == "works" else "overdue"),
        )

    def _part(self, name: str, part: Part, simulated: bool = False) -> StatusRow:
        if part in self._faults:
            return _row(name, _line("broken"), "overdue")
        return _row(name, _line("simulated"), "due") if simulated else _row(name, _line("works"), "well")

    def _sync_rows(self) -> tuple[StatusRow, ...]:
        status = self._has.link()
        if status is None:
            return (_row("district", _line("missing"), "away"),)
        if status.link is Link.STARTING:
            return (_row("district", "–"), _row("waiting", str(status.pending)))
        up = status.link.answers
        district = _row(
            "district", _line("works") if up else Line(f"error.link_{status.link}"), "well" if up else "overdue"
        )
        if status.last_ok is None:
            return (district, _row("waiting", str(status.pending)))
        last = from_ms(status.last_ok).astimezone(self._now().tzinfo)
        return (district, _row("waiting", str(status.pending)), _row("last_sync", f"{last:%H:%M:%S}"))

    def _clock_row(self) -> StatusRow:
        """Whose time is shown, and by how much the machine's own clock is wrong, where that is known."""
        sure, error = self._has.clock()
        if not sure:
            return _row("clock", _line("clock_own"), "overdue")
        wrong = round(abs(error) / 60_000)
        if not wrong:
            return _row("clock", _line("works"), "well")
        return _row(
            "clock", Line(f"kiosk.maintenance.clock_{'ahead' if error > 0 else 'behind'}", {"n": f"{wrong:,}"}), "due"
        )

    def _disk_row(self) -> StatusRow:
        free = shutil.disk_usage(self._has.data).free
        bad = free < SCARCE or Part.STORAGE in self._faults
        return _row("free", f"{free / 1e9:.1f} GB", "overdue" if bad else "well")

    def _keys_rows(self) -> tuple[StatusRow, ...]:
        return (_row("keys", _line("keys_lost"), "overdue"),) if self._has.keys_lost() else ()

    def _cut_off_rows(self) -> tuple[StatusRow, ...]:
        if self._has.cut_off is None:
            return ()
        at = f"{self._has.cut_off.astimezone(self._now().tzinfo):%Y-%m-%d %H:%M}"
        return (_row("cut_off", Line("kiosk.maintenance.cut_off_value", {"at": at}), "due"),)

    def _backup_row(self) -> StatusRow:
        if why := self._has.no_backup():
            return _row("backup", _line(f"backup_{why}"), "due" if why == "unnamed" else "overdue")
        at = self._has.backed_up()
        if at is None:
            return _row("backup", _line("missing"), "due")
        late = self._now() - at > BACKED_UP_EACH
        return _row("backup", f"{at.astimezone(self._now().tzinfo):%Y-%m-%d %H:%M}", "overdue" if late else "well")

    def _software_row(self) -> StatusRow:
        """Which version runs here, and which one the district wants."""
        here, status = program_version(), self._has.link()
        if status is None or status.wanted in ("", here):
            return _row("software", here, "well")
        return _row("software", Line("kiosk.maintenance.wanted", {"here": here, "wanted": status.wanted}), "due")

    def _retention_rows(self) -> tuple[StatusRow, ...]:
        """How long each kind of data stays here; the nightly job holds to it."""
        return (
            _row("kept_passages", Line("kiosk.maintenance.days", {"n": str(self._has.keep.days)})),
            _row(
                "kept_pictures",
                Line(
                    "kiosk.maintenance.days_count",
                    {"n": str(self._has.keep_pictures.days), "count": f"{self._pictures():,}"},
                ),
            ),
            _row("kept_templates", _line("until_withdrawn")),
            _row("kept_borrowed", Line("kiosk.maintenance.lease_count", {"count": f"{self._borrowed():,}"})),
            _row("kept_frames", _line("never_kept")),
        )

    def _test_row(self) -> StatusRow:
        if self._tested is None:
            return _row("selftest", "–")
        at, passed, count = self._tested
        when = f"{at:%H:%M}" if at.date() == self._now().date() else f"{at:%Y-%m-%d %H:%M}"
        return _row("selftest", f"{when}  {count}", "well" if passed else "overdue")


def _line(name: str) -> Line:
    return Line(f"kiosk.maintenance.{name}")


def _row(name: str, value: Line | str, state: str = "") -> StatusRow:
    return StatusRow(_line(name), value, state)
