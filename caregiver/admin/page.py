"""Administration: people, the rota and its holes, devices, the ladders drawn as ladders, and what has pages of its own."""

from datetime import timedelta

from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from caregiver.admin.audit_tab import AuditTab
from caregiver.admin.devices_tab import DevicesTab
from caregiver.admin.exports_tab import ExportsTab
from caregiver.admin.gates_tab import GatesTab
from caregiver.admin.ladder_editor import LadderEditor
from caregiver.admin.people_tab import PeopleTab
from caregiver.admin.presenter import Administration
from caregiver.admin.retention_tab import RetentionTab
from caregiver.admin.rota_tab import RotaTab
from caregiver.layout import beside, column, empty, row
from caregiver.memory.changes import Changes
from caregiver.memory.settings import standing
from caregiver.parts.tabs import Tabs
from caregiver.ui import Desk
from caregiver.wording import begin, span, term
from domain.incident_kinds import DEADLINES, Level, Severity
from domain.ladder_steps import Act, Ladder, Rung, default_ladder, unroll
from offline.letters.put_aside import PUT_ASIDE
from qtkit.widgets import Card, Chip, text
from watch.plans import LADDER_SET


class AdminPage(Tabs):
    def __init__(self, desk: Desk, administration: Administration) -> None:
        self._desk = desk
        self.people, self.rota = PeopleTab(desk, administration), RotaTab(desk)
        self.devices, self.ladders, self.audit = DevicesTab(desk, administration), LaddersTab(desk), AuditTab(desk)
        self.gates, self.exports, self.retention = (
            GatesTab(desk),
            ExportsTab(desk, administration),
            RetentionTab(desk, administration),
        )
        super().__init__(
            desk.theme,
            {
                "people": self.people, "rota": self.rota, "gates": self.gates, "devices": self.devices,
                "ladders": self.ladders, "audit": self.audit, "exports": self.exports, "retention": self.retention,
            },
        )  # fmt: skip
        self.turned.connect(self._read_anew)
        self.people.known.connect(self.rota.people_known)
        self.people.known.connect(self.exports.people_known)
        self.people.known.connect(self.ladders.editor.people_known)
        desk.language.changed.connect(lambda _: self._name())
        self._name()

    def _name(self) -> None:
        for name in self.words:
            self.words[name].setText(self._desk.tr(f"admin.{name}"))
        self.setAccessibleName(self._desk.tr("nav.admin"))

    def looks_in(self) -> QLineEdit | None:
        return self.audit.search if self.currentWidget() is self.audit else None

    def heard(self, changes: Changes) -> None:
        self.rota.heard(changes.kinds)
        self.ladders.heard(changes.kinds)
        self.devices.heard(changes.kinds)

    def _read_anew(self) -> None:
        """Whoever did something on one and looks for it on another finds it."""
        tab = self.currentWidget()
        if isinstance(tab, AuditTab | GatesTab | RetentionTab | DevicesTab | ExportsTab):
            tab.refresh()

    def shown(self) -> None:
        self.people.refresh()
        self.rota.refresh()
        self.devices.refresh()
        self.audit.refresh()
        self.gates.refresh()
        self.exports.refresh()
        self.retention.refresh()


def _after(desk: Desk, length: timedelta) -> str:
    return span(desk.language, length) if length else desk.tr("admin.at_once")


class LaddersTab(QWidget):
    """The ladder of each severity, drawn from the nearest person up; a rung a line with its moment."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._cards = column()
        self.editor = LadderEditor(desk)
        self.editor.saved.connect(self.refresh)
        self.setLayout(column(self._cards, self.editor, 1, margins=desk.theme.px(8)))
        desk.language.changed.connect(lambda _: self.refresh())
        self.refresh()

    def heard(self, kinds: set[str]) -> None:
        if kinds & {LADDER_SET, PUT_ASIDE}:
            self.refresh()
            self.editor.heard()

    def refresh(self) -> None:
        empty(self._cards)
        first, second, third, fourth = map(self._card, Severity)
        halves = (beside(first, second, shares=(1, 1)), beside(third, fourth, shares=(1, 1)))
        self._cards.addWidget(beside(*halves, shares=(1, 1)))

    def _card(self, severity: Severity) -> Card:
        desk = self._desk
        ladder = self._kept(severity) or default_ladder(severity)
        token = {1: "alarm", 2: "overdue", 3: "due"}.get(severity, "away")
        card = Card(desk.theme, edge=token)
        card.body.addWidget(text(desk.tr(f"severity.{int(severity)}").partition(" · ")[0], "title"))
        card.body.addWidget(text(begin(desk.tr(f"admin.severity_{int(severity)}")), "small", tone="muted"))
        rungs = [r for r in unroll(ladder, severity, Level.HOME) if r.act is not Act.ESCALATE]
        for number, rung in enumerate(rungs):
            if number:
                card.body.addWidget(text("│", tone="muted", wrap=False))
            card.body.addLayout(self._rung(rung, again=number == len(rungs) - 1))
        feedback = DEADLINES[severity].feedback
        card.body.addWidget(
            text(begin(desk.tr("admin.feedback_by", span=span(desk.language, feedback))), "small", tone="muted")
        )
        card.body.addStretch(1)
        return card

    def _kept(self, severity: Severity) -> Ladder | None:
        """The community's own default ladder, where one was set."""
        state = self._desk.state
        for _, told in standing(state.reader, LADDER_SET, state.journal.community):
            if told and not told.get("name") and told.get("severity") in (None, int(severity)):
                return Ladder.of(told)
        return None

    def _rung(self, rung: Rung, again: bool) -> QVBoxLayout:
        """A line of the ladder; `again`: the last, which comes over and over."""
        desk, tongue = self._desk, self._desk.language
        who = begin(term(tongue, "level", str(int(rung.level))))
        act = desk.tr("admin.again") if again else begin(term(tongue, "act", rung.act))
        return column(
            row(Chip(desk.theme, "due", _after(desk, rung.after)), text(who, strong=True)),
            text(act, "small", tone="muted"),
            space=2,
        )
