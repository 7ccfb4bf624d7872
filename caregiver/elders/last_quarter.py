"""What a care plan would have done, had it been in force for the last ninety days: asked anew with every change of a field."""

from collections import Counter

from PySide6.QtCore import Signal

from caregiver.elders.plans import when
from caregiver.elders.replay import Tried, replay
from caregiver.layout import empty
from caregiver.memory.reading import reading
from caregiver.ui import Desk
from caregiver.wording import term
from domain.careplan import CarePlan, Window
from qtkit.widgets import Card, text


class LastQuarter(Card):
    """Keeps what it said until the newest question is answered; `foreseen` what the routine would know by now."""

    foreseen = Signal(object)

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk.theme, edge="due")
        self._desk = desk
        self._windows: dict[str, Window] = {}

    def ask(self, plan: CarePlan) -> None:
        """Replay `plan` off the window's thread; only the answer to the newest question is shown."""
        state = self._desk.state
        now, calendar = state.now(), state.calendar
        work = reading(state.journal.file, lambda reader: replay(reader, plan, now, calendar))
        self._windows = {window.id: window for window in plan.windows}
        self._desk.background.read_anew(work, self._say, self)

    def _say(self, tried: Tried) -> None:
        desk, found = self._desk, tried.past
        self.foreseen.emit(tried.routine)
        late = sum(o.resolved_at is not None for o in found.rang)
        lines = [text(desk.tr("plan.past", days=int(found.days)), strong=True)]
        lines.append(text(desk.tr("plan.would_ring", n=len(found.rang), late=late)))
        for rule, n in Counter(o.rule for o in found.rang).most_common():
            words = desk.tr("plan.rule", rule=self._named(rule), n=n)
            lines.append(text(words, "small", tone="muted"))
        if found.delay_median is not None:
            lines.append(text(desk.tr("plan.would_notice", hours=round(found.delay_median, 1))))
        if found.missed:
            lines.append(text(desk.tr("plan.would_miss", n=len(found.missed), of=found.injected)))
        lines += [text(desk.tr("plan.never", window=self._named(id)), tone="overdue") for id in found.never]
        empty(self.body)
        for line in lines:
            self.body.addWidget(line)
        edge = "well" if not found.rang else "due" if found.per_week <= 0.5 else "overdue"
        self.set_edge("overdue" if found.never else edge)

    def _named(self, rule: str) -> str:
        window, tongue = self._windows.get(rule), self._desk.language
        return term(tongue, "rule", rule) if window is None else when(window, tongue)
