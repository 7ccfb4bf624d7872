"""Recording a visit, on the elder's page."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPlainTextEdit

from caregiver.elders.visits import HOW, Visits
from caregiver.parts.drafts import Drafts
from caregiver.parts.photo_views import PhotoPick
from caregiver.ui import Choice, Desk, Words, at_scale
from caregiver.wording import term
from qtkit.buttons import Button
from qtkit.flow import Flow
from qtkit.widgets import Card, text


class VisitForm(Card):
    """`saved` after the visit is recorded; hidden until `ask`."""

    saved = Signal()

    def __init__(self, desk: Desk, visits: Visits) -> None:
        super().__init__(desk.theme, edge="lantern")
        self._desk, self._visits, self._words, self._person = desk, visits, Words(desk, self), ""
        self.how, self.note = Choice(), QPlainTextEdit()
        self.note.setTabChangesFocus(True)
        at_scale(desk.theme, self.note, QPlainTextEdit.setFixedHeight, 80)
        self.ok, self.no = Button(desk.theme, icon_name="check", role="primary"), Button(desk.theme, role="quiet")
        title = text("", strong=True)
        self.photos = PhotoPick(desk)
        self._drafts = Drafts(self.note, self.photos, desk.state.begun("visit"))
        for part in (title, self.how, self.note, self.photos):
            self.body.addWidget(part)
        self.body.addLayout(Flow(self.ok, self.no))
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
        note = state.sealed_note(self._person, words) if words else {}
        self._visits.record(self._person, self.how.value, note, self.photos.jpegs)
        self.photos.take()
        self.note.clear()
        self.hide()
        state.take()
        self.saved.emit()

    def _leave(self) -> None:
        self.photos.take()
        self.hide()
