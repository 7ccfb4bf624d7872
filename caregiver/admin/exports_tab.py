"""Taking records out: who asks for what and why, whom it takes to allow it, and the hour in which it can be fetched."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QLabel, QLineEdit, QWidget

from caregiver.admin.accounts import Account
from caregiver.admin.exports import REASONS, WHATS, Export
from caregiver.admin.presenter import Administration
from caregiver.layout import Side, beside, column
from caregiver.parts.person_choice import PersonChoice
from caregiver.parts.rest_of_line import rest_of_line
from caregiver.parts.save_as import save_as
from caregiver.parts.tables import Column, Table, TableModel
from caregiver.parts.working import Working
from caregiver.ui import Choice, Desk, Words
from caregiver.wording import term
from domain.errors import Mendable
from domain.events import to_ms
from qtkit.background import Job, Otherwise
from qtkit.buttons import Button
from qtkit.widgets import Banner, Card, EmptyState, text

TOKEN = {"asked": "due", "allowed": "well", "refused": "muted", "expired": "muted"}
SIDE_PX = 352
LOOK_MS = 15_000  # while it is open: what another decided stands for an hour
DAYS = {"all": 0, "month": 31, "year": 366}


class ExportsTab(QWidget):
    """Needs the district, like the people: what cannot be asked of it is said, and nothing old is shown."""

    def __init__(self, desk: Desk, administration: Administration) -> None:
        super().__init__()
        self._desk, self._administration, self._words = desk, administration, Words(desk, self)
        self._names: dict[str, str] = {}
        self._job: Job | None = None
        self._again = QTimer(self, interval=LOOK_MS)
        self._again.timeout.connect(self._look)
        self.said, self.working = Banner(desk.theme), Working(desk)
        self.model = TableModel(desk, self._columns())
        self.table = Table(desk, self.model, "exports")
        self.none = EmptyState(desk.theme, "lock", "")
        self.allow = Button(desk.theme, icon_name="check", role="primary")
        self.refuse, self.fetch = (
            Button(desk.theme, icon_name="close"),
            Button(desk.theme, icon_name="down-file", role="primary"),
        )
        self.what, self.reason, self.period = Choice(), Choice(), Choice()
        self.person, self.reference = PersonChoice(desk), QLineEdit()
        self.ask = Button(desk.theme, icon_name="plus", role="primary")
        self._build()
        self.table.selectionModel().currentRowChanged.connect(lambda *_: self._choose())
        desk.language.changed.connect(lambda _: self._offer())
        self._offer()
        self._choose()

    def _build(self) -> None:
        desk, put, px = self._desk, self._words.put, self._desk.theme.px
        self.chosen, self.new = Card(desk.theme), Card(desk.theme, edge="lantern")
        self.about, self.stands = text("", strong=True), text("", "small", tone="muted")
        for part in (self.about, self.stands, self.allow, self.refuse, self.fetch):
            self.chosen.body.addWidget(part)
        title, self.person_label = text("", "title"), QLabel()
        put(title.setText, "exports.ask_title")
        self.new.body.addWidget(title)
        self.reference.setMaxLength(64)
        for field, key in (
            (self.what, "exports.what"), (self.person, "exports.person"), (self.reason, "exports.reason"),
            (self.reference, "exports.reference"), (self.period, "exports.period"),
        ):  # fmt: skip
            label = self.person_label if field is self.person else QLabel()
            label.setBuddy(field)
            put(label.setText, key)
            put(field.setAccessibleName, key)
            self.new.body.addWidget(label)
            self.new.body.addWidget(field)
        hint = text("", "small", tone="muted")
        put(hint.setText, "exports.hint")
        self.new.body.addWidget(self.ask)
        self.new.body.addWidget(hint)
        for setter, key in (
            (self.allow.setText, "exports.allow"), (self.refuse.setText, "exports.refuse"), (self.fetch.setText, "exports.fetch"),
            (self.ask.setText, "exports.ask"), (self.table.setAccessibleName, "admin.exports"), (self.none.say, "exports.none"),
            (self.reference.setPlaceholderText, "exports.reference_hint"),
            (self.person.setPlaceholderText, "board.search"),
        ):  # fmt: skip
            put(setter, key)
        right = QWidget()
        right.setLayout(column(self.chosen, self.new, 1, space=px(8)))
        left = QWidget()
        left.setLayout(column(self.table, self.none, rest_of_line(desk, self.table, self.model)))
        body = beside(left, Side(desk, right, SIDE_PX), space=px(8), shares=(1, 0))
        whole = column(body, self.working, self.said, margins=px(8))
        whole.setStretch(0, 1)
        self.setLayout(whole)
        self.what.currentIndexChanged.connect(lambda _: self._about_whom())
        self.allow.clicked.connect(lambda: self._decide(True))
        self.refuse.clicked.connect(lambda: self._decide(False))
        self.fetch.clicked.connect(self._fetch)
        self.ask.clicked.connect(self._ask)

    def _columns(self) -> list[Column]:
        desk, tongue = self._desk, self._desk.language

        def day(ms: int) -> str:
            return f"{desk.state.local(ms):%m-%d}"

        def minute(ms: int) -> str:
            return f"{desk.state.local(ms):%Y-%m-%d %H:%M}"

        return [
            Column(
                "state", lambda e: term(tongue, "export_state", e.state), 120, lambda e: TOKEN[e.state], symbol=True
            ),
            Column("data", self._what, 176),
            Column("reason", lambda e: " ".join((term(tongue, "export_reason", e.reason), e.reference)), 176),
            Column(
                "asked_by",
                lambda e: f"{self._name(e.asked_by)} {day(e.asked)}",
                144,
                exact=lambda e: f"{self._name(e.asked_by)} {minute(e.asked)}",
            ),
            Column(
                "decided_by",
                lambda e: f"{self._name(e.decided_by)} {day(e.decided)}" if e.decided else "",
                144,
                exact=lambda e: f"{self._name(e.decided_by)} {minute(e.decided)}" if e.decided else "",
            ),
            Column("taken", lambda e: str(e.taken or ""), 64, right=True),
        ]

    def _what(self, export: Export) -> str:
        if export.what != "person":
            return term(self._desk.language, "export_what", export.what)
        return self._desk.tr("exports.record_of", name=self._desk.state.name_of(export.person))

    def _name(self, person: str) -> str:
        return self._names.get(person) or self._desk.state.name_of(person)

    def people_known(self, accounts: list[Account]) -> None:
        self._names = {a.person: a.name for a in accounts}
        if self.model.rows:
            self._show(self.model.rows)  # what was chosen stays so: its buttons would press nothing

    # ---- what is shown ----------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        if (exports := self._administration.exports) is None:
            self._show([])
            self._complain(Mendable("exports_sign_in"))
        else:
            self._do(exports.all, self._show)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._again.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._again.stop()

    def _look(self) -> None:
        """Whether the other person has decided, or somebody has asked; not while something else is under way."""
        if self._job is None and (exports := self._administration.exports) is not None:
            self._do(exports.all, lambda found: None if found == self.model.rows else self._show(found), self._unseen)

    def _unseen(self, error: Exception) -> None:
        """Nobody asked for this look, and the next comes by itself: what was said last stays."""
        self._job = None
        if not isinstance(error, Mendable):
            raise error

    def _show(self, found: list[Export]) -> None:
        kept = self.table.current()
        self.model.show(found)
        self.table.setVisible(bool(found))
        self.none.setVisible(not found)
        if found:
            self.table.selectRow(next((n for n, e in enumerate(found) if kept and e.id == kept.id), 0))
        self._choose()

    def _choose(self) -> None:
        export: Export | None = self.table.current() if self.model.rows else None
        self.chosen.setVisible(export is not None)
        if export is None:
            return
        mine = export.asked_by == self._desk.state.session.person
        self.about.setText(self._what(export))
        hint = "own" if mine and export.state == "asked" else export.state
        self.stands.setText(self._desk.tr(f"exports.is_{hint}", name=self._name(export.asked_by)))
        for button in (self.allow, self.refuse):
            button.setVisible(export.state == "asked" and not mine)
        self.fetch.setVisible(export.state == "allowed" and mine)

    def _offer(self) -> None:
        tongue = self._desk.language
        self.what.offer([(w, term(tongue, "export_what", w)) for w in WHATS])
        self.reason.offer([(r, term(tongue, "export_reason", r)) for r in REASONS])
        self.period.offer([(d, self._desk.tr(f"exports.period_{d}")) for d in DAYS])
        self._about_whom()
        self._choose()

    def _about_whom(self) -> None:
        for part in (self.person_label, self.person):
            part.setVisible(self.what.value == "person")

    # ---- what is done -----------------------------------------------------------------------------------------------

    def _ask(self) -> None:
        exports, what, person = self._administration.exports, self.what.value, self.person.value
        if exports is None or (what == "person" and not person):
            self.person.setFocus()
            if what == "person" and not person:
                self.said.say(self._desk.tr("exports.whom"), "overdue", "attention")
            return
        days = DAYS.get(self.period.value, 0)
        since = to_ms(self._desk.state.now()) - days * 86_400_000 if days else 0
        reason, reference = self.reason.value, self.reference.text().strip()

        def done(_: Any) -> None:
            self.reference.clear()
            self.person.clear()
            self._done("exports.asked")

        self._do(lambda: exports.ask(what, reason, reference, person if what == "person" else "", since), done)

    def _decide(self, allow: bool) -> None:
        export: Export | None = self.table.current()
        if export is not None and (exports := self._administration.exports) is not None:
            key = "exports.allowed" if allow else "exports.refused"
            self._do(lambda: exports.decide(export, allow), lambda _: self._done(key))

    def _fetch(self) -> None:
        export: Export | None = self.table.current()
        exports = self._administration.exports
        if export is None or exports is None:
            return
        path = save_as(self, self.fetch.text(), f"{export.id}.jsonl", "JSON (*.jsonl)")
        if not path:
            return
        self.working.run(
            self._desk.tr("exports.fetching"), lambda told: exports.fetch(export, Path(path), told),
            lambda _: self._done("exports.fetched", path=path), self._failed,
            lambda: self.said.say(self._desk.tr("do.stopped"), "muted", "info"),
        )  # fmt: skip

    def _done(self, key: str, **details: object) -> None:
        self.refresh()
        self.said.say(self._desk.tr(key, **details), "well", "check")

    def _do(self, work: Callable[[], Any], then: Callable[[Any], object], otherwise: Otherwise | None = None) -> None:
        """Off the window's thread; the newest asked for is the one that counts."""
        if self._job is not None:
            self._job.cancel()

        def done(found: Any) -> None:
            self._job = None
            then(found)

        self._job = self._desk.background.run(work, done, otherwise or self._failed, self, asks=True)

    def _failed(self, error: Exception) -> None:
        self._job = None
        if isinstance(error, OSError):
            why = error.strerror or str(error)
            self.said.say(self._desk.tr("report.not_saved", path=error.filename, why=why), "alarm", "attention")
        elif isinstance(error, Mendable):
            self._complain(error)
        else:
            raise error

    def _complain(self, error: Mendable) -> None:
        self.said.say(self._desk.language.tr(f"error.{error.code}", **error.details), "overdue", "attention")
