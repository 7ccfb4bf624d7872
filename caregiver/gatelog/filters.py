"""Which passages are listed: for how long back, at which gate, in which way, with which end, of whom, and how far they are read."""

from datetime import timedelta

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QSizePolicy, QWidget

from caregiver.gatelog.log import KEPT_OUT, GateFilter, gates
from caregiver.parts.person_choice import PersonChoice
from caregiver.ui import Choice, Desk, Words, at_scale
from caregiver.wording import begin, term
from domain.events import to_ms
from domain.identification import Outcome, Reason
from domain.passages import Method
from qtkit.flow import Flow

DAYS = {"day": 1, "week": 7, "month": 31, "all": 0}
REVIEWS = ("", "open", "mine", "disputed", "settled")


class Filters(QWidget):
    """`changed` when others are wanted. `person` stands where the page puts it."""

    changed = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk, self._words = desk, Words(desk, self)
        self.days, self.gate, self.method, self.outcome, self.reason, self.review = (Choice() for _ in range(6))
        choices = {
            "gatelog.period": self.days, "column.gate": self.gate, "column.method": self.method,
            "column.outcome": self.outcome, "column.reason": self.reason, "gatelog.review": self.review,
        }  # fmt: skip
        self.person = PersonChoice(desk)
        self.person.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        at_scale(desk.theme, self.person, QWidget.setMinimumWidth, 280)
        self._words.put(self.person.setPlaceholderText, "gatelog.person")
        self._words.put(self.person.setAccessibleName, "gatelog.person")
        self.setLayout(Flow(*choices.values()))
        self.offer()
        for key, choice in choices.items():
            self._words.put(choice.setAccessibleName, key)
            choice.currentIndexChanged.connect(self.changed)
        self.person.chosen.connect(lambda _: self.changed.emit())

    def offer(self) -> None:
        """What there is to choose from, in the language of now."""
        desk, tr, tongue = self._desk, self._desk.tr, self._desk.language
        self.days.offer([(d, tr(f"gatelog.{d}")) for d in DAYS])
        at = ((g, begin(desk.place(g))) for g in gates(desk.state.reader))
        self.gate.offer([("", tr("gatelog.all_gates")), *at])
        by = ((m.value, term(tongue, "method", m)) for m in Method)
        self.method.offer([("", tr("gatelog.all_methods")), *by])
        ends = ((end, term(tongue, "outcome_of", end)) for end in (*(o.value for o in Outcome), KEPT_OUT))
        self.outcome.offer([("", tr("gatelog.all_outcomes")), *ends])
        why = ((r.value, begin(term(tongue, "reason", r))) for r in Reason)
        self.reason.offer([("", tr("gatelog.all_reasons")), *why])
        self.review.offer([(r, tr(f"gatelog.review_{r or 'all'}")) for r in REVIEWS])

    def wanted(self) -> GateFilter:
        """As it is chosen now."""
        days = DAYS.get(self.days.value, 0)
        since = to_ms(self._desk.state.now() - timedelta(days=days)) if days else 0
        return GateFilter(
            self.gate.value, self.method.value, self.outcome.value, self.reason.value, self.person.value,
            since, 0, self.review.value, self._desk.state.session.person,
        )  # fmt: skip

    def whole_queue(self) -> None:
        """All that waits for this reader, whatever was chosen before."""
        for choice in (self.gate, self.method, self.outcome, self.reason):
            choice.choose("")
        self.person.clear()
        self.days.choose("all")
        self.review.choose("mine")
