"""How an alarm begins and in which language the elder is written to, as fields of the care plan."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from PySide6.QtWidgets import QCheckBox

from caregiver.elders.folding import Fold
from caregiver.memory.settings import standing
from caregiver.ui import Choice, Desk
from caregiver.wording import LANGUAGES
from domain.careplan import CarePlan
from qtkit.flow import Flow
from qtkit.widgets import text
from watch.plans import LADDER_SET

DRAWN = "*"  # a ladder that the plan carries itself, by no name


class ReachCard(Fold):
    """`fill` shows a plan and what its payload says beside it; `read` and `beside` what the fields make of them."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, "reach.title")
        self._drawn: Mapping[str, Any] | None = None
        self._shown: dict[str, Any] = {}
        self._person = ""
        self.ladder, self.language, self.first = Choice(), Choice(), QCheckBox()
        climbs, speaks = text("", wrap=False), text("", wrap=False)
        self.fields.addLayout(Flow(climbs, self.ladder))
        self.fields.addWidget(self.first)
        self.fields.addLayout(Flow(speaks, self.language))
        put = self._words.put
        put(climbs.setText, "reach.ladder")
        put(self.ladder.setAccessibleName, "reach.ladder")
        put(self.first.setText, "reach.first")
        put(speaks.setText, "reach.language")
        put(self.language.setAccessibleName, "reach.language")
        self.ladder.currentIndexChanged.connect(self._touched)
        self.language.currentIndexChanged.connect(self._touched)
        self.first.toggled.connect(self._touched)
        desk.language.changed.connect(lambda _: self._name())

    def fill(self, plan: CarePlan, beside: Mapping[str, Any]) -> None:
        self._person, drawn = plan.elder, beside.get("ladder")
        self._drawn = drawn if isinstance(drawn, Mapping) else None
        fields = (self.ladder, self.language, self.first)
        for field in fields:
            field.blockSignals(True)
        self._offer(plan.ladder, plan.language)
        self.ladder.choose(plan.ladder if self._drawn is None else DRAWN)
        self.language.choose(plan.language)
        self.first.setChecked(bool(beside.get("call_elder_first")))
        for field in fields:
            field.blockSignals(False)
        self._shown = self.beside()
        self._stand()

    def take(self, plan: CarePlan, beside: Mapping[str, Any]) -> None:
        """What somebody had chosen goes over what stands."""
        self.ladder.choose(DRAWN if isinstance(beside.get("ladder"), Mapping) else plan.ladder)
        self.first.setChecked(bool(beside.get("call_elder_first")))

    def read(self, plan: CarePlan) -> CarePlan:
        name = "" if self.ladder.value == DRAWN else self.ladder.value
        return replace(plan, ladder=name, language=self.language.value)

    def beside(self) -> dict[str, Any]:
        """What the plan's payload says beside the plan, or instead of it."""
        drawn = {"ladder": self._drawn} if self.ladder.value == DRAWN else {}
        return {"call_elder_first": self.first.isChecked(), **drawn}

    @property
    def touched(self) -> bool:
        return self.beside() != self._shown

    def _offer(self, ladder: str, language: str) -> None:
        tr, state = self._desk.tr, self._desk.state
        told = standing(state.reader, LADDER_SET, state.journal.community)
        names = sorted({str(one["name"]) for _, one in told if one.get("name")} | ({ladder} - {""}))
        drawn = [(DRAWN, tr("reach.drawn"))] if self._drawn is not None else []
        self.ladder.offer([*drawn, ("", tr("reach.usual")), *((name, name) for name in names)])
        person = state.people.find(self._person)
        own = person.profile.language if person is not None else ""
        registered = tr("reach.registered", language=LANGUAGES.get(own, own))
        self.language.offer([("", registered), *(({language: language} if language else {}) | LANGUAGES).items()])

    def _name(self) -> None:
        self._offer(self.ladder.value, self.language.value)
        self._stand()

    def _touched(self) -> None:
        self._stand()
        self.changed.emit()

    def _stand(self) -> None:
        first = [self._desk.tr("reach.first_short")] if self.first.isChecked() else []
        self.say(" · ".join([*first, self.ladder.currentText()]))
