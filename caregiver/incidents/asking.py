"""What a step asks for first: an outcome, somebody, a severity, a day, another incident; words, and pictures."""

from datetime import datetime, time, timedelta
from typing import Any

from PySide6.QtCore import QDate, QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDateEdit, QPlainTextEdit, QWidget

from caregiver.incidents.actions import Action
from caregiver.incidents.desk import IncidentDesk
from caregiver.incidents.work import Work
from caregiver.parts.drafts import Drafts
from caregiver.parts.photo_views import PhotoPick
from caregiver.ui import Choice, Desk, Words, at_scale
from caregiver.wording import stamp, term
from domain.errors import Mendable
from domain.events import to_ms
from domain.grading import longest_wait
from domain.incident import OUTCOMES
from domain.incident_kinds import GRADED, LOWERED
from qtkit.buttons import Button, is_enter
from qtkit.flow import Flow
from qtkit.widgets import Card, roomy, text

CHOOSING = ("outcome", "person", "severity", "incident")
REASONED = ("severity", "until", "reason")  # nobody changes or declines anything without saying why


class Asked(Card):
    """Hidden until `ask`. `saved(incident)` once the step is recorded; `failed(Mendable)` where it could not be: all that was typed
    and chosen stays then, to be tried again. `left` when it was put away and nothing was recorded."""

    saved = Signal(str)
    failed = Signal(object)
    left = Signal()

    def __init__(self, desk: Desk, incidents: IncidentDesk, where: str) -> None:
        super().__init__(desk.theme)
        self._desk, self._incidents, self._words = desk, incidents, Words(desk, self)
        self.action: Action | None = None
        self._work: Work | None = None
        self.title, self.means = text("", strong=True), text("", "small", tone="muted")
        self.choice, self.until, self.note = Choice(), QDateEdit(), QPlainTextEdit()
        self.until.setDisplayFormat("yyyy-MM-dd")
        self.until.setCalendarPopup(True)
        roomy(desk.theme, self.until)
        self.note.setTabChangesFocus(True)
        at_scale(desk.theme, self.note, QWidget.setFixedHeight, 96)
        self.note.textChanged.connect(self._ready)
        self.choice.currentIndexChanged.connect(lambda _: self._ready())
        self.photos = PhotoPick(desk)
        self._drafts = Drafts(self.note, self.photos, desk.state.begun(where))
        self.ok, self.cancel = Button(desk.theme, role="primary"), Button(desk.theme, role="quiet")
        self.ok.clicked.connect(self._save)
        self.cancel.clicked.connect(self._put_away)
        for part in (self.title, self.means, self.choice, self.until, self.note, self.photos):
            self.body.addWidget(part)
        self.body.addLayout(Flow(self.ok, self.cancel))
        put = self._words.put
        put(self.cancel.setText, "do.cancel")
        put(self.note.setAccessibleName, "incidents.note")
        put(self.until.setAccessibleName, "incidents.until")
        self.hide()

    def event(self, event: QEvent) -> bool:
        """Enter belongs to the field that it is pressed in: on the page around it, it would take the incident. Esc ends asking."""
        if event.type() is QEvent.Type.ShortcutOverride and (is_enter(event) or _is_esc(event)):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if _is_esc(event):
            self._put_away()
        elif not is_enter(event):
            super().keyPressEvent(event)

    def ask(self, action: Action, work: Work) -> None:
        """Show what `action` needs for the incident; what was typed already stays."""
        desk = self._desk
        anew = self.action is not action or self._work is None or self._work.incident.id != work.incident.id
        if anew:
            self.choice.clear()
        if anew and action.asks == "person":
            desk.learn_names(self._named, self)
        self.action, self._work = action, work
        self._drafts.turn_to(work.incident.id)
        self.title.setText(desk.tr(f"action.{action.key}"))
        self.means.setText(desk.tr(f"incidents.means_{action.key}") if action.asks in (*REASONED, "incident") else "")
        self.means.setVisible(bool(self.means.text()))
        self.choice.setVisible(action.asks in CHOOSING)
        if action.asks in CHOOSING:
            self.choice.offer(self._offer(action.asks, work))
            self.choice.setAccessibleName(desk.tr(f"incidents.{action.asks}"))
        self.ok.setText(self.title.text())
        self.photos.setVisible(action.asks != "person")  # they go there; there is nothing to be seen yet
        self.until.setVisible(action.asks == "until")
        if action.asks == "until":
            self._limit(work)
            if anew:
                self.until.setDate(self.until.maximumDate())
        self.note.setPlaceholderText(desk.tr("incidents.why" if action.asks in REASONED else "incidents.note"))
        self._ready()
        self.show()
        if not self.note.hasFocus() and not self.note.toPlainText():
            (self.choice if action.asks in CHOOSING else self.until if action.asks == "until" else self.note).setFocus()

    @property
    def fields(self) -> tuple[QWidget, ...]:
        """What the keyboard goes through, in its order."""
        return self.choice, self.until, self.note, *self.photos.findChildren(Button), self.ok, self.cancel

    def leave(self) -> None:
        self.action = None
        self.hide()

    def _put_away(self) -> None:
        self.leave()
        self.left.emit()

    def _payload(self) -> dict[str, Any]:
        """What was chosen, as the step carries it."""
        match self.action.asks if self.action else "":
            case "outcome":
                return {"outcome": self.choice.value}
            case "person":
                return {"to": [self.choice.value]}
            case "severity":
                return {"severity": int(self.choice.value)}
            case "incident":
                return {"into": self.choice.value}
            case "until":
                day = self.until.date()
                zone = self._desk.state.now().tzinfo
                end = datetime.combine(datetime(day.year(), day.month(), day.day(), tzinfo=zone), time(18), zone)
                return {"until": to_ms(end)}
            case "reason" if self._work is not None and self._work.incident.extension_asked is not None:
                return {"until": to_ms(self._work.incident.extension_asked[0])}
            case _:
                return {}

    @property
    def kind(self) -> str:
        """The step this is: a milder severity is a step of its own."""
        if self.action is None or self._work is None:
            return ""
        milder = self.action.kind == GRADED and int(self.choice.value) > self._work.incident.severity
        return LOWERED if milder else self.action.kind

    @property
    def words(self) -> str:
        return self.note.toPlainText().strip()

    def _save(self) -> None:
        work, state = self._work, self._desk.state
        if self.action is None or work is None or self.photos.busy:
            return
        incident, payload, jpegs = work.incident, self._payload(), self.photos.jpegs
        try:
            if self.words:
                payload |= state.sealed_note(incident.elder, self.words)
            if jpegs:  # the pictures first: the step brings the page up to date
                state.photos.keep(incident.elder, "incident", incident.id, jpegs)
                self.photos.take()
            self._incidents.step(incident.id, self.kind, **payload)
        except Mendable as e:
            self.failed.emit(e)
            return
        self.note.clear()
        self.leave()
        self.saved.emit(incident.id)

    def _named(self) -> None:
        if self.action is not None and self.action.asks == "person" and self._work is not None:
            self.choice.offer(self._offer("person", self._work))
            self._ready()

    def _ready(self) -> None:
        """What needs a reason or a choice waits for it."""
        asks = self.action.asks if self.action else ""
        chosen = asks not in CHOOSING or bool(self.choice.value)
        self.ok.setEnabled(chosen and (asks not in REASONED or bool(self.words)))

    def _offer(self, asks: str, work: Work) -> list[tuple[str, str]]:
        desk, tongue = self._desk, self._desk.language
        match asks:
            case "outcome":
                return [(o, term(tongue, "outcome", o)) for o in OUTCOMES]
            case "severity":
                return [
                    (str(int(s)), desk.tr(f"severity.{int(s)}")) for s in self._incidents.gradable(work.incident.id)
                ]
            case "incident":
                others = self._incidents.mergeable(work.incident.id)
                return [
                    (i.id, f"{term(tongue, 'kind', i.kind)} · {stamp(desk.state.local(i.happened_at))}") for i in others
                ]
            case _:
                return [(id, name) for id, name in self._incidents.colleagues() if id != self._incidents.actor.id]

    def _limit(self, work: Work) -> None:
        state = self._desk.state
        first = state.now().date() + timedelta(days=1)
        last = max(first, state.local(longest_wait(work.incident)).date() - timedelta(days=1))
        self.until.setDateRange(QDate(first.year, first.month, first.day), QDate(last.year, last.month, last.day))


def _is_esc(event: QEvent) -> bool:
    return isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape
