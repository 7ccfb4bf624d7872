"""Two small forms on the elder's page: recording a visit, and the medical note behind its glass."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit

from caregiver.elders.presenter import Elders
from caregiver.elders.visits import HOW, Visits
from caregiver.parts.drafts import Drafts
from caregiver.parts.photo_views import PhotoPick
from caregiver.ui import Choice, Desk, Words, row
from caregiver.wording import term
from qtkit.widgets import Button, Card, text


class VisitForm(Card):
    """`saved` after the visit is recorded; hidden until `ask`."""

    saved = Signal()

    def __init__(self, desk: Desk, visits: Visits) -> None:
        super().__init__(desk.theme, edge="lantern")
        self._desk, self._visits, self._words, self._person = desk, visits, Words(desk, self), ""
        self.how, self.note = Choice(), QPlainTextEdit()
        self.note.setTabChangesFocus(True)
        self.note.setFixedHeight(desk.theme.px(80))
        self.ok, self.no = Button(desk.theme, icon_name="check", role="primary"), Button(desk.theme, role="quiet")
        title = text("", strong=True)
        self.photos = PhotoPick(desk)
        self._drafts = Drafts(self.note, self.photos)
        for part in (title, self.how, self.note, self.photos):
            self.body.addWidget(part)
        self.body.addLayout(row(self.ok, self.no, 1))
        self.ok.clicked.connect(self._save)
        self.no.clicked.connect(self._leave)
        put = self._words.put
        put(title.setText, "elder.visit")
        put(self.how.setAccessibleName, "elder.visit_how")
        put(self.note.setPlaceholderText, "elder.visit_note")
        put(self.note.setAccessibleName, "elder.visit_note")
        put(self.ok.setText, "do.save")
        put(self.no.setText, "do.cancel")
        self.hide()

    def ask(self, person: str) -> None:
        self._person = person
        self._drafts.turn_to(person)
        self.how.offer([(h, term(self._desk.language, "visit", h)) for h in HOW])
        self.show()
        self.how.setFocus()

    def _save(self) -> None:
        state, words = self._desk.state, self.note.toPlainText().strip()
        if self.photos.busy:
            return
        visit = self._visits.record(
            self._person, self.how.value, state.sealed_note(self._person, words) if words else {}
        )
        state.photos.keep(self._person, "visit", visit, self.photos.jpegs)
        self.photos.take()
        self.note.clear()
        self.hide()
        state.take()
        self.saved.emit()

    def _leave(self) -> None:
        self.photos.take()
        self.hide()


class MedicalNote(Card):
    """Shown only after a reason was given; opening it is itself a fact, and the elder can see who looked. Where there is none, that
    is said at once: nobody gives a reason for nothing."""

    def __init__(self, desk: Desk, elders: Elders) -> None:
        super().__init__(desk.theme, edge="alarm")
        self._desk, self._elders, self._words, self._person = desk, elders, Words(desk, self), ""
        self.why, self.note = QLineEdit(), text("")
        self.ok, self.no = Button(desk.theme, icon_name="lock", role="danger"), Button(desk.theme, role="quiet")
        title, self.warning = text("", strong=True), text("", "small", tone="muted")
        for part in (title, self.warning, self.why, self.note):
            self.body.addWidget(part)
        self.body.addLayout(row(self.ok, self.no, 1))
        self.ok.clicked.connect(self._open)
        self.why.returnPressed.connect(self._open)
        self.why.textChanged.connect(lambda words: self.ok.setEnabled(bool(words.strip())))
        self.no.clicked.connect(self.hide)
        put = self._words.put
        put(title.setText, "elder.medical")
        put(self.warning.setText, "elder.medical_warning")
        put(self.why.setPlaceholderText, "elder.medical_why")
        put(self.why.setAccessibleName, "elder.medical_why")
        put(self.ok.setText, "elder.medical_open")
        put(self.no.setText, "do.close")
        self.hide()

    def ask(self, person: str) -> None:
        self._person = person
        there = self._elders.has_medical_note(person)
        self.note.setText("" if there else self._desk.tr("elder.medical_none"))
        self.note.setHidden(there)
        for part in (self.warning, self.why, self.ok):
            part.setVisible(there)
        self.why.clear()
        self.ok.setEnabled(False)
        self.show()
        (self.why if there else self.no).setFocus()

    def _open(self) -> None:
        """First the fact, then the note: nobody reads it unseen."""
        why = self.why.text().strip()
        if why:
            self.note.setText(self._elders.medical_note(self._person, why) or self._desk.tr("elder.medical_unreadable"))
            self.note.show()
