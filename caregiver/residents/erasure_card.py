"""Erasing a resident for good: by two who may, of whom the other one says who they are here."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit

from caregiver.memory.people import Person
from caregiver.ui import Choice, Desk, Words, row
from caregiver.wording import term
from qtkit.widgets import Button, Card, text

REASONS = ("moved_away", "died", "subject_request", "mistake")


class ErasureCard(Card):
    """`wanted(person, reason, the other one's login, password and code)`. The keyboard goes to the way back: a second press of
    Enter erases nobody."""

    wanted = Signal(object, str, str, str, str)

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk.theme)
        self._desk, self._words = desk, Words(desk, self)
        self._person: Person | None = None
        self.ask, self.reason = Button(desk.theme, role="quiet"), Choice()
        self.yes, self.no = Button(desk.theme, icon_name="erase", role="danger"), Button(desk.theme, role="quiet")
        self.title, self.means = text("", strong=True), text("", "small")
        self.login, self.password, self.code = QLineEdit(), QLineEdit(), QLineEdit()
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        self._secrets = (self.login, self.password, self.code)
        self.body.addWidget(self.title)
        self.body.addLayout(row(self.ask, 1))
        self.body.addWidget(self.means)
        self.body.addWidget(self.reason)
        for field in self._secrets:
            self.body.addWidget(field)
        self.body.addLayout(row(self.yes, self.no, 1))
        self.ask.clicked.connect(lambda: self._open(True))
        self.no.clicked.connect(lambda: self._open(False))
        self.yes.clicked.connect(self._want)
        for setter, key in (
            (self.title.setText, "residents.erase_title"), (self.ask.setText, "residents.erase"),
            (self.means.setText, "residents.erase_means"), (self.yes.setText, "residents.erase_yes"),
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

    def _offer(self) -> None:
        self.reason.offer([(reason, term(self._desk.language, "erasure", reason)) for reason in REASONS])

    def _open(self, opened: bool) -> None:
        self._shut(not opened)
        (self.no if opened else self.ask).setFocus()

    def _shut(self, shut: bool) -> None:
        self.ask.setVisible(shut)
        for part in (self.means, self.reason, *self._secrets, self.yes, self.no):
            part.setVisible(not shut)
        if shut:
            for field in self._secrets:
                field.clear()

    def _want(self) -> None:
        login, password, code = self.login.text().strip(), self.password.text(), self.code.text().strip()
        if not (login and password):
            (self.password if login else self.login).setFocus()
            return
        self._open(False)
        if self._person is not None:
            self.wanted.emit(self._person, self.reason.value, login, password, code)
