"""The contacts of elders in a list, each with whom they are asked about."""

from PySide6.QtCore import QModelIndex, Signal

from caregiver.parts.tables import Column, Table, TableModel
from caregiver.residents.contact_card import of_whom
from caregiver.residents.known_contacts import KnownContact
from caregiver.ui import Desk, Words


class ContactsList(Table):
    """`chosen(contact or None)`."""

    chosen = Signal(object)

    def __init__(self, desk: Desk) -> None:
        self._contacts = TableModel(desk, self._columns(desk))
        super().__init__(desk, self._contacts, "contacts")
        Words(desk, self).put(self.setAccessibleName, "residents.contacts")
        self.selectionModel().currentRowChanged.connect(self._chose)

    @staticmethod
    def _columns(desk: Desk) -> list[Column]:
        def of(contact: KnownContact) -> str:
            if not contact.of:
                return desk.tr("residents.contact_of_nobody")
            return desk.tr("residents.comma").join(of_whom(desk, elder, word) for elder, word in contact.of)

        return [
            Column("name", lambda c: c.person.name, 128),
            Column("phone", lambda c: c.person.profile.phone, 144),
            Column("contact_of", of, 280, lambda c: "ink" if c.of else "overdue"),
        ]

    def show_contacts(self, contacts: list[KnownContact]) -> None:
        """The one that was chosen stays so, where it is still there."""
        kept: KnownContact | None = self.current()
        self._contacts.show(contacts)
        if not (kept is not None and self.choose(kept.person.id)) and contacts:
            self.selectRow(0)
        self.chosen.emit(self.current() if contacts else None)

    def choose(self, person: str) -> bool:
        """Whether they are in the list."""
        number = next((n for n, c in enumerate(self._contacts.rows) if c.person.id == person), None)
        if number is None:
            return False
        self.selectRow(number)
        return True

    def _chose(self, now: QModelIndex) -> None:
        if now.isValid():
            self.chosen.emit(self._contacts.rows[now.row()])
