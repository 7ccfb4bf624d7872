"""How long everything is kept, where, and when it was last enforced: asked of the district, and of what the gates say."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from PySide6.QtWidgets import QWidget

from caregiver.admin.presenter import Administration
from caregiver.layout import column
from caregiver.memory.gates import gates
from caregiver.memory.reading import reading
from caregiver.parts.rest_of_line import rest_of_line
from caregiver.parts.tables import Column, Table, TableModel
from caregiver.ui import Desk, Words
from caregiver.wording import begin
from domain.errors import Mendable
from offline.letters.gate_card import GateCard
from qtkit.widgets import Banner, text

ALWAYS = ("roster", "urgent", "template", "frame", "audit")  # what no number of days ends, and why, is in the words


@dataclass(frozen=True, slots=True)
class Kept:
    """`days` is None where something else ends it; `what` names the sentences of the catalogue."""

    what: str
    days: int | None
    where: str = "district"


def kept(told: dict[str, Any], cards: Iterable[GateCard]) -> list[Kept]:
    """The lines of the table, from the district's answer and from what each gate says of itself."""
    found = [Kept(str(t["lane"]), int(t["days"])) for t in told.get("terms", ())]
    gates_say = [(c.keep_days, c.picture_days) for c in cards]
    found += [Kept("at_gate", days, "gate") for days in sorted({days for days, _ in gates_say})]
    found += [Kept("picture", days, "gate") for days in sorted({days for _, days in gates_say} - {0})]
    return found + [Kept(what, None, "gate" if what in ("template", "frame") else "district") for what in ALWAYS]


class RetentionTab(QWidget):
    def __init__(self, desk: Desk, administration: Administration) -> None:
        super().__init__()
        self._desk, self._administration, self._words = desk, administration, Words(desk, self)
        self._told: dict[str, Any] = {}
        self.said = Banner(desk.theme)
        self.model = TableModel(desk, self._columns())
        self.table = Table(desk, self.model, "retention")
        self.last = text("", tone="muted")
        self._words.put(self.table.setAccessibleName, "admin.retention")
        rest = rest_of_line(desk, self.table, self.model)
        whole = column(self.last, self.table, rest, self.said, margins=desk.theme.px(8))
        whole.setStretch(1, 1)
        self.setLayout(whole)
        desk.language.changed.connect(lambda _: self._say())

    def _columns(self) -> list[Column]:
        tr = self._desk.tr

        def days(k: Kept) -> str:
            return begin(tr(f"retention.until_{k.what}")) if k.days is None else tr("retention.days", n=k.days)

        return [
            Column("data", lambda k: tr(f"retention.what_{k.what}"), 200),
            Column("where", lambda k: begin(tr(f"retention.where_{k.where}")), 120),
            Column("kept", days, 400),
        ]

    def refresh(self) -> None:
        asking = self._administration.retention

        def work() -> tuple[dict[str, Any], list[GateCard], Mendable | None]:
            at_gates = list(reading(self._desk.state.journal.file, gates)().values())
            try:
                if asking is None:
                    raise Mendable("retention_sign_in")
                return asking("GET", "/v1/retention"), at_gates, None
            except Mendable as e:
                return {}, at_gates, e

        self._desk.background.read_anew(work, self._got, self, asks=True)

    def _got(self, told: tuple[dict[str, Any], list[GateCard], Mendable | None]) -> None:
        self._told, at_gates, trouble = told
        self.model.show(kept(self._told, at_gates))
        if trouble is not None:
            self.said.say(self._desk.language.tr(f"error.{trouble.code}", **trouble.details), "overdue", "attention")
        else:
            self.said.say("")
        self._say()

    def _say(self) -> None:
        desk, last = self._desk, self._told.get("last")
        every = self._told.get("every_minutes")
        self.last.setVisible(bool(self._told))
        if last:
            at = f"{desk.state.local(int(last)):%m-%d %H:%M}"
            self.last.setText(desk.tr("retention.enforced", at=at, every=every))
        elif self._told:
            self.last.setText(desk.tr("retention.not_yet", every=every))
