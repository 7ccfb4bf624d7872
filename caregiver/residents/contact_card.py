"""One contact: who they are, whom they are asked about, and their name and number put right."""

from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QVBoxLayout

from caregiver.layout import empty, row
from caregiver.residents.known_contacts import KnownContact
from caregiver.ui import Desk, Words
from caregiver.wording import term
from domain.people import PHONE, Profile
from qtkit.buttons import Button
from qtkit.widgets import Card, text


def of_whom(desk: Desk, elder: str, relation: str) -> str:
    """The elder's name, and in brackets who they are to them."""
    name = desk.state.name_of(elder)
    return (
        desk.tr("residents.contact_as", whom=name, relation=term(desk.language, "relation", relation))
        if relation
        else name
    )


class ContactCard(Card):
    """`corrected(person, profile)`. What is half typed stays while the same contact is shown again."""

    corrected = Signal(object, object)

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk.theme)
        self._desk, self._words = desk, Words(desk, self)
        self._contact: KnownContact | None = None
        self.title, self._of = text("", "title"), QVBoxLayout()
        self.name, self.phone = QLineEdit(), QLineEdit()
        self.save = Button(desk.theme, icon_name="check")
        self.body.addWidget(self.title)
        self.body.addLayout(self._of)
        for field, key in ((self.name, "contacts.name"), (self.phone, "contacts.phone")):
            label = text("", "small", tone="muted")
            label.setBuddy(field)
            self._words.put(label.setText, key)
            self._words.put(field.setAccessibleName, key)
            self.body.addWidget(label)
            self.body.addWidget(field)
            field.textChanged.connect(self._ready)
            field.returnPressed.connect(self._save)
        self.body.addLayout(row(self.save, 1))
        self._words.put(self.save.setText, "do.save")
        self.save.clicked.connect(self._save)
        desk.language.changed.connect(lambda _: self._say())

    def show_contact(self, contact: KnownContact | None, writes: bool) -> None:
        same = contact is not None and self._contact is not None and contact.person.id == self._contact.person.id
        if contact is not None and not (same and self._touched):
            self.name.setText(contact.person.name)
            self.phone.setText(contact.person.profile.phone)
        self._contact = contact
        self.setVisible(contact is not None)
        for part in (self.name, self.phone):
            part.setReadOnly(not writes)
        self.save.setVisible(writes)
        self._say()
        self._ready()

    def _say(self) -> None:
        empty(self._of)
        if self._contact is None:
            return
        desk = self._desk
        self.title.setText(self._contact.person.name)
        for elder, relation in self._contact.of:
            words = of_whom(desk, elder, relation)
            self._of.addWidget(text(desk.tr("residents.contact_of", whom=words), tone="muted"))
        if not self._contact.of:
            self._of.addWidget(text(desk.tr("residents.contact_of_nobody"), tone="muted"))

    def _typed(self) -> tuple[str, str]:
        return " ".join(self.name.text().split()), " ".join(self.phone.text().split())

    @property
    def _touched(self) -> bool:
        known = self._contact
        return known is not None and self._typed() != (known.person.name, known.person.profile.phone)

    def _ready(self) -> None:
        name, phone = self._typed()
        self.save.setEnabled(self._touched and bool(name and PHONE.fullmatch(phone)))

    def _save(self) -> None:
        if self._contact is not None and self.save.isEnabled():
            name, phone = self._typed()
            before: Profile = self._contact.person.profile
            self.corrected.emit(self._contact.person, replace(before, family_name="", given_name=name, phone=phone))
