"""Home devices that speak and stand in nobody's home: chosen from a list, so that nobody copies a gateway's name by hand."""

from typing import Any

from PySide6.QtCore import Signal

from caregiver.asking import Asking
from caregiver.ui import Choice, Desk
from caregiver.wording import stamp, term
from domain.errors import Mendable
from watch.signs import DEVICE_KINDS


class Strangers(Choice):
    """Shown where there are any. `taken(device, kind)` when one is chosen; `kind` is "" where its signals say none."""

    taken = Signal(str, str)

    def __init__(self, desk: Desk, asking: Asking | None) -> None:
        super().__init__()
        self._desk, self._asking = desk, asking
        self._told: list[dict[str, Any]] = []
        self._placed: set[str] = set()
        self.activated.connect(lambda _: self._take())
        desk.language.changed.connect(lambda _: self._name())
        self._name()

    def ask(self) -> None:
        """Of the district. Without it, or where it does not know such a question, there is no list and names are typed."""
        asking = self._asking
        if asking is None:
            return

        def work() -> list[dict[str, Any]]:
            try:
                return list(asking("GET", "/v1/strangers"))
            except Mendable:
                return []

        self._desk.background.read_anew(work, self._got, self, asks=True)

    def _got(self, told: list[dict[str, Any]]) -> None:
        own = self._desk.state.journal.community
        self._told = [one for one in told if one["community"] == own]
        self._name()

    def placed(self, devices: set[str]) -> None:
        """These stand in homes as this desk knows, which the district may not have heard yet."""
        self._placed = devices
        self._name()

    def _name(self) -> None:
        left = [one for one in self._told if one["device"] not in self._placed]
        self.setAccessibleName(self._desk.tr("devices.strangers", n=len(left)))
        self.offer([("", self.accessibleName()), *((one["device"], self._line(one)) for one in left)])
        self.setVisible(bool(left))

    def _line(self, one: dict[str, Any]) -> str:
        kind, at = _kind(one), stamp(self._desk.state.local(one["heard"]))
        named = term(self._desk.language, "device", kind) if kind else ""
        return " · ".join(part for part in (one["device"], named, at) if part)

    def _take(self) -> None:
        if self.value:
            self.taken.emit(self.value, next(_kind(one) for one in self._told if one["device"] == self.value))
        self.choose("")


def _kind(one: dict[str, Any]) -> str:
    """What it is, as its newest signal has it."""
    said = str(one.get("said", "")).partition(" ")[0]
    return said if said in DEVICE_KINDS else ""
