"""The gates: heard from when, which way they lead, what they run, and what each does while it is cut off."""

from dataclasses import dataclass

from PySide6.QtWidgets import QWidget

from caregiver.layout import column
from caregiver.memory.gates import gates
from caregiver.memory.reading import Reader, reading
from caregiver.parts.rest_of_line import rest_of_line
from caregiver.parts.tables import Column, Table, TableModel
from caregiver.ui import Desk, Words
from caregiver.wording import begin, exact, stamp, term
from domain.events import from_ms
from offline.journal.outbox import SHED
from offline.journal.projections import read_payload
from offline.letters.gate_card import GateCard
from qtkit.widgets import Banner, Card, EmptyState, text
from watch.signs import KIOSK_SILENT


@dataclass(frozen=True, slots=True)
class Gate:
    """`heard` is when its newest fact came, ms; `silent` what the district last said of it; `shed` how many records it had to
    give up for want of room, and when last, ms."""

    card: GateCard
    heard: int | None
    silent: bool
    shed: tuple[int, int] = (0, 0)


def known_gates(reader: Reader) -> list[Gate]:
    """The gates in service: silent ones first, then by name."""
    silent: dict[str, bool] = {}
    rows = reader.rows(
        "SELECT f.subject, p.body FROM facts f JOIN payloads p ON p.fact = f.rowid WHERE f.kind = ? ORDER BY f.at",
        (KIOSK_SILENT,),
    )
    for subject, body in rows:
        silent[subject] = bool((read_payload(body) or {}).get("silent"))
    newest = "SELECT received FROM facts WHERE device = ? ORDER BY epoch DESC, seq DESC LIMIT 1"
    shed: dict[str, tuple[int, int]] = {}
    told = (
        "SELECT f.device, f.at, p.body FROM facts f JOIN payloads p ON p.fact = f.rowid WHERE f.kind = ? ORDER BY f.at"
    )
    for device, at, body in reader.rows(told, (SHED,)):
        count = int((read_payload(body) or {}).get("count", 0))
        shed[device] = (shed.get(device, (0, 0))[0] + count, at)
    found = [
        Gate(c, reader.value(newest, (device,)), silent.get(device, False), shed.get(device, (0, 0)))
        for device, c in gates(reader).items()
    ]
    return sorted(found, key=lambda g: (not g.silent, g.card.gate))


class GatesTab(QWidget):
    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk, self._words = desk, Words(desk, self)
        self.model = TableModel(desk, self._columns())
        self.table = Table(desk, self.model, "gates")
        self.none = EmptyState(desk.theme, "gate", "")
        self._words.put(self.table.setAccessibleName, "admin.gates")
        self._words.put(self.none.say, "gates.none")
        self.alone, self.key = text("", "body"), text("", "small", tone="muted")
        self.title = text("", strong=True)
        self.chosen = Card(desk.theme)
        self.shed = Banner(desk.theme)
        for part in (self.title, self.alone, self.shed, self.key):
            self.chosen.body.addWidget(part)
        rest = rest_of_line(desk, self.table, self.model)
        whole = column(self.table, self.none, rest, self.chosen, margins=desk.theme.px(8))
        whole.setStretch(0, 1)
        self.setLayout(whole)
        self.table.selectionModel().currentRowChanged.connect(lambda *_: self._choose())
        desk.language.changed.connect(lambda _: self._choose())
        self.none.hide()  # until it is known that there are none
        self.chosen.hide()

    def _columns(self) -> list[Column]:
        desk, tongue = self._desk, self._desk.language

        def heard(g: Gate) -> str:
            return stamp(desk.state.local(g.heard)) if g.heard else "–"

        def heard_exactly(g: Gate) -> str:
            return exact(desk.state.local(g.heard)) if g.heard else desk.tr("admin.not_heard")

        return [
            Column("state", lambda g: term(tongue, "state", "blind") if g.silent else desk.tr("admin.heard"), 120,
                   lambda g: "blind" if g.silent else "well", symbol=True),
            Column("gate", self._name, 176),
            Column("direction", lambda g: begin(term(tongue, "direction", g.card.direction)), 120),
            Column("seen", heard, 168, exact=heard_exactly),
            Column("software", lambda g: g.card.software, 120),
            Column("engine", lambda g: g.card.engine, 160),
            Column("keeps", lambda g: desk.tr("retention.days", n=g.card.keep_days), 120),
        ]  # fmt: skip

    def _name(self, gate: Gate) -> str:
        return gate.card.name.get(self._desk.language.code) or gate.card.gate

    def _way(self, card: GateCard, way: str) -> str:
        """A way in, and how long it goes on where it does not for ever."""
        words = term(self._desk.language, "method", way)
        return self._desk.tr("gates.within", way=words, n=f"{card.rests[way]:g}") if way in card.rests else words

    def refresh(self) -> None:
        work = reading(self._desk.state.journal.file, known_gates)
        self._desk.background.read_anew(work, self._got, self)

    def _got(self, found: list[Gate]) -> None:
        self.model.show(found)
        self.table.setVisible(bool(found))
        self.none.setVisible(not found)
        if found:
            self.table.selectRow(0)
        self._choose()

    def _choose(self) -> None:
        gate: Gate | None = self.table.current() if self.model.rows else None
        self.chosen.setVisible(gate is not None)
        if gate is None:
            return
        desk = self._desk
        ways = desk.tr("residents.comma").join(self._way(gate.card, way) for way in gate.card.ways)
        spans = " ".join(gate.card.stands_open)
        opens = f" {desk.tr('gates.stands_open', spans=spans)}" if spans else ""
        calls = desk.tr("gates.calls_phone" if gate.card.guard_phone else "gates.calls_nobody")
        self.title.setText(desk.tr("gates.alone_title", gate=self._name(gate)))
        self.alone.setText(f"{desk.tr('gates.alone', ways=ways)}{opens} {calls}")
        count, at = gate.shed
        lost = desk.tr("gates.shed", n=count, day=f"{desk.state.local(from_ms(at)):%Y-%m-%d}") if count else ""
        self.shed.say(lost, "overdue", "attention")
        self.key.setText(desk.tr("gates.fingerprint", fingerprint=gate.card.fingerprint))
