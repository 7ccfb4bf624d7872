"""Who is asked about an elder, as fields of the care plan: the carer in charge, and relatives and neighbours in their order."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QLineEdit, QVBoxLayout

from caregiver.layout import empty, row
from caregiver.ui import Choice, Desk, Words
from caregiver.wording import begin, term
from domain.careplan import CarePlan, Contact
from domain.people import PHONE, Profile, new_person_id
from qtkit.buttons import Button
from qtkit.flow import Flow
from qtkit.widgets import Card, text

RELATIONS = ("son", "daughter", "spouse", "relative", "neighbour", "friend", "carer")


class ContactsCard(Card):
    """`fill` shows a plan; `read` and `beside` say what the fields make of it now.

    Somebody new is on the roster as soon as they are added, under an id of their own: a plan names nobody otherwise.
    """

    changed = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk.theme)
        self._desk, self._words = desk, Words(desk, self)
        self._contacts: tuple[Contact, ...] = ()
        self._charge = ""  # who is in charge, as the plan has it
        self.caregiver, self.relation, self.has_key = Choice(), Choice(), QCheckBox()
        self.name, self.phone = QLineEdit(), QLineEdit()
        self.add = Button(desk.theme, icon_name="plus", role="quiet")
        self._lines = QVBoxLayout()
        title, in_charge, put = text("", strong=True), text("", wrap=False), self._words.put
        self.body.addWidget(title)
        self.body.addLayout(Flow(in_charge, self.caregiver))
        self.body.addLayout(self._lines)
        self.body.addLayout(row(self.name, self.phone))
        self.body.addLayout(Flow(self.relation, self.has_key, self.add))
        for setter, key in (
            (title.setText, "contacts.title"), (in_charge.setText, "contacts.in_charge"),
            (self.caregiver.setAccessibleName, "contacts.in_charge"),
            (self.name.setPlaceholderText, "contacts.name"), (self.name.setAccessibleName, "contacts.name"),
            (self.phone.setPlaceholderText, "contacts.phone"), (self.phone.setAccessibleName, "contacts.phone"),
            (self.relation.setAccessibleName, "contacts.relation"), (self.has_key.setText, "contacts.has_key"),
            (self.add.setText, "contacts.add"),
        ):  # fmt: skip
            put(setter, key)
        self.add.clicked.connect(self._add)
        for field in (self.name, self.phone):
            field.returnPressed.connect(self._add)
            field.textChanged.connect(self._ready)
        self.caregiver.activated.connect(self.changed)
        desk.language.changed.connect(lambda _: self._offer())
        self._offer()
        self._ready()

    def fill(self, plan: CarePlan, beside: Mapping[str, Any]) -> None:
        self._contacts, self._charge = plan.contacts, str(beside.get("caregiver") or "")
        for field in (self.name, self.phone):
            field.clear()
        self.has_key.setChecked(False)
        self._offer()
        self.caregiver.choose(self._charge)
        self._draw()
        self._desk.learn_names(self._offer, self)

    def read(self, plan: CarePlan) -> CarePlan:
        return replace(plan, contacts=self._contacts)

    def beside(self) -> dict[str, Any]:
        """What the plan's payload says beside the plan."""
        return {"caregiver": self.caregiver.value or None}

    @property
    def touched(self) -> bool:
        """Whether somebody else is in charge than the plan has."""
        return self.caregiver.value != self._charge

    @property
    def typed(self) -> tuple[str, str]:
        """Name and telephone of one who was not added yet, for `put_back`."""
        return self.name.text(), self.phone.text()

    def put_back(self, charge: str, typed: tuple[str, str]) -> None:
        self.caregiver.choose(charge)
        for field, words in zip((self.name, self.phone), typed, strict=True):
            field.setText(words)

    def _offer(self) -> None:
        desk = self._desk
        names = dict(desk.state.colleague_names)
        if self._charge:  # somebody who has left, or is known here by their profile alone
            names.setdefault(self._charge, self._name(self._charge))
        nobody = ("", desk.tr("contacts.nobody"))
        self.caregiver.offer([nobody, *sorted(names.items(), key=lambda one: one[1])])
        self.relation.offer([(word, begin(term(desk.language, "relation", word))) for word in RELATIONS])
        self._draw()

    def _draw(self) -> None:
        desk = self._desk
        empty(self._lines)
        for contact in self._contacts:
            person = desk.state.people.find(contact.person_id)
            phone = person.profile.phone if person is not None else ""
            role = begin(term(desk.language, "relation", contact.relation)) if contact.relation else ""
            name = self._name(contact.person_id)
            key = desk.tr("contacts.has_key") if contact.has_key else ""
            drop = Button(desk.theme, icon_name="close", role="quiet")
            drop.setAccessibleName(desk.tr("contacts.drop", name=name))
            drop.clicked.connect(lambda _=False, c=contact: self._drop(c))
            about = " · ".join(part for part in (role, phone, key) if part)
            self._lines.addLayout(row(text(name, strong=True), text(about, "small", tone="muted"), 1, drop))

    def _name(self, person: str) -> str:
        """Of somebody who was erased nothing is left but that the plan still names them."""
        return self._desk.state.known_name(person) or self._desk.tr("contacts.not_known")

    def _ready(self) -> None:
        self.add.setEnabled(bool(self.name.text().strip() and PHONE.fullmatch(self.phone.text().strip())))

    def _add(self) -> None:
        if not self.add.isEnabled():
            return
        state, who = self._desk.state, new_person_id()
        name, phone = (" ".join(field.text().split()) for field in (self.name, self.phone))
        state.roster.register(who, Profile("", name, phone=phone))
        state.take()
        self._contacts = (*self._contacts, Contact(who, self.relation.value, self.has_key.isChecked()))
        self.name.clear()
        self.phone.clear()
        self.has_key.setChecked(False)
        self._draw()
        self.name.setFocus()
        self.changed.emit()

    def _drop(self, contact: Contact) -> None:
        self._contacts = tuple(one for one in self._contacts if one is not contact)
        self._draw()
        self.name.setFocus()
        self.changed.emit()
