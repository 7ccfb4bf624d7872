"""The medical note on the elder's page: asked of the district, and behind its glass where that cannot answer."""

from PySide6.QtWidgets import QLineEdit, QProgressBar

from caregiver.elders.medical import MedicalNotes
from caregiver.ui import Desk, Words
from domain.errors import Mendable
from qtkit.background import Job
from qtkit.buttons import Button
from qtkit.flow import Flow
from qtkit.widgets import Card, text

NO_GLASS = ("medical_not_yours", "medical_no_note")  # what the district says that no emergency changes


class MedicalCard(Card):
    """While the line stands the district is asked; nobody has to wait for it. The sealed copy is opened only for a reason. Where
    there is no note, that is said at once: nobody gives a reason for nothing."""

    def __init__(self, desk: Desk, notes: MedicalNotes) -> None:
        super().__init__(desk.theme, edge="alarm")
        self._desk, self._notes, self._words, self._person = desk, notes, Words(desk, self), ""
        self._job: Job | None = None
        self.said, self.waiting = text(""), QProgressBar()
        self.waiting.setRange(0, 0)
        self.waiting.setTextVisible(False)
        self.why, self.note = QLineEdit(), text("")
        self.instead = Button(desk.theme, icon_name="lock")
        self.ok, self.no = Button(desk.theme, icon_name="lock", role="danger"), Button(desk.theme, role="quiet")
        title, self.warning = text("", strong=True), text("", "small", tone="muted")
        for part in (title, self.said, self.waiting, self.warning, self.why, self.note):
            self.body.addWidget(part)
        self.body.addLayout(Flow(self.ok, self.instead, self.no))
        self.instead.clicked.connect(lambda: self._stand_before_the_glass())
        self.ok.clicked.connect(self._break)
        self.why.returnPressed.connect(self._break)
        self.why.textChanged.connect(lambda words: self.ok.setEnabled(bool(words.strip())))
        self.no.clicked.connect(self.leave)
        put = self._words.put
        put(title.setText, "elder.medical")
        put(self.waiting.setAccessibleName, "elder.medical_asking")
        put(self.instead.setText, "elder.medical_instead")
        put(self.warning.setText, "elder.medical_warning")
        put(self.why.setPlaceholderText, "elder.medical_why")
        put(self.why.setAccessibleName, "elder.medical_why")
        put(self.ok.setText, "elder.medical_open")
        put(self.no.setText, "do.close")
        self.hide()

    def ask(self, person: str) -> None:
        if self._job is not None and person == self._person:  # it is on its way
            return
        self.leave()
        self._person = person
        if not self._notes.there(person):
            self._say(self._desk.tr("elder.medical_none"))
        elif self._notes.online:
            self._ask_district()
        else:
            self._stand_before_the_glass()

    def leave(self) -> None:
        """Nothing of it stays on the screen, and what is on its way shows nothing any more."""
        self._stop_asking()
        self.note.clear()
        self.hide()

    def _ask_district(self) -> None:
        person = self._person
        self._show(self.said, self.waiting, self.instead)
        self.said.setText(self._desk.tr("elder.medical_asking"))
        self.instead.setFocus()
        self._job = self._desk.background.run(
            lambda: self._notes.ask(person), self._came, self._failed, self, asks=True
        )

    def _came(self, sealed: str) -> None:
        self._job = None
        note = self._notes.open(self._person, sealed)
        self._say(note, self._desk.tr("elder.medical_fetched" if note else "elder.medical_fetched_unreadable"))

    def _failed(self, error: Exception) -> None:
        self._job = None
        if not isinstance(error, Mendable):
            self._stand_before_the_glass()
            raise error
        why = self._desk.language.tr(f"error.{error.code}", **error.details)
        if error.code in NO_GLASS:
            self._say("", why)
        else:
            self._stand_before_the_glass(why)

    def _stand_before_the_glass(self, because: str = "") -> None:
        self._stop_asking()
        self.why.clear()
        self.ok.setEnabled(False)
        self.said.setText(because)
        self._show(*([self.said] if because else []), self.warning, self.why, self.ok)
        self.why.setFocus()

    def _break(self) -> None:
        """First the fact, then the note: nobody reads it unseen."""
        why = self.why.text().strip()
        if why:
            self.note.setText(self._notes.break_glass(self._person, why) or self._desk.tr("elder.medical_unreadable"))
            self.note.show()

    def _say(self, note: str, said: str = "") -> None:
        """How it ended: the note, and how it was come by."""
        self.note.setText(note)
        self.said.setText(said)
        self._show(*([self.said] if said else []), *([self.note] if note else []))
        self.no.setFocus()

    def _stop_asking(self) -> None:
        if self._job is not None:
            self._job.cancel()
            self._job = None

    def _show(self, *shown: object) -> None:
        self.show()
        for part in (self.said, self.waiting, self.instead, self.warning, self.why, self.ok, self.note):
            part.setVisible(part in shown)
