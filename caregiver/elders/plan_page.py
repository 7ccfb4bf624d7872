"""The care plan: times, quiet hours, away, whom to ask; in plain words beside it, with what it would have done last quarter."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import time
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from caregiver.elders.contacts_card import ContactsCard
from caregiver.elders.counted_card import CountedCard
from caregiver.elders.judging import agreed_plan
from caregiver.elders.last_quarter import LastQuarter
from caregiver.elders.left_alone import LeftAlone
from caregiver.elders.plan_fields import WindowRow
from caregiver.elders.plans import plain_of, summary
from caregiver.elders.presenter import Elders
from caregiver.elders.proposals import standing
from caregiver.elders.reach_card import ReachCard
from caregiver.elders.responders import ForResponders
from caregiver.elders.sensors import sensors
from caregiver.elders.sensors_card import SensorsCard
from caregiver.elders.silence_card import SilenceCard
from caregiver.layout import Side, beside, column, empty, row
from caregiver.memory.changes import Changes
from caregiver.ui import Desk, Words, at_scale
from domain.careplan import CarePlan, Window
from domain.events import fresh_id
from qtkit.buttons import Button
from qtkit.widgets import Banner, Card, text
from watch.plans import NOT_THEIRS, PROPOSED, REFUSED, SET, answer_id

FIELDS_PX = 440


@dataclass(frozen=True, slots=True)
class Draft:
    """A change of a plan that somebody is making: what it is made from, and the fields as they are."""

    base: str
    before: CarePlan
    beside: Mapping[str, Any]
    plan: CarePlan
    charge: str
    typed: tuple[str, str]
    reach: Mapping[str, Any]
    responders: Mapping[str, str]


class PlanPage(QWidget):
    """`back` to the elder's page; `gone` where nobody is here any more whose plan it was."""

    back, gone = Signal(), Signal()

    def __init__(self, desk: Desk, elders: Elders) -> None:
        super().__init__()
        self._desk, self._elders, self._words = desk, elders, Words(desk, self)
        self.person = ""
        self._before: CarePlan | None = None  # as saved
        self._base = ""  # the fact that `_before` is, or will be once the district takes it
        self._refused: CarePlan | None = None  # what was not taken
        self._undo: CarePlan | None = None
        self._beside: Mapping[str, Any] = {}  # what the payload said beside the plan
        self._undo_beside: Mapping[str, Any] = {}
        self._refused_beside: Mapping[str, Any] = {}
        self._rows: list[WindowRow] = []
        self._drafts: dict[str, Draft] = desk.state.begun("plan")  # by elder: an alarm leads away from what one writes
        self._waits = False  # for the district's answer to what was saved here
        self._build()
        desk.language.changed.connect(self._retranslate)

    def _build(self) -> None:
        desk, put = self._desk, self._words.put
        self.return_ = Button(desk.theme, icon_name="left", role="quiet")
        self.return_.clicked.connect(self.back)
        self.title = text("", "title")
        self.save, self.undo = Button(desk.theme, icon_name="check", role="primary"), Button(desk.theme, role="quiet")
        self.save.clicked.connect(self._save)
        self.undo.clicked.connect(self._take_back)
        self.undo.hide()
        self.said = Banner(desk.theme)
        self.mine = Button(desk.theme, role="quiet")
        self.mine.clicked.connect(self._take_up)
        self.said.add(self.mine)
        form, self._windows = Card(desk.theme), QVBoxLayout()
        self.times_title = text("", strong=True)
        self.add = Button(desk.theme, icon_name="plus", role="quiet")
        self.add.clicked.connect(self._add_new)
        form.body.addWidget(self.times_title)
        form.body.addLayout(self._windows)
        form.body.addLayout(row(self.add, 1))
        self.alone, self.contacts, self.help = LeftAlone(desk), ContactsCard(desk), ForResponders(desk)
        self.counted, self.silence, self.sensors = CountedCard(desk), SilenceCard(desk), SensorsCard(desk)
        self.reach = ReachCard(desk)
        for part in (self.alone, self.contacts, self.counted, self.silence, self.sensors, self.reach):
            part.changed.connect(self._changed)
        folded = column(self.counted, self.silence, self.sensors, self.reach)
        left, right = QWidget(), QWidget()
        left.setLayout(column(form, self.alone, folded, self.contacts, self.help, 1))
        self.meaning, self.past = Card(desk.theme), LastQuarter(desk)
        self.past.foreseen.connect(self.silence.foresee)
        right.setLayout(column(self.meaning, self.past, 1))
        fields, told = Side(desk, left), Side(desk, right)
        at_scale(desk.theme, fields, QWidget.setMinimumWidth, FIELDS_PX)
        body = beside(fields, told, space=desk.theme.px(12), shares=(3, 2))
        head = row(self.return_, self.title, self.undo, self.save)
        head.setStretch(1, 1)
        whole = column(head, self.said, body)
        whole.setStretch(2, 1)
        self.setLayout(whole)
        put(self.return_.setText, "do.back")
        put(self.save.setText, "do.save")
        put(self.undo.setText, "do.undo")
        put(self.mine.setText, "plan.take_up")
        put(self.times_title.setText, "plan.times")
        put(self.add.setText, "plan.add")

    def _retranslate(self) -> None:
        if self._before is not None:
            self._fill_times(self.plan())
            self._changed()
            self._say()

    def show_person(self, person: str) -> None:
        """What somebody was writing stays, here and for when they come back to it."""
        self._keep()
        if person == self.person and person in self._drafts:
            self._say_begun()
            return
        self._show(person)
        if (draft := self._drafts.get(person)) is not None:
            self._base, self._before, self._beside = draft.base, draft.before, draft.beside
            self._go_on(draft)
            self._say_begun()

    def hideEvent(self, event: QHideEvent) -> None:
        """Also where the window goes, as whoever sits here is signed out."""
        self._keep()
        super().hideEvent(event)

    def _keep(self) -> None:
        if self._before is not None and self._writes:
            self._drafts[self.person] = self._draft()
        else:
            self._drafts.pop(self.person, None)

    def _say_begun(self) -> None:
        """It can be dropped as well."""
        self._undo = None
        self.undo.show()
        self.said.say(self._desk.tr("plan.begun"), "due", "info")

    def _show(self, person: str) -> None:
        state = self._desk.state
        self.person = person
        self._undo = None
        self.undo.hide()
        found = standing(state.reader, person, state.session.person)
        self._base, self._before = found.base, agreed_plan(state.reader, person, found.plan or None)
        self.help.show_person(person, found.plan)
        self._beside = found.plan
        self._fill(self._before)
        self._say()

    @property
    def _writes(self) -> bool:
        """Whether something in the fields is not saved."""
        beside = self.help.changed or self.contacts.touched or self.reach.touched or any(self.contacts.typed)
        return bool(beside) or self.plan() != self._before

    def _draft(self) -> Draft:
        assert self._before is not None
        return Draft(
            self._base, self._before, self._beside, self.plan(), self.contacts.caregiver.value, self.contacts.typed,
            self.reach.beside(), self.help.changed,
        )  # fmt: skip

    def _go_on(self, draft: Draft) -> None:
        self._fill(draft.plan)
        self.contacts.put_back(draft.charge, draft.typed)
        self.reach.take(draft.plan, draft.reach)
        self.help.write_over(draft.responders)

    def heard(self, changes: Changes) -> None:
        """The district has said something about a plan. What is being written is compared when it is saved. Where ours was refused
        what stands is shown, under the words that were typed; what else was written is taken up with what was refused."""
        known = self._desk.state.people
        for person in [person for person in self._drafts if known.find(person) is None]:
            del self._drafts[person]
        if self._before is None or self.person not in changes.people:
            return
        if known.find(self.person) is None:
            self._leave()
            return
        if not changes.kinds & {PROPOSED, SET, REFUSED}:
            return
        found = standing(self._desk.state.reader, self.person, self._desk.state.session.person)
        refused = self._waits and found.proposal is not None and not found.proposal.waiting
        draft = self._draft() if self._writes else None
        if found.base == self._base or not (refused or draft is None):
            self._say()
            return
        self._show(self.person)
        if draft is not None:
            self._refused = draft.plan
            self._refused_beside = {**self._refused_beside, "caregiver": draft.charge, **draft.reach}
            self.contacts.put_back(self.contacts.caregiver.value, draft.typed)
            self.help.write_over(draft.responders)

    def _leave(self) -> None:
        """Whoever was erased, or has left what this desk may see, leaves the screen as well."""
        shown, self.person = self.isVisible(), ""
        self._show("")
        self._before = None
        if shown:
            self.gone.emit()

    def _say(self) -> None:
        """How the last change made here stands."""
        desk, state = self._desk, self._desk.state
        proposal = standing(state.reader, self.person, state.session.person).proposal
        self._refused, self._waits = None, proposal is not None and proposal.waiting
        if proposal is None:
            self.said.say(desk.tr("plan.saved") if self._undo is not None else "", "well", "check")
        elif proposal.waiting:
            self.said.say(desk.tr("plan.waiting"), "due", "clock")
        else:
            why = "plan.not_yours" if proposal.because == NOT_THEIRS else "plan.superseded"
            self._refused = agreed_plan(state.reader, self.person, proposal.plan)
            self._refused_beside = proposal.plan
            self.said.say(desk.tr(why, name=self._changer()), "overdue", "attention")
        self.mine.setVisible(self._refused is not None and proposal is not None and proposal.because != NOT_THEIRS)

    def _changer(self) -> str:
        """Who made the plan that stands, as far as they are known here."""
        state = self._desk.state
        name = state.known_name(str((self._elders.board.plan(self.person) or {}).get("by", "")))
        return name or self._desk.tr("plan.somebody")

    def _take_up(self) -> None:
        """Put what was refused into the fields again, to be looked at and saved over what stands now."""
        if self._refused is not None:
            self._fill(self._refused)
            self.contacts.caregiver.choose(str(self._refused_beside.get("caregiver") or ""))
            self.reach.take(self._refused, self._refused_beside)

    def _fill_times(self, plan: CarePlan) -> None:
        person = self._desk.state.people.find(self.person)
        self.title.setText(self._desk.tr("plan.title", name=person.name if person else ""))
        self._rows = []
        empty(self._windows)
        for window in plan.windows:
            self._add(window, quietly=True)

    def _fill(self, plan: CarePlan) -> None:
        self._fill_times(plan)
        for part in (self.alone, self.counted, self.silence, self.sensors):
            part.fill(plan)
        self._fill_beside(plan, self._beside)
        self._changed()

    def _fill_beside(self, plan: CarePlan, beside: Mapping[str, Any]) -> None:
        for part in (self.contacts, self.reach):
            part.fill(plan, beside)

    def _add_new(self) -> None:
        """Under a name that no other has or had: what is missed of a window rings once a day under its name."""
        self._add(Window(fresh_id(self._desk.state.clock.now_ms()), time(9), time(11)))

    def _add(self, window: Window, quietly: bool = False) -> None:
        line = WindowRow(self._desk, window)
        line.changed.connect(self._changed)
        line.gone.connect(lambda: self._drop(line))
        self._rows.append(line)
        self._windows.addWidget(line)
        last: QWidget = self.save
        for one in self._rows:
            last = one.follow(last)
        self.setTabOrder(last, self.add)
        if not quietly:
            self._changed()

    def _drop(self, line: WindowRow) -> None:
        self._rows.remove(line)
        line.hide()
        line.deleteLater()
        self._changed()

    def plan(self) -> CarePlan:
        """The plan as the fields have it now."""
        assert self._before is not None
        plan = replace(self._before, windows=tuple(r.read() for r in self._rows))
        for part in (self.alone, self.counted, self.silence, self.sensors, self.contacts, self.reach):
            plan = part.read(plan)
        return plan

    def _changed(self) -> None:
        if self._before is None:
            return
        desk, plan = self._desk, self.plan()
        empty(self.meaning.body)
        self.meaning.body.addWidget(text(desk.tr("plan.means"), strong=True))
        known = sensors(desk.state.reader, self.person, desk.language)
        for line in summary(plan, desk.language, desk.state.zone, self.reach.beside(), known):
            self.meaning.body.addWidget(text(line))
        self.past.ask(plan)

    def _save(self) -> None:
        if self.help.unread:
            self.said.say(self._desk.tr("responders.unread"), "overdue", "attention")
            self.help.place.setFocus()
            return
        if any(self.contacts.typed):
            self.said.say(self._desk.tr("contacts.unread"), "overdue", "attention")
            self.contacts.name.setFocus()
            return
        before, after = self._before, self.plan()
        assert before is not None
        self._undo_beside = self._beside
        self._fill_beside(self._record(after), self._beside)
        self._undo = before
        self.undo.show()
        self._say()

    def _take_back(self) -> None:
        if self._undo is not None:
            self._fill_beside(self._undo, self._undo_beside)
            self._fill(self._record(self._undo))
            self._undo = None
            self.undo.hide()
            self._say()
        else:
            self._show(self.person)

    def _record(self, plan: CarePlan) -> CarePlan:
        """Propose a new revision. The district takes it where it was made from the plan that stands there, and says so."""
        state = self._desk.state
        plain = standing(state.reader, self.person, state.session.person).plan
        saved = replace(plan, revision=int(plain.get("revision", 0)) + 1)
        payload = {
            **plain,
            **self.help.sealed(),
            **self.contacts.beside(),
            **plain_of(saved, **self.reach.beside()),
            "by": state.session.person,
            "base": self._base,
        }
        fact = state.journal.append(PROPOSED, payload, subject=self.person)
        self._before, self._base, self._beside = saved, answer_id(fact.envelope.id), payload
        self.help.show_person(self.person, payload)
        state.hurry()
        state.take()
        return saved
