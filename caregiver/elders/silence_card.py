"""When silence at home rings, as fields of the care plan: how many false alarms the learned rule may cost, and the fixed rules."""

from dataclasses import replace

from PySide6.QtWidgets import QCheckBox

from caregiver.elders.folding import Fold
from caregiver.elders.plan_fields import SpanField
from caregiver.elders.rules import rarely
from caregiver.ui import Choice, Desk
from caregiver.wording import begin
from domain.careplan import BACKSTOPS, Backstop, CarePlan
from domain.routine import MIN_DAYS, Routine
from qtkit.flow import Flow
from qtkit.widgets import text

BUDGETS = (0.0, 1 / 183, 1 / 122, 1 / 61, 1 / 30.5, 1 / 14)  # false alarms a day
KNOWN = {rule.id: rule for rule in BACKSTOPS}


class SilenceCard(Fold):
    """`foresee` tells what the routine learned within the chosen budget would take to notice somebody."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, "silence.title")
        self._given: tuple[Backstop, ...] = ()
        self._routine: Routine | None = None
        self._consent = True
        self.budget, self.delay = Choice(), text("", "small", tone="muted")
        self.boxes = {id: QCheckBox() for id in KNOWN}
        self.spans = {id: SpanField(desk) for id in KNOWN}
        label, fixed = text("", wrap=False), text("", "small", tone="muted")
        self.fields.addLayout(Flow(label, self.budget))
        self.fields.addWidget(self.delay)
        self.fields.addWidget(fixed)
        put = self._words.put
        put(label.setText, "silence.learned")
        put(self.budget.setAccessibleName, "silence.learned")
        put(fixed.setText, "silence.fixed")
        for id, box in self.boxes.items():
            self.fields.addLayout(Flow(box, self.spans[id]))
            put(box.setText, f"silence.{id}")
            put(self.spans[id].setAccessibleName, f"silence.{id}")
            box.toggled.connect(self.spans[id].setEnabled)
            box.toggled.connect(self._touched)
            self.spans[id].valueChanged.connect(self._touched)
        self.budget.currentIndexChanged.connect(self._touched)
        desk.language.changed.connect(lambda _: self._name())
        self._name()

    def _name(self) -> None:
        given = {float(self.budget.value)} if self.budget.value else set()
        self._offer(sorted({*BUDGETS, *given}))
        self._stand()

    def _offer(self, budgets: list[float]) -> None:
        self.budget.offer([(repr(each), begin(rarely(self._desk.language, each))) for each in budgets])

    def fill(self, plan: CarePlan) -> None:
        self._given, self._consent = plan.backstops, plan.watches_home
        standing = {rule.id: rule for rule in plan.backstops}
        self.budget.blockSignals(True)
        self._offer(sorted({*BUDGETS, plan.false_alarms_per_day}))
        self.budget.choose(repr(plan.false_alarms_per_day))
        self.budget.blockSignals(False)
        for id, box in self.boxes.items():
            self.spans[id].show_length(standing.get(id, KNOWN[id]).after)
            self.spans[id].setEnabled(id in standing)
            box.setChecked(id in standing)
        self._stand()

    def read(self, plan: CarePlan) -> CarePlan:
        """Rules that are not the page's stay as they are."""
        kept = [rule for rule in self._given if rule.id not in KNOWN or self.boxes[rule.id].isChecked()]
        new = [rule for id, rule in KNOWN.items() if self.boxes[id].isChecked() and id not in {k.id for k in kept}]
        rules = (replace(r, after=self.spans[r.id].length) if r.id in KNOWN else r for r in (*kept, *new))
        return replace(plan, false_alarms_per_day=float(self.budget.value), backstops=tuple(rules))

    def foresee(self, routine: Routine | None) -> None:
        self._routine = routine
        self._stand()

    def _touched(self) -> None:
        self._stand()
        self.changed.emit()

    def _stand(self) -> None:
        tr, routine = self._desk.tr, self._routine
        budget = float(self.budget.value or 0)
        fixed = sum(box.isChecked() for box in self.boxes.values())
        gist = tr("silence.gist", learned=rarely(self._desk.language, budget), n=fixed)
        self.say(gist if self._consent else tr("silence.no_consent"))
        if budget <= 0:
            self.delay.setText(tr("silence.off_means"))
        elif routine is None:
            self.delay.setText(tr("silence.unknown", n=MIN_DAYS))
        else:
            self.delay.setText(tr("silence.delay", day=round(routine.delay_day, 1), any=round(routine.delay, 1)))
