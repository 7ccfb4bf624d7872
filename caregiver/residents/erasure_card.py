"""Erasing somebody for good: by two who may, of whom the other one says who they are here."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QLineEdit

from caregiver.layout import row
from caregiver.memory.people import Person
from caregiver.residents.known_contacts import of_nobody_else
from caregiver.ui import Choice, Desk, Words
from caregiver.wording import term
from qtkit.buttons import Button
from qtkit.flow import Flow
from qtkit.widgets import Card, text

REASONS = ("moved_away", "died", "subject_request", "mistake")


class ErasureCard(Card):
    """`wanted(person, reason, the other one's login, password and code, the ids of the contacts that go with them)`. The keyboard
    goes to the way back: a second press of Enter erases nobody."""

    wanted = Signal(object, str, str, str, str, object)

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk.theme)
        self._desk, self._words = desk, Words(desk, self)
        self._person: Person | None = None
        self._contacts: tuple[Person, ...] = ()  # whom nobody has a reason to keep once they are gone
        self.also = QCheckBox()
        self.ask, self.reason = Button(desk.theme, role="quiet"), Choice()
        self.yes, self.no = Button(desk.theme, icon_name="erase", role="danger"), Button(desk.theme, role="quiet")
        self.title, self.means = text("", strong=True), text("", "small")
        self.login, self.password, self.code = QLineEdit(), QLineEdit(), QLineEdit()
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        self._secrets = (self.login, self.password, self.code)
        self.body.addWidget(self.title)
        self.body.addLayout(row(self.ask, 1))
        self.body.addWidget(self.means)
        self.body.addWidget(self.also)
        self.body.addWidget(self.reason)
        for field in self._secrets:
            self.body.addWidget(field)
        self.body.addLayout(Flow(self.yes, self.no))
        self.ask.clicked.connect(lambda: self._open(True))
        self.no.clicked.connect(lambda: self._open(False))
        self.yes.clicked.connect(self._want)
        for setter, key in (
            (self.title.setText, "residents.erase_title"), (self.ask.setText, "residents.erase"),
            (self.yes.setText, "residents.erase_yes"),
            (self.no.setText, "do.cancel"), (self.reason.setAccessibleName, "residents.erase_why"),
            (self.login.setPlaceholderText, "residents.erase_login"), (self.login.setAccessibleName, "residents.erase_login"),
            (self.password.setPlaceholderText, "residents.erase_password"),
            (self.password.setAccessibleName, "residents.erase_password"),
            (self.code.setPlaceholderText, "residents.erase_code"), (self.code.setAccessibleName, "residents.erase_code"),
        ):  # fmt: skip
            self._words.put(setter, key)
        desk.language.changed.connect(lambda _: self._offer())
        self._offer()
        self.show_person(None)

    def show_person(self, person: Person | None) -> None:
        if person is None or self._person is None or person.id != self._person.id:
            self._shut(True)
        self._person = person
        self.setVisible(person is not None)
        self._offer()

    def _offer(self) -> None:
        lives_here = self._person is None or bool(self._person.profile.flat)
        self.means.setText(self._desk.tr("residents.erase_means" if lives_here else "residents.erase_contact_means"))
        names = self._desk.tr("residents.comma").join(person.name for person in self._contacts)
        self.also.setText(self._desk.tr("residents.erase_also", names=names))
        self.reason.offer([(reason, term(self._desk.language, "erasure", reason)) for reason in REASONS])

    def _open(self, opened: bool) -> None:
        state, person = self._desk.state, self._person
        if opened and person is not None:
            self._contacts = tuple(of_nobody_else(state.reader, state.people, person.id, state.colleague_names))
            self.also.setChecked(True)
            self._offer()
        self._shut(not opened)
        (self.no if opened else self.ask).setFocus()

    def _shut(self, shut: bool) -> None:
        self.ask.setVisible(shut)
        for part in (self.means, self.reason, *self._secrets, self.yes, self.no):
            part.setVisible(not shut)
        self.also.setVisible(not shut and bool(self._contacts))
        if shut:
            for field in self._secrets:
                field.clear()

    def _want(self) -> None:
        login, password, code = self.login.text().strip(), self.password.text(), self.code.text().strip()
        if not (login and password):
            (self.password if login else self.login).setFocus()
            return
        also = tuple(person.id for person in self._contacts) if self.also.isChecked() else ()
        self._open(False)
        if self._person is not None:
            self.wanted.emit(self._person, self.reason.value, login, password, code, also)
