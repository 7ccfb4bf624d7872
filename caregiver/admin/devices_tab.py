"""Devices in people's homes: which can be heard, and putting one up, moving it or taking it down.

All of it is a fact, so it works while the district is away; what a device reported meanwhile counts from when the district knows.
"""

from typing import Any

from PySide6.QtWidgets import QLineEdit, QSpinBox, QStackedWidget, QWidget

from caregiver.admin.presenter import Administration
from caregiver.admin.strangers import Strangers
from caregiver.elders.board import LOW_BATTERY
from caregiver.layout import column
from caregiver.memory.reading import reading
from caregiver.parts.person_choice import PersonChoice
from caregiver.parts.rest_of_line import rest_of_line
from caregiver.parts.tables import Column, Table, TableModel
from caregiver.ui import Choice, Desk, Words
from caregiver.wording import begin, exact, stamp, term
from offline.journal.projections import read_payload
from offline.letters.put_aside import PUT_ASIDE
from qtkit.buttons import Button
from qtkit.flow import Flow
from qtkit.widgets import Banner, EmptyState, roomy, text
from watch.signs import DEVICE_KINDS, POSITIONS, REGISTERED, REMOVED, WORN

DEVICES = "SELECT * FROM elders_devices ORDER BY blind DESC, coalesce(battery, 100) > 20, seen LIMIT 20000"
DAY_MIN = 24 * 60


class DevicesTab(QWidget):
    """Whoever administers may change what stands where; the others see it."""

    def __init__(self, desk: Desk, administration: Administration) -> None:
        super().__init__()
        self._desk, self._words = desk, Words(desk, self)
        self._undo: tuple[str, dict[str, Any], str] | None = (
            None  # kind, payload, person of the fact that takes it back
        )
        self.said, self.undo = Banner(desk.theme), Button(desk.theme, role="quiet")
        self.said.add(self.undo)
        self.elder, self.name = PersonChoice(desk), QLineEdit()
        self.kind, self.worn, self.place, self.every = Choice(), Choice(), QLineEdit(), QSpinBox()
        self.every.setRange(0, DAY_MIN)
        roomy(desk.theme, self.every)
        self.strangers = Strangers(desk, administration.strangers)
        self.add, self.remove = (Button(desk.theme, icon_name=i) for i in ("plus", "close"))
        self.model = TableModel(desk, self._columns())
        self.table = Table(desk, self.model, "devices")
        self.none, self.counted = EmptyState(desk.theme, "home", ""), text("", tone="muted", wrap=False)
        self._list = QStackedWidget()
        for part in (self.table, self.none):
            self._list.addWidget(part)
        fields = Flow(self.elder, self.name, self.kind, self.worn, self.place, self.every, self.add)
        below = Flow(self.remove, self.strangers, self.counted)
        rest = rest_of_line(desk, self.table, self.model)
        self.setLayout(column(fields, self._list, rest, self.said, below, margins=desk.theme.px(8)))
        for field in (self.elder, self.name, self.kind, self.place, self.every, self.add, self.remove):
            field.setVisible(desk.state.session.administers)
        self.worn.hide()
        self._speak()
        self.kind.currentIndexChanged.connect(lambda _: self.worn.setVisible(self.kind.value == WORN))
        self.add.clicked.connect(self._put_up)
        self.remove.clicked.connect(self._take_down)
        self.undo.clicked.connect(self._take_back)
        self.strangers.taken.connect(self._found)
        self.elder.chosen.connect(self._ready)
        self.name.textChanged.connect(self._ready)
        self.table.selectionModel().selectionChanged.connect(self._ready)
        desk.language.changed.connect(lambda _: self._name())
        self._name()

    def _speak(self) -> None:
        put = self._words.put
        for setter, key in (
            (self.elder.setPlaceholderText, "devices.elder"), (self.elder.setAccessibleName, "devices.elder"),
            (self.name.setPlaceholderText, "devices.name"), (self.name.setAccessibleName, "devices.name"),
            (self.kind.setAccessibleName, "devices.kind"), (self.worn.setAccessibleName, "devices.worn"),
            (self.worn.setToolTip, "devices.worn_hint"), (self.every.setAccessibleName, "devices.every"),
            (self.place.setPlaceholderText, "devices.place"), (self.place.setAccessibleName, "devices.place"),
            (self.name.setToolTip, "devices.name_hint"), (self.every.setToolTip, "devices.every_hint"),
            (self.every.setPrefix, "devices.every_before"), (self.every.setSuffix, "devices.every_after"),
            (self.every.setSpecialValueText, "devices.daily"),
            (self.add.setText, "devices.add"), (self.remove.setText, "devices.remove"), (self.undo.setText, "do.undo"),
            (self.table.setAccessibleName, "admin.devices"), (self.none.say, "devices.none"),
        ):  # fmt: skip
            put(setter, key)

    def _name(self) -> None:
        tongue = self._desk.language
        self.kind.offer(
            [("", self._desk.tr("devices.any_kind")), *((k, term(tongue, "device", k)) for k in DEVICE_KINDS)]
        )
        self.worn.offer([("", self._desk.tr("devices.worn")), *((p, term(tongue, "worn", p)) for p in POSITIONS)])
        self.refresh()

    def _columns(self) -> list[Column]:
        desk, tongue = self._desk, self._desk.language

        def seen(r: dict[str, Any]) -> str:
            return stamp(desk.state.local(r["seen"])) if r["seen"] else "–"

        def seen_exactly(r: dict[str, Any]) -> str:
            return exact(desk.state.local(r["seen"])) if r["seen"] else desk.tr("admin.not_heard")

        def whose(r: dict[str, Any]) -> str:
            person = desk.state.people.find(r["person"])
            return f"{person.name} {person.profile.flat}" if person else ""

        def state(r: dict[str, Any]) -> str:
            return (
                term(tongue, "state", "blind")
                if r["blind"]
                else desk.tr("admin.heard" if r["seen"] else "admin.not_heard")
            )

        return [
            Column("state", state, 120, lambda r: "blind" if r["blind"] or not r["seen"] else "well", symbol=True),
            Column("kind", lambda r: begin(term(tongue, "device", (r["kind"] or "").replace(".", "_"))), 128),
            Column("place", lambda r: begin(desk.place(r["place"] or "")), 112),
            Column("name", whose, 176),
            Column("seen", seen, 168, exact=seen_exactly),
            Column("battery", lambda r: "" if r["battery"] is None else f"{r['battery']} %", 80,
                   lambda r: "overdue" if r["battery"] is not None and r["battery"] <= LOW_BATTERY else "", right=True, spare=True),
            Column("device", lambda r: r["device"], 160, spare=True),
        ]  # fmt: skip

    def heard(self, kinds: set[str]) -> None:
        """A device was put up, moved or taken down somewhere, or that was refused."""
        if kinds & {REGISTERED, REMOVED, PUT_ASIDE}:
            self.refresh()

    def refresh(self) -> None:
        desk = self._desk
        work = reading(desk.state.journal.file, lambda r: r.query(DEVICES))
        desk.background.read_anew(work, self._got, self)
        if desk.state.session.administers:
            self.strangers.ask()

    def _found(self, device: str, kind: str) -> None:
        """A device that speaks and stands nowhere: whose home it is in is left to say."""
        self.name.setText(device)
        self.kind.choose(kind)
        self.elder.setFocus()

    def _got(self, rows: list[dict[str, Any]]) -> None:
        self.model.show(rows)
        self._list.setCurrentWidget(self.table if rows else self.none)
        own = self._desk.state.journal.community
        self.strangers.placed({r["device"] for r in rows if r["community"] == own})
        blind, low = sum(r["blind"] for r in rows), sum((r["battery"] or 100) <= LOW_BATTERY for r in rows)
        self.counted.setText(self._desk.tr("admin.counted", n=len(rows), blind=blind, low=low))
        self._ready()

    def _ready(self) -> None:
        self.add.setEnabled(bool(self.elder.value) and bool(self.name.text().strip()))
        self.remove.setEnabled(self._selected() is not None)

    def _selected(self) -> dict[str, Any] | None:
        number = self.table.currentIndex().row()
        found = self.model.rows[number] if 0 <= number < len(self.model.rows) else None
        own = self._desk.state.journal.community
        return found if found is not None and found["community"] == own else None

    def _standing(self, device: str) -> dict[str, Any] | None:
        """Where a device of this community stands now."""
        own = self._desk.state.journal.community
        return next((r for r in self.model.rows if (r["community"], r["device"]) == (own, device)), None)

    def _put_up_as(self, person: str, device: str) -> dict[str, Any]:
        """What was last said of a device when it was put up."""
        rows = self._desk.state.reader.rows(
            "SELECT p.body FROM elders_sources s JOIN facts f ON f.rowid = s.fact JOIN payloads p ON p.fact = s.fact"
            " WHERE s.person = ? AND f.kind = ? ORDER BY s.said DESC",
            (person, REGISTERED),
        )
        told = (read_payload(body) or {} for (body,) in rows)
        return next((t for t in told if t.get("device") == device), {"device": device})

    def _put_up(self) -> None:
        elder, device = self._desk.state.people.find(self.elder.value), self.name.text().strip()
        if elder is None or not device:
            return
        told = {
            "device": device, "place": self.place.text().strip(), "kind": self.kind.value,
            "every_min": self.every.value(), "position": self.worn.value if self.kind.value == WORN else "",
        }  # fmt: skip
        told = {k: v for k, v in told.items() if v}
        before = self._standing(device)
        if before is not None and before["person"] and before["person"] != elder.id:
            self._record(REMOVED, {"device": device}, before["person"])
            self._undo = None
        else:
            self._undo = (REMOVED, {"device": device}, elder.id) if before is None else None
        self._record(REGISTERED, told, elder.id)
        moved = before is not None and before["person"] != elder.id
        self.said.say(
            self._desk.tr("devices.moved" if moved else "devices.added", device=device, name=elder.name),
            "well",
            "check",
        )
        self.undo.setVisible(self._undo is not None)
        self.name.clear()

    def _take_down(self) -> None:
        found = self._selected()
        if found is None:
            return
        device = found["device"]
        self._undo = (REGISTERED, self._put_up_as(found["person"], device), found["person"])
        self._record(REMOVED, {"device": device}, found["person"])
        self.said.say(self._desk.tr("devices.removed", device=device), "well", "check")
        self.undo.show()

    def _take_back(self) -> None:
        if self._undo is not None:
            kind, payload, person = self._undo
            self._undo = None
            self._record(kind, payload, person)
            self.said.say("")

    def _record(self, kind: str, payload: dict[str, Any], person: str) -> None:
        state = self._desk.state
        state.journal.append(kind, {**payload, "by": state.session.person}, subject=person)
        state.hurry()
        self.refresh()
