"""Beside a resident: whom the gates could take them for, their cards, their PIN, and passes for who visits them."""

from collections.abc import Callable
from datetime import date, time, timedelta
from typing import Any

from PySide6.QtCore import QDate, Qt, QTime
from PySide6.QtWidgets import QCheckBox, QDateEdit, QLineEdit, QTimeEdit, QVBoxLayout, QWidget

from caregiver.people import Person
from caregiver.residents.access import PassForm
from caregiver.residents.pass_sheet import PassSheet
from caregiver.residents.ways_in import Card as HeldCard
from caregiver.residents.ways_in import Order, Pass, WaysIn, gates, lookalikes, told_of, ways_in
from caregiver.ui import Choice, Desk, Words, column, empty, row
from caregiver.wording import term
from domain.errors import Mendable
from offline.access_orders import ENDED, LOST
from offline.gate_card import GateCard
from offline.notes import open_note
from offline.passes import Kind
from qtkit.widgets import Banner, Button, Card, Chip, roomy, text

TOKEN = {
    "good": "well", "pending": "due", "ending": "due", "ended": "muted", "expired": "muted", "refused": "overdue", "early": "due",
}  # fmt: skip
SHOWN = 6  # ended things beyond these are history, and in the audit
DAYS = 7


def _day(edit: QDateEdit) -> date:
    chosen = edit.date()
    return date(chosen.year(), chosen.month(), chosen.day())


def _time(edit: QTimeEdit) -> time:
    return time(edit.time().hour(), edit.time().minute())


class WaysInPanel(QWidget):
    """`show_person` fills it; what is half typed stays while the same person is shown again."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk, self._words = desk, Words(desk, self)
        self._person: Person | None = None
        self._gates: dict[str, GateCard] = {}
        self._busy = False
        self.said = Banner(desk.theme)
        self.alike = Card(desk.theme, edge="overdue")
        self._alike = QVBoxLayout()
        self.alike.body.addLayout(self._alike)
        self._cards, self._pin, self._passes = QVBoxLayout(), QVBoxLayout(), QVBoxLayout()
        self.sheet = PassSheet(desk)
        self._build()
        desk.language.changed.connect(lambda _: self.refresh())

    def _build(self) -> None:
        desk, put, px = self._desk, self._words.put, self._desk.theme.px
        self.number = QLineEdit()
        self.number.setMaxLength(64)
        self.last_day = QDateEdit()
        self.limited = QCheckBox()
        self.give = Button(desk.theme, icon_name="card", role="primary")
        self.give.clicked.connect(self._give_card)
        self.number.returnPressed.connect(self._give_card)  # a reader that types ends with Enter
        self.limited.toggled.connect(self.last_day.setVisible)
        self.last_day.hide()
        cards = Card(desk.theme)
        cards.body.addWidget(self._title("residents.cards"))
        cards.body.addLayout(self._cards)
        cards.body.addWidget(self.number)
        cards.body.addLayout(row(self.limited, self.last_day, 1))
        cards.body.addWidget(self.give, 0, Qt.AlignmentFlag.AlignLeft)

        self.new_pin, self.clear_pin = Button(desk.theme, icon_name="pin"), Button(desk.theme, role="quiet")
        self.new_pin.clicked.connect(self._new_pin)
        self.clear_pin.clicked.connect(self._clear_pin)
        self.fresh_pin = text("", "display", strong=True)
        self.fresh_pin.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.fresh_words = text("", "small", tone="muted")
        pin = Card(desk.theme)
        pin.body.addWidget(self._title("residents.pin"))
        pin.body.addLayout(self._pin)
        pin.body.addWidget(self.fresh_pin)
        pin.body.addWidget(self.fresh_words)
        pin.body.addLayout(row(self.new_pin, self.clear_pin, 1))

        visits = Card(desk.theme)
        visits.body.addWidget(self._title("residents.passes"))
        visits.body.addLayout(self._passes)
        visits.body.addWidget(self.sheet)
        visits.body.addLayout(self._pass_form())

        layout = column(self.said, self.alike, cards, pin, visits, space=px(8))
        self.setLayout(layout)
        for setter, key in (
            (self.number.setPlaceholderText, "residents.card_hint"), (self.number.setAccessibleName, "residents.card_number"),
            (self.limited.setText, "residents.card_until"), (self.last_day.setAccessibleName, "residents.card_until"),
            (self.give.setText, "residents.card_give"), (self.new_pin.setText, "residents.pin_new"),
            (self.clear_pin.setText, "residents.pin_clear"), (self.fresh_words.setText, "residents.pin_once"),
        ):  # fmt: skip
            put(setter, key)

    def _title(self, key: str) -> QWidget:
        label = text("", strong=True)
        self._words.put(label.setText, key)
        return label

    def _pass_form(self) -> QVBoxLayout:
        desk, put = self._desk, self._words.put
        today = desk.state.now().date()
        self.kind, self.note = Choice(), QLineEdit()
        self.note.setMaxLength(60)
        self.first, self.last = QDateEdit(), QDateEdit()
        for edit, ahead in ((self.first, 0), (self.last, 0), (self.last_day, 30)):
            day = today + timedelta(days=ahead)
            edit.setDate(QDate(day.year, day.month, day.day))
            edit.setDisplayFormat("yyyy-MM-dd")
            edit.setCalendarPopup(True)
        self.start, self.end = QTimeEdit(QTime(8, 0)), QTimeEdit(QTime(20, 0))
        roomy(desk.theme, self.first, self.last, self.last_day, self.start, self.end)
        self.weekdays = [QCheckBox() for _ in range(DAYS)]
        self.issue = Button(desk.theme, icon_name="qr", role="primary")
        self.issue.clicked.connect(self._issue)
        self.kind.currentIndexChanged.connect(lambda _: self._kind_changed())
        self.kind.activated.connect(lambda _: self._offer_days())
        self._days = QWidget()
        self._days.setLayout(column(row(*self.weekdays[:4], 1), row(*self.weekdays[4:], 1), space=0))
        for setter, key in (
            (self.kind.setAccessibleName, "residents.pass_kind"), (self.note.setPlaceholderText, "residents.pass_note"),
            (self.note.setAccessibleName, "residents.pass_note"), (self.first.setAccessibleName, "residents.pass_first"),
            (self.last.setAccessibleName, "residents.pass_last"), (self.start.setAccessibleName, "rota.from"),
            (self.end.setAccessibleName, "rota.to"), (self.issue.setText, "residents.pass_issue"),
        ):  # fmt: skip
            put(setter, key)
        return column(
            row(self.kind, 1), self.note, row(self.first, text("–"), self.last, 1),
            row(self.start, text("–"), self.end, 1), self._days, self.issue,
        )  # fmt: skip

    # ---- what is shown ----------------------------------------------------------------------------------------------

    def show_person(self, person: Person | None) -> None:
        if person is None or self._person is None or person.id != self._person.id:
            self.number.clear()
            self.note.clear()
            self.fresh_pin.clear()
            self.sheet.show_pass("", "")
            self.said.say("")
        self._person = person
        self.refresh()

    def refresh(self) -> None:
        """From the facts as they are here now."""
        desk, tongue = self._desk, self._desk.language
        self.kind.offer([(k.value, term(tongue, "pass_kind", k.value)) for k in Kind])
        for number, day in enumerate(self.weekdays):
            day.setText(term(tongue, "weekday", str(number)))
        self._kind_changed()
        self.setVisible(self._person is not None)
        for box in (self._alike, self._cards, self._pin, self._passes):
            empty(box)
        if self._person is None:
            return
        reader = desk.state.reader
        self._gates = gates(reader)
        found = ways_in(told_of(reader, self._person.id), self._gates)
        self._show_alike(self._person)
        self._show_cards(found)
        self._show_pin(found)
        self._show_passes(found)

    def _kind_changed(self) -> None:
        self._days.setVisible(self.kind.value == Kind.WEEKLY)

    def _offer_days(self) -> None:
        """A single visit is today's, a weekly one four weeks long, unless somebody says otherwise."""
        self.last.setDate(self.first.date().addDays(0 if self.kind.value == Kind.ONCE else 27))

    def _show_alike(self, person: Person) -> None:
        desk, state = self._desk, self._desk.state
        consents = "SELECT person FROM roster_consents WHERE purpose = 'face_at_gate' AND given"
        known = {r[0] for r in state.reader.rows(consents)}
        others = [p for id in lookalikes(state.reader, person.id) if id in known and (p := state.people.find(id))]
        shown = bool(others) and person.id in known
        self.alike.setVisible(shown)
        if shown:
            names = desk.tr("residents.comma").join(f"{p.name} {p.profile.flat}".strip() for p in others)
            self._alike.addLayout(row(Chip(desk.theme, "overdue", desk.tr("residents.alike")), 1))
            self._alike.addWidget(text(desk.tr("residents.alike_means", name=person.name, names=names), "small"))

    def _show_cards(self, found: WaysIn) -> None:
        desk, today = self._desk, self._desk.state.now().date()
        if not found.cards:
            self._cards.addWidget(text(desk.tr("residents.no_cards"), "small", tone="muted"))
        for card in [c for c in found.cards if not c.ended] + [c for c in found.cards if c.ended][:SHOWN]:
            state = card.state(today)
            tail = open_note(desk.state.keys, self._person.id if self._person else "", card.note)
            name = desk.tr("residents.card_tail", tail=tail) if tail else desk.tr("residents.card_terminal")
            buttons = []
            if card.ended is None:
                for why, key in ((LOST, "residents.card_lost"), (ENDED, "residents.card_end")):
                    button = Button(desk.theme, desk.tr(key), role="danger" if why == LOST else "quiet")
                    button.setAccessibleName(f"{desk.tr(key)} · {name}")
                    button.clicked.connect(lambda _=False, c=card, w=why: self._end_card(c, w))
                    buttons.append(button)
            words = state if card.why != LOST or state != "ended" else "blocked"
            until = desk.tr("residents.until", day=card.last_day) if card.last_day else ""
            self._line(self._cards, name, TOKEN[state], words, card.ended or card.given, until, buttons)

    def _show_pin(self, found: WaysIn) -> None:
        desk, order = self._desk, found.pin
        if order is None or (not found.pin_set and not order.waits):
            self._pin.addWidget(text(desk.tr("residents.no_pin"), "small", tone="muted"))
        else:
            ahead, done = ("pending", "good") if found.pin_set else ("ending", "ended")
            state = ahead if order.waits else "refused" if order.refused else done
            self._line(self._pin, desk.tr("residents.pin_is"), TOKEN[state], state, order, "", [])
        self.clear_pin.setVisible(found.pin_set)
        self.fresh_words.setVisible(bool(self.fresh_pin.text()))
        self.fresh_pin.setVisible(bool(self.fresh_pin.text()))

    def _show_passes(self, found: WaysIn) -> None:
        desk, now = self._desk, self._desk.state.now().timestamp()
        live = [p for p in found.passes if p.state(now) in ("good", "early", "ending")]
        if not live:
            self._passes.addWidget(text(desk.tr("residents.no_passes"), "small", tone="muted"))
        for each in live:
            state = each.state(now)
            note = open_note(desk.state.keys, self._person.id if self._person else "", each.note)
            name = note or term(desk.language, "pass_kind", each.kind)
            buttons = []
            if each.ended is None:
                button = Button(desk.theme, desk.tr("residents.pass_end"), role="quiet")
                button.setAccessibleName(f"{desk.tr('residents.pass_end')} · {name}")
                button.clicked.connect(lambda _=False, p=each: self._end_pass(p))
                buttons.append(button)
            self._line(self._passes, name, TOKEN[state], state, each.ended or each.given, self._when(each), buttons)

    def _when(self, each: Pass) -> str:
        desk, local = self._desk, self._desk.state.local
        first, last = local(each.not_before * 1000), local(each.expires * 1000)
        if each.kind == Kind.ONCE:
            return desk.tr("residents.pass_once_when", first=f"{first:%m-%d %H:%M}", last=f"{last:%m-%d %H:%M}")
        on = " ".join(term(desk.language, "weekday", str(d)) for d in each.days) or desk.tr("rota.daily")
        hours = f"{each.start // 60:02}:{each.start % 60:02}–{each.end // 60:02}:{each.end % 60:02}"
        over = last - timedelta(seconds=1)
        return f"{on} {hours} · {desk.tr('residents.until', day=f'{over:%m-%d}')}"

    def _line(
        self, box: QVBoxLayout, name: str, token: str, state: str, order: Order, more: str, buttons: list[Button]
    ) -> None:
        """One thing: its name and state, since when and by whom, whom it waits for, and what can be done about it."""
        desk = self._desk
        box.addLayout(row(text(name), 1, Chip(desk.theme, token, term(desk.language, "way_state", state))))
        by = desk.state.known_name(order.by)
        since = desk.tr("residents.given_at", at=f"{desk.state.local(order.at):%m-%d %H:%M}")
        parts = [more, since, by]
        box.addWidget(text(" · ".join(p for p in parts if p), "small", tone="muted"))
        if order.waits:
            waiting = desk.tr("residents.waits", gates=self._names(order.waits))
            box.addWidget(text(waiting, "small", tone="due"))
        for gate, code in order.refused.items():
            why = desk.language.tr(f"error.{code}")
            box.addWidget(
                text(desk.tr("residents.gate_refused", gate=self._names([gate]), why=why), "small", tone="overdue")
            )
        if buttons:
            box.addLayout(row(*buttons, 1))

    def _names(self, devices: Any) -> str:
        language = self._desk.language.code
        names = [
            self._gates[d].name.get(language) or self._gates[d].gate if d in self._gates else d[:8] for d in devices
        ]
        return self._desk.tr("residents.comma").join(names)

    # ---- what is done -----------------------------------------------------------------------------------------------

    def _give_card(self) -> None:
        person, number = self._person, self.number.text()
        if person is None:
            return
        last = _day(self.last_day) if self.limited.isChecked() else None
        access = self._desk.state.access

        def done(_: Any) -> None:
            self.number.clear()
            self._tell("residents.card_given", person)

        self._do(lambda: access.card(person.id, number, last), done)

    def _new_pin(self) -> None:
        person, access = self._person, self._desk.state.access
        if person is None:
            return

        def done(pin: str) -> None:
            if self._person is person:
                self.fresh_pin.setText(" ".join((pin[:3], pin[3:])))
            self._tell("residents.pin_given", person)

        self._do(lambda: access.pin(person.id), done)

    def _issue(self) -> None:
        person, access = self._person, self._desk.state.access
        if person is None:
            return
        days = tuple(n for n, day in enumerate(self.weekdays) if day.isChecked())
        form = PassForm(
            self.kind.value, _day(self.first), _day(self.last), _time(self.start), _time(self.end), days, self.note.text().strip(),
        )  # fmt: skip

        def done(sheet: str) -> None:
            if self._person is person:
                first, last = (edit.date().toString("yyyy-MM-dd") for edit in (self.first, self.last))
                words = " · ".join(p for p in (form.note, first if first == last else f"{first} – {last}") if p)
                self.sheet.show_pass(sheet, words)
            self.note.clear()
            self._tell("residents.pass_issued", person)

        self._do(lambda: access.visitor(person.id, form), done)

    def _end_card(self, card: HeldCard, why: str) -> None:
        if (person := self._person) is not None:
            self._desk.state.access.end_card(person.id, card, why)
            self._tell("residents.card_is_blocked" if why == LOST else "residents.card_is_ended", person)

    def _clear_pin(self) -> None:
        if (person := self._person) is not None:
            self._desk.state.access.clear_pin(person.id)
            self.fresh_pin.clear()
            self._tell("residents.pin_is_cleared", person)

    def _end_pass(self, each: Pass) -> None:
        if (person := self._person) is not None:
            self._desk.state.access.end_pass(person.id, each.id)
            self._tell("residents.pass_is_ended", person)

    def _tell(self, key: str, person: Person) -> None:
        self.said.say(self._desk.tr(key, name=person.name), "well", "check")
        self._desk.state.hurry()
        self.refresh()

    def _do(self, work: Callable[[], Any], then: Callable[[Any], object]) -> None:
        """One thing at a time, off the window's thread."""
        if self._busy:
            return
        self._set_busy(True)

        def done(found: Any) -> None:
            self._set_busy(False)
            then(found)

        def failed(error: Exception) -> None:
            self._set_busy(False)
            if not isinstance(error, Mendable):
                raise error
            self.said.say(self._desk.language.tr(f"error.{error.code}", **error.details), "overdue", "attention")

        self._desk.background.run(work, done, failed, self)

    def _set_busy(self, busy: bool) -> None:
        self._busy = busy
        for button in (self.give, self.new_pin, self.issue):
            button.setEnabled(not busy)
