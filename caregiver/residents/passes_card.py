"""Passes for who visits a resident: those in force, the newest as a QR code, and a form for another."""

from datetime import date, time, timedelta

from PySide6.QtCore import QDate, QTime, Signal
from PySide6.QtWidgets import QCheckBox, QDateEdit, QLineEdit, QTimeEdit, QVBoxLayout, QWidget

from caregiver.layout import column, empty, row
from caregiver.residents.access import PassForm
from caregiver.residents.pass_sheet import PassSheet
from caregiver.residents.pass_words import for_maker, for_visitor
from caregiver.residents.way_lines import WayLines
from caregiver.residents.ways_in import Pass
from caregiver.ui import Choice, Desk, Words
from caregiver.wording import term
from domain.errors import Mendable
from offline.letters.notes import open_note
from offline.letters.passes import Kind
from qtkit.buttons import Button
from qtkit.flow import Flow
from qtkit.widgets import Card, roomy, text

DAYS = 7
FROM, TO = time(8), time(20)  # the hours that are offered
WEEKS_DAYS = 28  # a weekly pass is offered for so long


class PassesCard(Card):
    """`wanted(PassForm)`, `ended(Pass)`."""

    wanted = Signal(object)
    ended = Signal(object)

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk.theme)
        self._desk, self._words = desk, Words(desk, self)
        self._list, self.sheet = QVBoxLayout(), PassSheet(desk)
        title = text("", strong=True)
        self._words.put(title.setText, "residents.passes")
        self.body.addWidget(title)
        self.body.addLayout(self._list)
        self.body.addWidget(self.sheet)
        self.body.addLayout(self._form())
        desk.language.changed.connect(lambda _: self._offer())
        self._offer()
        self.forget()

    def _form(self) -> QVBoxLayout:
        desk, put = self._desk, self._words.put
        self.kind, self.note = Choice(), QLineEdit()
        self.note.setMaxLength(60)
        self.first, self.last = QDateEdit(), QDateEdit()
        for edit in (self.first, self.last):
            edit.setDisplayFormat("yyyy-MM-dd")
            edit.setCalendarPopup(True)
        self._began = self.first.date()
        self.first.dateChanged.connect(self._move)
        self.start, self.end = QTimeEdit(), QTimeEdit()
        roomy(desk.theme, self.start, self.end)
        self.weekdays = [QCheckBox() for _ in range(DAYS)]
        self.issue = Button(desk.theme, icon_name="qr", role="primary")
        self.issue.clicked.connect(lambda: self.wanted.emit(self.form()))
        self.holds = text("", "small", tone="muted")
        self.kind.currentIndexChanged.connect(lambda _: self._kind_changed())
        self.kind.activated.connect(lambda _: self._offer_days())
        self._days = QWidget()
        self._days.setLayout(column(Flow(*self.weekdays), space=0))
        changed = (self.first.dateChanged, self.last.dateChanged, self.start.timeChanged, self.end.timeChanged)
        for signal in (*changed, *(day.toggled for day in self.weekdays)):
            signal.connect(self._foresee)
        for setter, key in (
            (self.kind.setAccessibleName, "residents.pass_kind"), (self.note.setPlaceholderText, "residents.pass_note"),
            (self.note.setAccessibleName, "residents.pass_note"), (self.first.setAccessibleName, "residents.pass_first"),
            (self.last.setAccessibleName, "residents.pass_last"), (self.start.setAccessibleName, "rota.from"),
            (self.end.setAccessibleName, "rota.to"), (self.issue.setText, "residents.pass_issue"),
        ):  # fmt: skip
            put(setter, key)
        days, hours = row(self.first, text("–"), self.last), row(self.start, text("–"), self.end)
        for line in (days, hours):
            line.setStretch(0, 1)
            line.setStretch(2, 1)
        return column(row(self.kind, 1), self.note, days, hours, self._days, self.holds, self.issue)

    def form(self) -> PassForm:
        """What is filled in now."""
        days = tuple(n for n, day in enumerate(self.weekdays) if day.isChecked())
        note = self.note.text().strip()
        return PassForm(
            self.kind.value, _day(self.first), _day(self.last), _time(self.start), _time(self.end), days, note
        )

    def forget(self) -> None:
        """Nothing of the one before, and from today on; in the evening from tomorrow."""
        now = self._desk.state.now()
        day = now.date() if now.time() < TO else now.date() + timedelta(days=1)
        self.first.setDate(QDate(day.year, day.month, day.day))
        self.start.setTime(QTime(FROM.hour, FROM.minute))
        self.end.setTime(QTime(TO.hour, TO.minute))
        self._offer_days()
        self.note.clear()
        self.sheet.show_pass("", "")

    def show_made(self, code: str, form: PassForm) -> None:
        """The pass that was just made, as a code; it is kept nowhere."""
        self.sheet.show_pass(code, form.note, for_visitor(self._desk.language, form))
        self.note.clear()

    def _foresee(self) -> None:
        """Say when it would open the gate, before it is made: in the evening tomorrow is proposed."""
        desk = self._desk
        try:
            words = for_maker(desk.language, self.form(), desk.state.now())
        except Mendable as why:
            words = desk.language.tr(f"error.{why.code}")
        self.holds.setText(words)

    def show_passes(self, person: str, passes: tuple[Pass, ...], lines: WayLines) -> None:
        desk, now = self._desk, self._desk.state.now().timestamp()
        empty(self._list)
        self._foresee()
        live = [p for p in passes if p.state(now) in ("good", "early", "ending")]
        if not live:
            self._list.addWidget(text(desk.tr("residents.no_passes"), "small", tone="muted"))
        for each in live:
            name = open_note(desk.state.keys, person, each.note) or term(desk.language, "pass_kind", each.kind)
            buttons = []
            if each.ended is None:
                button = Button(desk.theme, desk.tr("residents.pass_end"), role="quiet")
                button.setAccessibleName(f"{desk.tr('residents.pass_end')} · {name}")
                button.clicked.connect(lambda _=False, p=each: self.ended.emit(p))
                buttons.append(button)
            lines.add(self._list, name, each.state(now), each.ended or each.given, self._when(each), buttons)

    def _when(self, each: Pass) -> str:
        desk, local = self._desk, self._desk.state.local
        first, last = local(each.not_before * 1000), local(each.expires * 1000)
        if each.kind == Kind.ONCE:
            return desk.tr("residents.pass_once_when", first=f"{first:%m-%d %H:%M}", last=f"{last:%m-%d %H:%M}")
        on = " ".join(term(desk.language, "weekday", str(d)) for d in each.days) or desk.tr("rota.daily")
        hours = f"{each.start // 60:02}:{each.start % 60:02}–{each.end // 60:02}:{each.end % 60:02}"
        over = last - timedelta(seconds=1)
        return f"{on} {hours} · {desk.tr('residents.until', day=f'{over:%m-%d}')}"

    def _offer(self) -> None:
        tongue = self._desk.language
        self.kind.offer([(k.value, term(tongue, "pass_kind", k.value)) for k in Kind])
        for number, day in enumerate(self.weekdays):
            day.setText(term(tongue, "weekday", str(number)))
        self._kind_changed()

    def _kind_changed(self) -> None:
        self._days.setVisible(self.kind.value == Kind.WEEKLY)
        self._foresee()

    def _move(self, first: QDate) -> None:
        """The last day goes with the first: the pass is meant to last as long on another day."""
        self.last.setDate(self.last.date().addDays(self._began.daysTo(first)))
        self._began = first

    def _offer_days(self) -> None:
        """A single visit is today's, a weekly one four weeks long, unless somebody says otherwise."""
        self.last.setDate(self.first.date().addDays(0 if self.kind.value == Kind.ONCE else WEEKS_DAYS - 1))


def _day(edit: QDateEdit) -> date:
    chosen = edit.date()
    return date(chosen.year(), chosen.month(), chosen.day())


def _time(edit: QTimeEdit) -> time:
    return time(edit.time().hour(), edit.time().minute())
