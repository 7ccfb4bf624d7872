"""Beside a resident: whom the gates could take them for, their cards, their PIN, and passes for who visits them."""

from collections.abc import Callable
from datetime import date
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from caregiver.layout import bring_into_sight, column, empty, row
from caregiver.memory.gates import gates
from caregiver.memory.people import Person
from caregiver.parts.errands import Errands
from caregiver.residents.access import AccessDesk, PassForm
from caregiver.residents.cards_card import CardsCard
from caregiver.residents.pass_words import made
from caregiver.residents.passes_card import PassesCard
from caregiver.residents.way_lines import WayLines
from caregiver.residents.ways_in import Card as HeldCard
from caregiver.residents.ways_in import Pass, WaysIn, lookalikes, told_of, ways_in
from caregiver.ui import Desk, Words
from offline.letters.access_orders import LOST
from qtkit.buttons import Button
from qtkit.flow import Flow
from qtkit.widgets import Banner, Card, Chip, text


class WaysInPanel(QWidget):
    """`show_person` fills it; what is half typed stays while the same person is shown again. What came of a press
    is told on `said`."""

    def __init__(self, desk: Desk, access: AccessDesk, said: Banner) -> None:
        super().__init__()
        self._desk, self._access, self._words = desk, access, Words(desk, self)
        self._person: Person | None = None
        self._pressed: Button | None = None
        self.said = said
        self._errands = Errands(desk, self, self.said, self._rest)
        self.alike = Card(desk.theme, edge="overdue")
        self._alike, self._pin = QVBoxLayout(), QVBoxLayout()
        self.alike.body.addLayout(self._alike)
        self.cards, self.passes = CardsCard(desk), PassesCard(desk)
        self.cards.given.connect(self._give_card)
        self.cards.ended.connect(self._end_card)
        self.passes.wanted.connect(self._issue)
        self.passes.ended.connect(self._end_pass)
        self.setLayout(column(self.alike, self.cards, self._pin_card(), self.passes, space=desk.theme.px(8)))
        desk.language.changed.connect(lambda _: self.refresh())

    def _pin_card(self) -> Card:
        desk, put = self._desk, self._words.put
        self.new_pin, self.clear_pin = Button(desk.theme, icon_name="pin"), Button(desk.theme, role="quiet")
        self.new_pin.clicked.connect(self._new_pin)
        self.clear_pin.clicked.connect(self._clear_pin)
        self.fresh_pin = text("", "display", strong=True)
        self.fresh_pin.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.fresh_words, title = text("", "small", tone="muted"), text("", strong=True)
        card = Card(desk.theme)
        card.body.addWidget(title)
        card.body.addLayout(self._pin)
        card.body.addWidget(self.fresh_pin)
        card.body.addWidget(self.fresh_words)
        card.body.addLayout(Flow(self.new_pin, self.clear_pin))
        put(title.setText, "residents.pin")
        put(self.new_pin.setText, "residents.pin_new")
        put(self.clear_pin.setText, "residents.pin_clear")
        put(self.fresh_words.setText, "residents.pin_once")
        return card

    # ---- what is shown ----------------------------------------------------------------------------------------------

    def show_person(self, person: Person | None) -> None:
        if person is None or not self._shows(person):
            self.cards.forget()
            self.passes.forget()
            self.fresh_pin.clear()
        self._person = person
        self.refresh()

    def _shows(self, person: Person) -> bool:
        """By id: a person is read anew whenever a fact about them comes."""
        return self._person is not None and self._person.id == person.id

    def refresh(self) -> None:
        """From the facts as they are here now."""
        self.setVisible(self._person is not None)
        for box in (self._alike, self._pin):
            empty(box)
        if self._person is None:
            return
        reader, who = self._desk.state.reader, self._person.id
        known = gates(reader)
        found, lines = ways_in(told_of(reader, who), known), WayLines(self._desk, known)
        self._show_alike(self._person)
        self.cards.show_cards(who, found.cards, lines)
        self._show_pin(found, lines)
        self.passes.show_passes(who, found.passes, lines)

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

    def _show_pin(self, found: WaysIn, lines: WayLines) -> None:
        desk, order = self._desk, found.pin
        if order is None or (not found.pin_set and not order.waits):
            self._pin.addWidget(text(desk.tr("residents.no_pin"), "small", tone="muted"))
        else:
            ahead, done = ("pending", "good") if found.pin_set else ("ending", "ended")
            state = ahead if order.waits else "refused" if order.refused else done
            lines.add(self._pin, desk.tr("residents.pin_is"), state, order)
        self.clear_pin.setVisible(found.pin_set)
        self.fresh_words.setVisible(bool(self.fresh_pin.text()))
        self.fresh_pin.setVisible(bool(self.fresh_pin.text()))

    # ---- what is done -----------------------------------------------------------------------------------------------

    def _give_card(self, number: str, last: date | None) -> None:
        access = self._access

        def done(_: Any, person: Person) -> None:
            if self._shows(person):
                self.cards.forget()
            self._tell("residents.card_given", person)

        self._do(lambda person: access.card(person, number, last), done)

    def _new_pin(self) -> None:
        def done(pin: str, person: Person) -> None:
            if self._shows(person):
                self.fresh_pin.setText(" ".join((pin[:3], pin[3:])))
            self._tell("residents.pin_given", person)
            bring_into_sight(self.fresh_pin)

        self._do(self._access.pin, done)

    def _issue(self, form: PassForm) -> None:
        access = self._access

        def done(code: str, person: Person) -> None:
            if self._shows(person):
                self.passes.show_made(code, form)
            self._say(made(self._desk.language, form, self._desk.state.now()))

        self._do(lambda person: access.visitor(person, form), done)

    def _end_card(self, card: HeldCard, why: str) -> None:
        if (person := self._person) is not None:
            self._access.end_card(person.id, card, why)
            self._tell("residents.card_is_blocked" if why == LOST else "residents.card_is_ended", person)

    def _clear_pin(self) -> None:
        if (person := self._person) is not None:
            self._access.clear_pin(person.id)
            self.fresh_pin.clear()
            self._tell("residents.pin_is_cleared", person)

    def _end_pass(self, each: Pass) -> None:
        if (person := self._person) is not None:
            self._access.end_pass(person.id, each.id)
            self._tell("residents.pass_is_ended", person)

    def _tell(self, key: str, person: Person) -> None:
        self._say(self._desk.tr(key, name=person.name))

    def _say(self, words: str) -> None:
        self.said.say(words, "well", "check")
        self._desk.state.hurry()
        self.refresh()

    def _do(self, work: Callable[[str], Any], then: Callable[[Any, Person], object]) -> None:
        """About the person who is shown now, whoever is by the time it is done."""
        if (person := self._person) is not None:
            self._errands.run(lambda: work(person.id), lambda found: then(found, person))

    def _rest(self, busy: bool) -> None:
        buttons = (self.cards.give, self.new_pin, self.passes.issue)
        if busy:
            self._pressed = next((button for button in buttons if button.hasFocus()), None)
        for button in buttons:
            button.setEnabled(not busy)
        if not busy and self._pressed is not None:  # it rested, and the keyboard had gone on
            self._pressed.setFocus()
