"""Who is on duty when: the shifts of the community, and the coming week drawn hour by hour with its holes.

The rota is a fact and can be drawn while the district is away; that whoever stands there can be reached is the district's to prove.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from PySide6.QtCore import QRectF, Qt, QTime
from PySide6.QtGui import QBrush, QPainter, QPaintEvent
from PySide6.QtWidgets import QCheckBox, QLabel, QSizePolicy, QTimeEdit, QWidget

from caregiver.admin.accounts import Account
from caregiver.layout import column, row
from caregiver.memory.settings import Turned, standing, turned_down
from caregiver.parts.rest_of_line import rest_of_line
from caregiver.parts.tables import Column, Table, TableModel
from caregiver.ui import Choice, Desk, Words, at_scale
from caregiver.wording import begin, term
from domain.coverage import Hole, Shift, holes
from domain.incident_kinds import Level
from offline.letters.put_aside import PUT_ASIDE
from qtkit.buttons import Button
from qtkit.flow import Flow
from qtkit.widgets import Banner, EmptyState, roomy, text
from watch.rotas import ROTA_SET, Rota, rota_of

CHECKED = "notice.coverage_checked"
DAYS = 7
HEAD_PX, LEVEL_PX = 40, 36
MINUTE = timedelta(minutes=1)


class Week(QWidget):
    """The coming week, a row a level: filled where somebody stands, hatched where nobody does."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._start: datetime | None = None
        self._holes: Sequence[Hole] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        at_scale(desk.theme, self, QWidget.setFixedHeight, HEAD_PX + LEVEL_PX * len(Level))

    def show_week(self, start: datetime, found: Sequence[Hole], words: str) -> None:
        """`words` say the same."""
        self._start, self._holes = start, found
        self.setAccessibleName(words)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        if self._start is None:
            return
        theme, px = self._desk.theme, self._desk.theme.px
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme.font("small"))
        levels = {level: begin(term(self._desk.language, "level", str(int(level)))) for level in Level}
        left = max(map(painter.fontMetrics().horizontalAdvance, levels.values())) + px(16)
        self._days(painter, self._start, QRectF(left, 0, self.width() - left, px(HEAD_PX)))
        for number, (level, name) in enumerate(levels.items()):
            line = QRectF(0, px(HEAD_PX) + number * px(LEVEL_PX), self.width(), px(LEVEL_PX))
            painter.setPen(theme.colour("ink"))
            painter.drawText(line, int(Qt.AlignmentFlag.AlignVCenter), name)
            self._level(painter, level, self._start, line.adjusted(left, px(6), 0, -px(6)))

    def _days(self, painter: QPainter, start: datetime, head: QRectF) -> None:
        """Each day's name, and its date beneath."""
        desk, wide = self._desk, head.width() / DAYS
        painter.setPen(desk.theme.colour("muted"))
        for day in range(DAYS):
            at = desk.state.local(start + timedelta(days=day))
            name = term(desk.language, "weekday", str(at.weekday()))
            if at.date() in desk.state.calendar:
                name = desk.tr("rota.holiday")
            box = QRectF(head.x() + wide * day, head.y(), wide, head.height())
            painter.drawText(
                box, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), f"{name}\n{at:%m-%d}"
            )

    def _level(self, painter: QPainter, level: Level, start: datetime, bar: QRectF) -> None:
        theme, whole = self._desk.theme, timedelta(days=DAYS)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("well"))
        painter.drawRect(bar)
        for hole in self._holes:
            if hole.level is level:
                a = max(timedelta(0), hole.start - start) / whole
                b = min(whole, hole.end - start) / whole
                gap = QRectF(bar.x() + bar.width() * a, bar.y(), bar.width() * (b - a), bar.height())
                painter.setBrush(theme.colour("surface"))
                painter.drawRect(gap)
                painter.setBrush(QBrush(theme.colour("alarm"), Qt.BrushStyle.BDiagPattern))
                painter.drawRect(gap)


class RotaTab(QWidget):
    """`people_known` brings the accounts; until then shifts show the ids of whom they name."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk, self._words = desk, Words(desk, self)
        self._accounts: dict[str, Account] = {}
        self._payload: dict[str, Any] = {}
        self._drawn_at = 0
        self._undo: dict[str, Any] | None = None
        self.said, self.week = Banner(desk.theme), Week(desk)
        self.summary, self.title, self.kept = text("", strong=True), text("", "title"), text("", "small", tone="muted")
        self.model = TableModel(desk, self._columns())
        self.table = Table(desk, self.model, "rota")
        self.none = EmptyState(desk.theme, "people", "")
        self.person, self.level = Choice(), Choice()
        self.start, self.end = QTimeEdit(QTime(8, 0)), QTimeEdit(QTime(20, 0))
        roomy(desk.theme, self.start, self.end)
        self.days = [QCheckBox() for _ in range(DAYS)]
        self.add, self.remove = (Button(desk.theme, icon_name=i) for i in ("plus", "close"))
        self.undo = Button(desk.theme, role="quiet")
        self._build()
        self.add.clicked.connect(self._add)
        self.remove.clicked.connect(self._remove)
        self.undo.clicked.connect(self._take_back)
        desk.language.changed.connect(lambda _: self.refresh())

    def _build(self) -> None:
        put, px = self._words.put, self._desk.theme.px
        for day in self.days:
            day.setChecked(True)
        to = QLabel("–")
        fields = Flow(self.person, self.level, self.start, to, self.end, *self.days, self.add, space=px(8))
        self._rest = rest_of_line(self._desk, self.table, self.model)
        layout = column(
            self.title, self.summary, self.week, fields, self.kept, self.table, self.none, self._rest, self.said,
            row(self.remove, 1), margins=px(8), space=px(8),
        )  # fmt: skip
        layout.setStretch(layout.indexOf(self.table), 1)
        self.setLayout(layout)
        self.said.add(self.undo)
        for setter, key in (
            (self.title.setText, "rota.week"), (self.kept.setText, "rota.holidays"),
            (self.person.setAccessibleName, "rota.person"),
            (self.level.setAccessibleName, "rota.level"), (self.start.setAccessibleName, "rota.from"),
            (self.end.setAccessibleName, "rota.to"), (self.add.setText, "rota.add"), (self.remove.setText, "rota.remove"),
            (self.undo.setText, "do.undo"), (self.table.setAccessibleName, "admin.rota"), (self.none.say, "rota.none"),
        ):  # fmt: skip
            put(setter, key)

    def _columns(self) -> list[Column]:
        tongue = self._desk.language

        def days(shift: dict[str, Any]) -> str:
            on = shift.get("weekdays") or range(DAYS)
            if len(list(on)) == DAYS:
                return begin(self._desk.tr("rota.daily"))
            return " ".join(term(tongue, "weekday", str(d)) for d in sorted(on))

        return [
            Column("name", lambda s: self._name(str(s.get("person", ""))), 176),
            Column("level", lambda s: str(s.get("name") or begin(term(tongue, "level", str(s.get("level", ""))))), 160),
            Column("hours", lambda s: f"{s.get('start', '00:00')} – {s.get('end', '00:00')}", 128),
            Column("days", days, 240),
        ]

    def people_known(self, accounts: list[Account]) -> None:
        self._accounts = {a.person: a for a in accounts}
        self.refresh()

    def refresh(self) -> None:
        """From the facts as they are here now."""
        desk = self._desk
        self._drawn_at, told = self._last(ROTA_SET)
        self._say_refused(turned_down(desk.state.reader, ROTA_SET, self._drawn_at))
        self._payload = told or {"zone": getattr(desk.state.zone, "key", None), "shifts": []}
        shifts = [s for s in self._payload.get("shifts") or [] if isinstance(s, dict)]
        self.model.show(shifts)
        self.table.setVisible(bool(shifts))
        self.none.setVisible(not shifts)
        self.remove.setEnabled(bool(shifts))
        start = desk.state.now().replace(minute=0, second=0, microsecond=0)
        found, proved = self._holes(rota_of(self._payload, desk.state.calendar), start)
        key = "rota.week_holes" if found else "rota.week_whole" if proved else "rota.week_unproved"
        self.summary.setText(desk.tr(key, n=len(found)))
        self.week.show_week(start, found, self.summary.text())
        serving = [a for a in self._accounts.values() if not a.disabled]
        self.person.offer([(a.person, a.name) for a in serving])
        self.level.offer([(str(int(v)), begin(term(desk.language, "level", str(int(v))))) for v in Level])
        self.add.setEnabled(bool(serving))
        for number, day in enumerate(self.days):
            day.setText(term(desk.language, "weekday", str(number)))

    def heard(self, kinds: set[str]) -> None:
        """Somebody drew another rota, or the district has looked at one or refused it."""
        if kinds & {ROTA_SET, CHECKED, PUT_ASIDE}:
            self.refresh()

    def _say_refused(self, refused: Turned | None) -> None:
        """Instead of "it is done": that it is not, why, and that the page shows what stands."""
        if refused is not None:
            why = self._desk.tr(f"refusals.because.{refused.because}")
            at = f"{self._at(refused.at):%H:%M}"
            self.said.say(self._desk.tr("rota.refused", at=at, why=why), "overdue", "attention")
            self.undo.hide()
            self._undo = None

    def _holes(self, rota: Rota, start: datetime) -> tuple[list[Hole], bool]:
        """What the district found, where it has looked at this rota (true); until then what the shifts alone say."""
        checked_at, checked = self._last(CHECKED)
        if checked_at > self._drawn_at:
            found = []
            for raw in checked.get("holes", ()):
                level, a, b = Level(raw["level"]), self._at(raw["start"]), self._at(raw["end"])
                if b > start:
                    found.append(Hole(level, a, b))
            return found, True
        shifts = [*rota.shifts, *(Shift("everybody", level) for level in Level if not rota.draws(level))]
        return holes(shifts, start, zone=rota.zone, absent=rota.absent, holidays=rota.holidays), False

    def _last(self, kind: str) -> tuple[int, dict[str, Any]]:
        """What stands of a kind: its place in the replica (0 for none) and what it says."""
        state = self._desk.state
        return next(iter(standing(state.reader, kind, state.journal.community)), (0, {}))

    def _at(self, ms: int) -> datetime:
        return self._desk.state.local(ms)

    def _name(self, person: str) -> str:
        account = self._accounts.get(person)
        return account.name if account else self._desk.state.known_name(person) or person[:8]

    def _add(self) -> None:
        on = [n for n, day in enumerate(self.days) if day.isChecked()]
        if not on or not self.person.value:
            return
        shift = {
            "person": self.person.value, "level": int(self.level.value), "start": self.start.time().toString("HH:mm"),
            "end": self.end.time().toString("HH:mm"), "weekdays": on,
        }  # fmt: skip
        self._keep([*self.model.rows, shift], "rota.added", self._name(self.person.value))

    def _remove(self) -> None:
        number = self.table.currentIndex().row()
        if 0 <= number < len(self.model.rows):
            name = self._name(str(self.model.rows[number].get("person", "")))
            self._keep([s for n, s in enumerate(self.model.rows) if n != number], "rota.removed", name)

    def _keep(self, shifts: list[dict[str, Any]], said: str, name: str) -> None:
        self._undo = self._payload
        self._record({**self._payload, "shifts": shifts})
        self.said.say(self._desk.tr(said, name=name), "well", "check")
        self.undo.show()

    def _take_back(self) -> None:
        if self._undo is not None:
            self._record(self._undo)
            self._undo = None
            self.said.say("")

    def _record(self, payload: dict[str, Any]) -> None:
        state = self._desk.state
        state.journal.append(ROTA_SET, {**payload, "by": state.session.person})
        state.hurry()
        self.refresh()
