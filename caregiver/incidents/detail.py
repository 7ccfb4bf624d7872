"""One incident: what it is, what to do next, how far the ladder is, and everything that happened."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QPlainTextEdit, QVBoxLayout, QWidget

from caregiver.incidents import records
from caregiver.incidents.actions import OUTCOMES, Action, offered
from caregiver.incidents.desk import IncidentDesk
from caregiver.incidents.story import Story
from caregiver.incidents.subject import dial, name_of, to_ring_up
from caregiver.incidents.work import Work
from caregiver.photo_views import PhotoPick
from caregiver.ui import Choice, Desk, Words, column, empty, row, scrolling
from caregiver.wording import clock_span, term, where
from domain.errors import Mendable
from domain.incident_kinds import EVIDENCE, Kind
from domain.subjects import is_stray
from qtkit.flow import Flow
from qtkit.widgets import Banner, Button, Card, Chip, EmptyState, text

NOTE = Action(EVIDENCE, "note", "note", "", asks="note")


class IncidentDetail(QWidget):
    elder_chosen = Signal(str)
    failed = Signal(str)

    def __init__(self, desk: Desk, incidents: IncidentDesk) -> None:
        super().__init__()
        self._desk, self._incidents, self._words = desk, incidents, Words(desk, self)
        self.incident_id: str | None = None
        self._work: Work | None = None
        self._asking: Action | None = None
        self._shortcuts: list[QShortcut] = []
        self._stand: tuple[object, ...] = ()  # what the buttons were made for
        self._build()
        desk.language.changed.connect(lambda _: self.refresh())
        self.refresh()

    def _build(self) -> None:
        desk, px = self._desk, self._desk.theme.px
        self.head = Card(desk.theme, edge="alarm")
        self.title, self.chip = text("", "title"), Chip(desk.theme, "alarm")
        self.line, self.clock = text("", "body"), text("", "body", tone="muted")
        self.warning = Banner(desk.theme)
        self.add_note = Button(desk.theme, icon_name="note", role="quiet")
        self.add_note.clicked.connect(lambda: self._ask(NOTE))
        self.open_elder = Button(desk.theme, icon_name="person", role="quiet")
        self.open_elder.clicked.connect(lambda: self.elder_chosen.emit(work_elder(self._work)))
        head = row(self.title, self.chip)
        head.setStretch(0, 1)
        self.head.body.addLayout(head)
        self.head.body.addWidget(self.line)
        self.head.body.addWidget(self.clock)
        self.dialled = text("", "title")
        self.dialled.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.dialled.hide()
        self.buttons = QVBoxLayout()
        self.buttons.setSpacing(px(8))
        self.ask = Card(desk.theme)
        self.asked, self.outcome, self.person = text("", strong=True), Choice(), Choice()
        self.note = QPlainTextEdit()
        self.note.setTabChangesFocus(True)
        self.note.setFixedHeight(px(96))
        self.ok, self.cancel = Button(desk.theme, role="primary"), Button(desk.theme, role="quiet")
        self.ok.clicked.connect(self._answered)
        self.cancel.clicked.connect(lambda: self._ask(None))
        self.photos = PhotoPick(desk)
        for part in (self.asked, self.outcome, self.person, self.note, self.photos):
            self.ask.body.addWidget(part)
        self.ask.body.addLayout(row(self.ok, self.cancel, 1))
        self.story = Story(desk)
        inner, beside = QWidget(), QWidget()
        beside.setLayout(Flow(self.add_note, self.open_elder))
        lines = column(
            self.head, self.warning, self.buttons, self.dialled, self.ask, beside, self.story, 1, space=px(8)
        )
        lines.setContentsMargins(px(8), 0, px(4), px(4))
        inner.setLayout(lines)
        self.area = scrolling(inner)
        self.nothing = EmptyState(desk.theme, "bell", "")
        self.setLayout(column(self.area, self.nothing))
        put = self._words.put
        put(self.add_note.setText, "action.note")
        put(self.open_elder.setText, "incidents.open_elder")
        put(self.ok.setText, "do.save")
        put(self.cancel.setText, "do.cancel")
        put(self.note.setPlaceholderText, "incidents.note")
        put(self.note.setAccessibleName, "incidents.note")
        put(self.outcome.setAccessibleName, "incidents.outcome")
        put(self.person.setAccessibleName, "incidents.person")
        put(self.nothing.say, "incidents.choose")

    def show_incident(self, incident: str | None) -> None:
        if incident != self.incident_id:
            self.photos.take()
            self._ask(None)
            self.dialled.hide()
        self.incident_id = incident
        self.refresh()

    def refresh(self) -> None:
        """Read the incident again."""
        self._work = self._incidents.work(self.incident_id) if self.incident_id else None
        self.area.setVisible(self._work is not None)
        self.nothing.setVisible(self._work is None)
        if self._work is not None:
            self._head(self._work)
            self._offer(self._work)
            self.story.show_work(self._work)

    def _head(self, work: Work) -> None:
        desk, tongue, incident = self._desk, self._desk.language, work.incident
        name = name_of(desk, work.person, work.of_equipment, work.place)
        self.title.setText(f"{name} · {term(tongue, 'kind', incident.kind)}")
        unanswered = bool(self._incidents.ringing()) and incident.open and not incident.accepted_by
        token = "alarm" if unanswered and incident.severity <= 2 else "overdue" if incident.open else "well"
        self.head.set_edge(token)
        self.chip.show_state(token, term(tongue, "incident_state", incident.state))
        self.open_elder.setVisible(work.person is not None)
        flat = work.person.profile.flat if work.person else ""
        severity = desk.tr("incidents.severity", n=int(incident.severity))
        self.line.setText(
            " · ".join(
                p
                for p in (flat, "" if work.of_equipment or work.place == flat else where(tongue, work.place), severity)
                if p
            )
        )
        warning, token = "", "overdue"
        if work.pending:
            warning = desk.tr("incidents.pending")
        if incident.kind is Kind.RECORDS_ALTERED:
            warning = records.found(desk, work)
        if is_stray(incident.elder):
            warning = desk.tr("alarm.stray")
        if incident.exercise:
            warning = desk.tr("incidents.drill")
        if not incident.confirmed:
            warning, token = desk.tr("alarm.unconfirmed"), "alarm"
        self.warning.say(warning, token, "info")
        self.tick()

    def tick(self) -> None:
        work, desk = self._work, self._desk
        if work is None:
            return
        now, incident = desk.state.now(), work.incident
        began = desk.state.local(incident.happened_at)
        if incident.open:
            words = desk.tr("alarm.since", at=f"{began:%m-%d %H:%M:%S}", span=clock_span(now - began))
        else:
            words = f"{began:%Y-%m-%d %H:%M:%S}"
        if work.next_level is not None:
            level, at = work.next_level
            words += " · " + desk.tr(
                "incidents.next", level=term(desk.language, "level", str(int(level))), left=clock_span(at - now)
            )
        self.clock.setText(words)

    def _offer(self, work: Work) -> None:
        """The buttons stay as they are, and the keyboard where it is, while the same things may be done."""
        desk, px = self._desk, self._desk.theme.px
        actions = offered(self._incidents.allowed(work.incident.id))
        stands = (
            work.incident.id,
            work.incident.open,
            tuple(a.key for a in actions),
            desk.language.code,
            desk.theme.scale,
        )
        if stands == self._stand:
            self._ask(self._asking)
            return
        self._stand = stands
        empty(self.buttons)
        for shortcut in self._shortcuts:
            shortcut.setEnabled(False)
            shortcut.deleteLater()
        self._shortcuts = []
        beside = max(1, int(3 / desk.theme.scale))  # fewer, the larger the text
        line = None
        for number, action in enumerate(actions):
            if number % beside == 0:
                line = row(space=px(8))
                self.buttons.addLayout(line)
            button = Button(desk.theme, desk.tr(f"action.{action.key}"), action.icon, action.role)
            button.setToolTip(QKeySequence(action.shortcut).toString(QKeySequence.SequenceFormat.NativeText))
            button.clicked.connect(lambda _=False, a=action: self.do(a))
            shortcut = QShortcut(QKeySequence(action.shortcut), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(lambda a=action: self.do(a))
            self._shortcuts.append(shortcut)
            assert line is not None
            line.addWidget(button, 1)
        if work.incident.open and work.incident.severity <= 2 and (numbers := to_ring_up(work)):
            calls = row(space=px(8)) if beside > 1 else column(space=px(8))
            for whom in numbers:
                button = Button(desk.theme, desk.tr(f"action.call_{whom}"), "phone")
                button.clicked.connect(lambda _=False, w=whom: self.call(w))
                calls.addWidget(button, 1)
            self.buttons.addLayout(calls)
        self._ask(self._asking)

    def call(self, whom: str) -> None:
        """Dial, show the number, and record that it was done."""
        if self._work is not None:
            self.dialled.setText(dial(self._desk, self._work, whom))
            self.dialled.show()
            self._step(EVIDENCE, called=whom)

    def do(self, action: Action) -> None:
        """Take the step, or ask first for what it needs."""
        if action.asks:
            self._ask(action)
        else:
            self._step(action.kind)

    def _ask(self, action: Action | None) -> None:
        desk = self._desk
        self._asking = action
        self.ask.setVisible(action is not None)
        if action is None:
            return
        self.asked.setText(desk.tr(f"action.{action.key}"))
        self.outcome.setVisible(action.asks == "outcome")
        self.outcome.offer([(o, term(desk.language, "outcome", o)) for o in OUTCOMES])
        self.person.setVisible(action.asks == "person")
        self.person.offer(self._incidents.colleagues())
        if not self.note.hasFocus() and not self.note.toPlainText():
            (
                self.outcome if action.asks == "outcome" else self.person if action.asks == "person" else self.note
            ).setFocus()

    def _answered(self) -> None:
        """Record what was asked for. Where that fails, all that was typed and chosen stays, to be tried again."""
        action, work, state = self._asking, self._work, self._desk.state
        if action is None or work is None or self.photos.busy:
            return
        payload: dict[str, object] = {}
        if action.asks == "outcome":
            payload["outcome"] = self.outcome.value
        if action.asks == "person":
            payload["to"] = [self.person.value]
        incident = work.incident
        try:
            if words := self.note.toPlainText().strip():
                payload |= state.sealed_note(incident.elder, words)
            if self.photos.jpegs:  # the pictures first: the step brings the page up to date
                state.photos.keep(incident.elder, "incident", incident.id, self.photos.jpegs)
                self.photos.take()
            self._incidents.step(incident.id, action.kind, **payload)
        except Mendable as e:
            self._complain(e)
            return
        self.note.clear()
        self._ask(None)

    def _step(self, kind: str, **payload: object) -> None:
        if self.incident_id is None:
            return
        try:
            self._incidents.step(self.incident_id, kind, **payload)
        except Mendable as e:
            self._complain(e)

    def _complain(self, error: Mendable) -> None:
        self.failed.emit(self._desk.language.tr(f"error.{error.code}", **error.details))


def work_elder(work: Work | None) -> str:
    return work.incident.elder if work else ""
