"""A resident's cards: those that are good, those that ended, and a field for a new one."""

from datetime import timedelta

from PySide6.QtCore import QDate, Qt, Signal
from PySide6.QtWidgets import QCheckBox, QDateEdit, QLineEdit, QVBoxLayout

from caregiver.layout import empty, row
from caregiver.residents.way_lines import WayLines
from caregiver.residents.ways_in import Card as HeldCard
from caregiver.ui import Desk, Words
from offline.letters.access_orders import ENDED, LOST
from offline.letters.notes import open_note
from qtkit.buttons import Button
from qtkit.widgets import Card, text

SHOWN = 6  # ended cards beyond these are history, and in the audit
FOR_DAYS = 30


class CardsCard(Card):
    """`given(number, last day or None)`, `ended(card, why)`."""

    given = Signal(str, object)
    ended = Signal(object, str)

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk.theme)
        self._desk, self._words = desk, Words(desk, self)
        self._list = QVBoxLayout()
        self.number, self.last_day, self.limited = QLineEdit(), QDateEdit(), QCheckBox()
        self.number.setMaxLength(64)
        self.last_day.setDisplayFormat("yyyy-MM-dd")
        self.last_day.setCalendarPopup(True)
        self.give = Button(desk.theme, icon_name="card", role="primary")
        self.give.clicked.connect(self._give)
        self.number.returnPressed.connect(self._give)  # a reader that types ends with Enter
        self.limited.toggled.connect(self.last_day.setVisible)
        self.last_day.hide()
        title = text("", strong=True)
        self.body.addWidget(title)
        self.body.addLayout(self._list)
        self.body.addWidget(self.number)
        until = row(self.limited, self.last_day)
        until.setStretch(1, 1)
        self.body.addLayout(until)
        self.body.addWidget(self.give, 0, Qt.AlignmentFlag.AlignLeft)
        for setter, key in (
            (title.setText, "residents.cards"), (self.number.setPlaceholderText, "residents.card_hint"),
            (self.number.setAccessibleName, "residents.card_number"), (self.limited.setText, "residents.card_until"),
            (self.last_day.setAccessibleName, "residents.card_until"), (self.give.setText, "residents.card_give"),
        ):  # fmt: skip
            self._words.put(setter, key)
        self.forget()

    def forget(self) -> None:
        day = self._desk.state.now().date() + timedelta(days=FOR_DAYS)
        self.last_day.setDate(QDate(day.year, day.month, day.day))
        self.limited.setChecked(False)
        self.number.clear()

    def show_cards(self, person: str, cards: tuple[HeldCard, ...], lines: WayLines) -> None:
        desk, today = self._desk, self._desk.state.now().date()
        empty(self._list)
        if not cards:
            self._list.addWidget(text(desk.tr("residents.no_cards"), "small", tone="muted"))
        for card in [c for c in cards if not c.ended] + [c for c in cards if c.ended][:SHOWN]:
            tail = open_note(desk.state.keys, person, card.note)
            name = desk.tr("residents.card_tail", tail=tail) if tail else desk.tr("residents.card_terminal")
            state = card.state(today)
            until = desk.tr("residents.until", day=card.last_day) if card.last_day else ""
            shown = "blocked" if card.why == LOST and state == "ended" else state
            lines.add(self._list, name, shown, card.ended or card.given, until, self._buttons(card, name))

    def _buttons(self, card: HeldCard, name: str) -> list[Button]:
        if card.ended is not None:
            return []
        buttons = []
        for why, key in ((LOST, "residents.card_lost"), (ENDED, "residents.card_end")):
            button = Button(self._desk.theme, self._desk.tr(key), role="danger" if why == LOST else "quiet")
            button.setAccessibleName(f"{self._desk.tr(key)} · {name}")
            button.clicked.connect(lambda _=False, w=why: self.ended.emit(card, w))
            buttons.append(button)
        return buttons

    def _give(self) -> None:
        chosen = self.last_day.date().toPython() if self.limited.isChecked() else None
        self.given.emit(self.number.text(), chosen)
