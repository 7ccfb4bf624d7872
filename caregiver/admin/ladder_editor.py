"""Writes a community's ladders: its own for everybody, and those with a name that care plans choose.

Whatever is drawn, an alarm climbs at its severity's deadlines at the latest, and the page shows what becomes of the steps.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QSpinBox, QVBoxLayout, QWidget

from caregiver.admin.accounts import Account
from caregiver.layout import empty, row
from caregiver.memory.settings import standing, turned_down
from caregiver.ui import Choice, Desk, Hinted, Words
from caregiver.wording import begin, term
from domain.incident_kinds import Level, Severity
from domain.ladder_steps import Do, Ladder, Step, default_ladder, everyone_at
from qtkit.buttons import Button
from qtkit.flow import Flow
from qtkit.widgets import Banner, Card, roomy, text
from watch.plans import LADDER_SET
from watch.rotas import ROTA_SET

ALL = "0"  # in the place of a severity
ANY_HOUR, MOST_MINUTES, MOST_TIMES = -1, 24 * 60, 20


def _whole(seconds: float | None) -> int:
    """Minutes; 0 where nothing is said."""
    return max(1, round(seconds / 60)) if seconds else 0


class StepRow(QWidget):
    """One step; only the fields that its kind needs are shown. `who`: (word, what it is called)."""

    changed = Signal()
    gone = Signal()

    def __init__(self, desk: Desk, step: Step, who: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        self._given = step
        tr = desk.tr
        self.do, self.who = Choice(tr("ladder.step")), Choice(tr("ladder.who"))
        self.do.offer([(do.value, term(desk.language, "ladder_do", do)) for do in Do])
        self.do.choose(step.do.value)
        others = [(word, word) for word in step.who if word not in dict(who)]
        self.who.offer([*who, *others])
        self.who.choose(step.who[0] if step.who else everyone_at(Level.HOME))
        self.minutes = self._spin(desk, 1, MOST_MINUTES, round(step.seconds / 60) or 1, tr("ladder.minutes"))
        self.times = self._spin(desk, 1, MOST_TIMES, max(1, step.times), tr("ladder.times"))
        first, last = step.hours or (ANY_HOUR, ANY_HOUR)
        self.first = self._spin(desk, ANY_HOUR, 23, first, ":00", tr("ladder.from"), tr("ladder.any_hour"))
        self.last = self._spin(desk, 0, 23, max(0, last), ":00", tr("ladder.to"))
        self.drop = Button(desk.theme, icon_name="close", role="quiet")
        self.drop.setAccessibleName(tr("ladder.drop"))
        self.drop.setToolTip(tr("ladder.drop"))
        self.drop.clicked.connect(self.gone)
        for choice in (self.do, self.who):
            choice.currentIndexChanged.connect(self._touched)
        self.setLayout(Flow(self.do, self.who, self.minutes, self.times, self.first, self.last, self.drop))
        self._show()

    def _spin(
        self, desk: Desk, least: int, most: int, value: int, unit: str, before: str = "", none: str = ""
    ) -> QSpinBox:
        spin = QSpinBox()
        spin.setRange(least, most)
        spin.setValue(value)
        spin.setPrefix(before)
        spin.setSuffix(unit)
        spin.setSpecialValueText(none)
        spin.setAccessibleName((before or unit).strip())
        roomy(desk.theme, spin)
        spin.valueChanged.connect(self._touched)
        return spin

    def _touched(self) -> None:
        self._show()
        self.changed.emit()

    def _show(self) -> None:
        do = Do(self.do.value)
        calls = do in (Do.NOTIFY, Do.CALL_ELDER)
        self.who.setVisible(do is Do.NOTIFY)
        self.minutes.setVisible(do is Do.WAIT)
        self.times.setVisible(do is Do.REPEAT)
        self.first.setVisible(calls)
        self.last.setVisible(calls and self.first.value() != ANY_HOUR)

    def read(self) -> Step:
        do, first = Do(self.do.value), self.first.value()
        whole = round(self._given.seconds / 60) or 1
        seconds = (
            self._given.seconds
            if self.minutes.value() == whole and self._given.seconds
            else self.minutes.value() * 60.0
        )
        named = self._given.who if self._given.who[:1] == (self.who.value,) else (self.who.value,)
        hours = (first, self.last.value()) if first != ANY_HOUR and do in (Do.NOTIFY, Do.CALL_ELDER) else None
        return Step(
            do, named if do is Do.NOTIFY else (), seconds if do is Do.WAIT else 0.0,
            self.times.value() if do is Do.REPEAT else 0, hours,
        )  # fmt: skip


class LadderEditor(Card):
    """`saved` after a ladder was written."""

    saved = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk.theme)
        self._desk, self._words = desk, Words(desk, self)
        self._accounts: list[Account] = []
        self._rows: list[StepRow] = []
        self._given = Ladder(())  # as it was shown
        self._written = False
        title, note, stale = text("", strong=True), text("", "small", tone="muted"), text("")
        self.name, self.severity = Hinted(), Choice()
        self.name.setMaxLength(40)
        self.load, self.add, self.save = (
            Button(desk.theme, role="quiet"), Button(desk.theme, icon_name="plus", role="quiet"),
            Button(desk.theme, icon_name="check", role="primary"),
        )  # fmt: skip
        self.stale = QSpinBox()
        self.stale.setRange(0, MOST_MINUTES)
        self.stale.setSingleStep(5)
        roomy(desk.theme, self.stale)
        self.said, self._steps = Banner(desk.theme), QVBoxLayout()
        head = Flow(self.name, self.severity, self.load)
        for part in (title, note):
            self.body.addWidget(part)
        self.body.addLayout(head)
        self.body.addLayout(self._steps)
        self.body.addWidget(stale)
        self.body.addLayout(row(self.stale, 1))
        self.body.addLayout(Flow(self.add, self.save))
        self.body.addWidget(self.said)
        self.load.clicked.connect(self.show_kept)
        self.add.clicked.connect(lambda: self._add(Step(Do.NOTIFY, (everyone_at(Level.HOME),))))
        self.save.clicked.connect(self._save)
        put = self._words.put
        put(title.setText, "ladder.title")
        put(note.setText, "ladder.note")
        put(self.name.setPlaceholderText, "ladder.name")
        put(self.name.setAccessibleName, "ladder.name")
        put(self.severity.setAccessibleName, "ladder.severity")
        put(self.load.setText, "ladder.load")
        put(self.add.setText, "ladder.add")
        put(stale.setText, "ladder.stale")
        put(self.stale.setPrefix, "ladder.stale_before")
        put(self.stale.setSuffix, "ladder.stale_after")
        put(self.stale.setSpecialValueText, "ladder.stale_usual")
        put(self.stale.setAccessibleName, "ladder.stale")
        put(self.save.setText, "ladder.save")
        desk.language.changed.connect(lambda _: self._name())
        self._name()
        self.show_kept()

    def _name(self) -> None:
        tr, chosen = self._desk.tr, self.severity.value or ALL
        short = [(str(int(s)), tr(f"severity.{int(s)}").partition(" · ")[0]) for s in Severity]
        self.severity.offer([(ALL, tr("ladder.all")), *short])
        self.severity.choose(chosen)
        self._fill(self.ladder())

    def people_known(self, accounts: list[Account]) -> None:
        self._accounts = [a for a in accounts if not a.disabled]
        self._fill(self.ladder())

    def ladder(self) -> Ladder:
        """As the fields have it now."""
        minutes, given = self.stale.value(), self._given.stale_after_s
        stale = given if minutes == _whole(given) else float(minutes * 60)
        return replace(self._given, steps=tuple(line.read() for line in self._rows), stale_after_s=stale or None)

    def show_kept(self) -> None:
        """The ladder of this name and severity, or what every one begins as."""
        name, severity = self.name.text().strip(), int(self.severity.value or ALL) or None
        told = self._standing(LADDER_SET)
        kept = (t for _, t in told if str(t.get("name") or "") == name and t.get("severity") in (None, severity))
        found = next(kept, None)
        drawn = default_ladder(Severity(severity or 1))
        zone = getattr(self._desk.state.zone, "key", drawn.zone)
        ladder = Ladder.of(found) if found else replace(drawn, zone=zone)
        self.said.say("")
        self._fill(ladder)

    def heard(self) -> None:
        """The district may have refused what was written here."""
        last = next(iter(self._standing(LADDER_SET)), (0, {}))[0]
        refused = turned_down(self._desk.state.reader, LADDER_SET, last)
        if self._written and refused is not None:
            self._written = False
            why = self._desk.tr(f"refusals.because.{refused.because}")
            self.said.say(self._desk.tr("ladder.refused", why=why), "overdue", "attention")

    def _standing(self, kind: str) -> list[tuple[int, dict[str, Any]]]:
        return standing(self._desk.state.reader, kind, self._desk.state.journal.community)

    def _who(self) -> list[tuple[str, str]]:
        tongue, told = self._desk.language, next(iter(self._standing(ROTA_SET)), (0, {}))[1]
        levels = [
            (everyone_at(v), self._desk.tr("ladder.on_duty", level=term(tongue, "level", str(int(v))))) for v in Level
        ]
        names = sorted({str(s["name"]) for s in told.get("shifts") or () if isinstance(s, dict) and s.get("name")})
        return [
            *((w, begin(n)) for w, n in levels),
            *((f"roster:{n}", n) for n in names),
            *((a.person, a.name) for a in self._accounts),
        ]

    def _fill(self, ladder: Ladder) -> None:
        self._given = ladder
        self.stale.setValue(_whole(ladder.stale_after_s))
        self._rows.clear()
        empty(self._steps)
        for step in ladder.steps:
            self._add(step)

    def _add(self, step: Step) -> None:
        line = StepRow(self._desk, step, self._who())
        line.gone.connect(lambda: self._drop(line))
        self._rows.append(line)
        self._steps.addWidget(line)

    def _drop(self, line: StepRow) -> None:
        self._rows.remove(line)
        line.hide()
        line.deleteLater()

    def _save(self) -> None:
        state, name, severity = self._desk.state, self.name.text().strip(), int(self.severity.value or ALL)
        told: dict[str, Any] = {"name": name, **self.ladder().plain(), "by": state.session.person}
        state.journal.append(LADDER_SET, told | ({"severity": severity} if severity else {}))
        state.hurry()
        self._written = True
        self.said.say(self._desk.tr("ladder.saved", name=name or self._desk.tr("ladder.own")), "well", "check")
        self.saved.emit()
