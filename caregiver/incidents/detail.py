"""One incident: what it is, what to do next, how far the ladder is, and everything that happened."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QWidget

from caregiver.incidents import records
from caregiver.incidents.actions import Action, next_step, offered
from caregiver.incidents.asking import Asked
from caregiver.incidents.at_gate import noticed, trouble
from caregiver.incidents.desk import IncidentDesk
from caregiver.incidents.on_the_way import OnTheWay
from caregiver.incidents.step_buttons import StepButtons
from caregiver.incidents.story import Story
from caregiver.incidents.subject import CONTACT, dial, name_of
from caregiver.incidents.work import Work
from caregiver.layout import column, row, scrolling
from caregiver.memory.contacts import Contact
from caregiver.ui import Desk, Words
from caregiver.wording import begin, clock_span, stamp, term
from domain.errors import Mendable
from domain.incident_kinds import EVIDENCE, EXTENDED, SILENCES, STEP_WITHDRAWN, Kind, State
from domain.subjects import is_crowd, is_stray
from qtkit.buttons import Button
from qtkit.widgets import Banner, Card, Chip, EmptyState, text

NOTE = Action(EVIDENCE, "note", "note", "", asks="note")
SPECIAL: dict[str, Callable[[IncidentDesk, str], object]] = {  # steps that say more than that they were taken
    STEP_WITHDRAWN: IncidentDesk.withdraw,
    EXTENDED: IncidentDesk.approve,
}


class IncidentDetail(QWidget):
    """`elder_chosen(person)` when their page is asked for, `failed(sentence)` when a step was not kept, `moved_on` when what
    the keyboard was on went: a button whose step was taken, a form that was put away."""

    elder_chosen = Signal(str)
    failed = Signal(str)
    moved_on = Signal()

    def __init__(self, desk: Desk, incidents: IncidentDesk, page: QWidget) -> None:
        super().__init__()
        self._desk, self._incidents, self._words = desk, incidents, Words(desk, self)
        self._page = page  # on which the keys of the steps are good
        self.incident_id: str | None = None
        self._work: Work | None = None
        self._build()
        desk.language.changed.connect(lambda _: self.refresh())
        self.refresh()

    def _build(self) -> None:
        desk, px = self._desk, self._desk.theme.px
        self.head = Card(desk.theme, edge="alarm")
        self.title, self.chip = text("", "title"), Chip(desk.theme, "alarm")
        self.line, self.clock = text("", "body"), text("", "body", tone="muted")
        self.also = text("", "body")
        self.warning, self.pending = Banner(desk.theme), Banner(desk.theme)
        self.add_note = Button(desk.theme, icon_name="note", role="quiet")
        self.add_note.clicked.connect(lambda: self.do(NOTE))
        self.open_elder = Button(desk.theme, icon_name="person", role="quiet")
        self.open_elder.clicked.connect(lambda: self.elder_chosen.emit(work_elder(self._work)))
        head = row(self.title, self.chip)
        head.setStretch(0, 1)
        self.head.body.addLayout(head)
        self.head.body.addWidget(self.line)
        self.head.body.addWidget(self.clock)
        self.head.body.addWidget(self.also)
        self.dialled = text("", "title")
        self.dialled.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.dialled.hide()
        self.steps = StepButtons(desk, self._page, self.add_note, self.open_elder)
        self.steps.pressed.connect(self.do)
        self.steps.called.connect(self.call)
        self.steps.gone.connect(self.moved_on)
        self.ask = Asked(desk, self._incidents, "incident")
        self.ask.failed.connect(self._complain)
        self.ask.left.connect(self.moved_on)
        self.way = OnTheWay(desk)
        self.story = Story(desk, self.way)
        self.way.called.connect(self._ring_up)
        inner = QWidget()
        lines = column(
            self.head,
            self.warning,
            self.steps,
            self.dialled,
            self.ask,
            self.steps.below,
            self.pending,
            self.story,
            1,
            space=px(8),
        )
        lines.setContentsMargins(px(8), 0, px(4), px(4))
        inner.setLayout(lines)
        self.area = scrolling(inner)
        self.nothing = EmptyState(desk.theme, "bell", "")
        self.setLayout(column(self.area, self.nothing))
        put = self._words.put
        put(self.add_note.setText, "action.note")
        put(self.open_elder.setText, "incidents.open_elder")
        put(self.nothing.say, "incidents.choose")

    def show_incident(self, incident: str | None) -> None:
        if incident != self.incident_id:
            self.ask.leave()
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
            allowed = self._incidents.allowed(self._work.incident.id)
            self.steps.offer(self._work, offered(allowed), next_step(self._work.incident, allowed))
            if self.ask.action is not None:
                self.ask.ask(self.ask.action, self._work)
            self.way.show_work(self._work)
            self.story.show_work(self._work)

    def _head(self, work: Work) -> None:
        desk, tongue, incident = self._desk, self._desk.language, work.incident
        name = name_of(desk, work.person, work.of_equipment, work.place)
        self.title.setText(f"{name} · {term(tongue, 'kind', incident.kind)}")
        unanswered = bool(self._incidents.ringing()) and incident.open and not incident.accepted_by
        token = "alarm" if unanswered and incident.severity <= 2 else "overdue" if incident.open else "well"
        token = "due" if incident.state is State.CLOSED_REVIEW_DUE else token
        self.head.set_edge(token)
        self.chip.show_state(token, term(tongue, "incident_state", incident.state))
        self.open_elder.setVisible(work.person is not None)
        flat = work.person.profile.flat if work.person else ""
        severity = desk.tr(f"severity.{int(incident.severity)}")
        self.line.setText(
            " · ".join(
                p
                for p in (flat, "" if work.of_equipment or work.place == flat else desk.place(work.place), severity)
                if p
            )
        )
        self.also.setText(self._also(work))
        self.also.setVisible(bool(self.also.text()))
        warning, token = self._warning(work), "overdue" if incident.confirmed else "alarm"
        self.warning.say(warning, token, "info")
        # below what one presses: it comes and goes with every step
        self.pending.say(desk.tr("incidents.pending") if work.pending else "", "overdue", "info")
        self.tick()

    def _warning(self, work: Work) -> str:
        """The one thing that must be known before anything is done about it."""
        desk, incident = self._desk, work.incident
        if not incident.confirmed:
            return desk.tr("alarm.unconfirmed")
        if incident.exercise:
            return desk.tr("incidents.drill")
        if is_crowd(incident.elder):
            return desk.tr("alarm.crowd", n=incident.evidence + 1)
        if is_stray(incident.elder):
            return desk.tr("alarm.stray")
        if incident.quiet_sensors:
            return desk.language.tr("incident.line.quiet_sensors")
        if incident.kind is Kind.GATE_NOTICE:
            return noticed(desk, work)
        if incident.kind in (Kind.GATE_TROUBLE, Kind.KIOSK_SILENT):
            return trouble(desk, work)
        if incident.kind in (Kind.RECORDS_ALTERED, Kind.RECORDS_WITHHELD):
            return records.found(desk, work)
        return ""

    def _also(self, work: Work) -> str:
        """What it was merged into, what became of a request for more time, and by which rule a silence rings."""
        desk, incident = self._desk, work.incident
        if incident.merged_into is not None and (into := self._incidents.work(incident.merged_into)) is not None:
            at = stamp(desk.state.local(into.incident.happened_at))
            return desk.tr("incidents.merged_into", kind=term(desk.language, "kind", into.incident.kind), at=at)
        if incident.extension_asked is not None:
            until, by = incident.extension_asked
            return desk.tr(
                "incidents.time_asked", name=desk.state.name_of(by), until=f"{desk.state.local(until):%Y-%m-%d}"
            )
        if incident.extended_until is not None:
            return desk.tr("incidents.time_given", until=f"{desk.state.local(incident.extended_until):%Y-%m-%d}")
        rule = term(desk.language, "rule", incident.rule)
        if incident.kind in SILENCES and incident.since is not None and rule != incident.rule:
            return desk.tr("incidents.silent_since", rule=begin(rule), at=stamp(desk.state.local(incident.since)))
        return ""

    def tick(self) -> None:
        work, desk = self._work, self._desk
        if work is None:
            return
        now, incident = desk.state.now(), work.incident
        began = desk.state.local(incident.happened_at)
        if incident.open:
            words = desk.tr("alarm.since", at=f"{began:%m-%d %H:%M:%S}", span=clock_span(desk.language, now - began))
        else:
            words = f"{began:%Y-%m-%d %H:%M:%S}"
        if work.next_level is not None:
            level, at = work.next_level
            words += " · " + desk.tr(
                "incidents.next",
                level=term(desk.language, "level", str(int(level))),
                left=clock_span(desk.language, at - now),
            )
        self.clock.setText(words)

    def call(self, whom: str) -> None:
        """Dial, show the number, and record that it was done."""
        if self._work is not None:
            self.dialled.setText(dial(self._desk, self._work, whom))
            self.dialled.show()
            self._try(lambda desk, id: desk.step(id, EVIDENCE, called=whom))

    def _ring_up(self, contact: Contact) -> None:
        """A relative or a neighbour, and record that it was done."""
        if self._work is not None:
            self.dialled.setText(dial(self._desk, self._work, contact.phone))
            self.dialled.show()
            self._try(lambda desk, id: desk.step(id, EVIDENCE, called=CONTACT, contact=contact.person))

    def do(self, action: Action) -> None:
        """Take the step, or ask first for what it needs."""
        if action.asks and self._work is not None:
            self.ask.ask(action, self._work)
            QTimer.singleShot(0, self, partial(self.area.ensureWidgetVisible, self.ask.ok))  # once it is laid out
        elif self.incident_id is not None:
            self._try(SPECIAL.get(action.kind, lambda desk, id: desk.step(id, action.kind)))

    def _try(self, step: Callable[[IncidentDesk, str], object]) -> None:
        if self.incident_id is None:
            return
        try:
            step(self._incidents, self.incident_id)
        except Mendable as e:
            self._complain(e)

    def _complain(self, error: Mendable) -> None:
        self.failed.emit(self._desk.language.tr(f"error.{error.code}", **error.details))


def work_elder(work: Work | None) -> str:
    return work.incident.elder if work else ""
