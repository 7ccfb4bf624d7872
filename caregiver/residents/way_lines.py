"""How one card, PIN or pass stands, in a few lines: its state, since when and by whom, and the gates it waits for."""

from collections.abc import Iterable, Mapping

from PySide6.QtWidgets import QVBoxLayout

from assets.words import catalogue
from caregiver.layout import row
from caregiver.residents.ways_in import Order
from caregiver.ui import Desk
from caregiver.wording import term
from offline.letters.gate_card import GateCard
from qtkit.buttons import Button
from qtkit.flow import Flow
from qtkit.widgets import Chip, text

TOKEN = {
    "good": "well", "pending": "due", "ending": "due", "ended": "muted", "blocked": "muted", "expired": "muted",
    "refused": "overdue", "early": "due",
}  # fmt: skip


class WayLines:
    """`gates` are those in service, by device: their names stand for ids."""

    def __init__(self, desk: Desk, gates: Mapping[str, GateCard]) -> None:
        self._desk, self._gates = desk, gates

    def add(
        self, box: QVBoxLayout, name: str, state: str, order: Order, more: str = "", buttons: Iterable[Button] = ()
    ) -> None:
        """`state` names the words; `more` stands before the time; `buttons` say what can be done about it."""
        desk = self._desk
        box.addLayout(row(text(name), 1, Chip(desk.theme, TOKEN[state], term(desk.language, "way_state", state))))
        since = desk.tr("residents.given_at", at=f"{desk.state.local(order.at):%m-%d %H:%M}")
        parts = [more, since, desk.state.known_name(order.by)]
        box.addWidget(text(" · ".join(p for p in parts if p), "small", tone="muted"))
        self.waiting(box, order)
        for gate, code in order.refused.items():
            said = desk.tr("residents.gate_refused", gate=self._names([gate]), why=self._why(code))
            box.addWidget(text(said, "small", tone="overdue"))
        if shown := list(buttons):
            box.addLayout(Flow(*shown))

    def waiting(self, box: QVBoxLayout, order: Order) -> None:
        """The gates that have not said that they have heard of it."""
        if order.waits:
            words = self._desk.tr("residents.waits", gates=self._names(order.waits))
            box.addWidget(text(words, "small", tone="due"))

    def _why(self, code: str) -> str:
        """A newer gate may refuse for reasons that this desk has no words for yet."""
        known = f"error.{code}" in catalogue(self._desk.language.code)
        return self._desk.language.tr(f"error.{code}") if known else code

    def _names(self, devices: Iterable[str]) -> str:
        language = self._desk.language.code
        names = [
            self._gates[d].name.get(language) or self._gates[d].gate if d in self._gates else d[:8] for d in devices
        ]
        return self._desk.tr("residents.comma").join(names)
