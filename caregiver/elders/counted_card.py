"""What counts as being heard from at the times of a care plan, as a box for every kind of sign."""

from dataclasses import replace

from PySide6.QtWidgets import QCheckBox, QGridLayout

from caregiver.elders.folding import Fold
from caregiver.ui import Desk
from caregiver.wording import begin, sure, term
from domain.careplan import CarePlan
from domain.signals import CLEARING, WEIGHT, Sign
from qtkit.widgets import text, tip

KINDS = (  # seen or spoken to, then what the elder does, then the home
    Sign.GATE, Sign.VISIT, Sign.CALL, Sign.BUTTON, Sign.LINK, Sign.PRESS, Sign.SOS,
    Sign.WEARABLE, Sign.MOTION, Sign.PRESENCE, Sign.DOOR, Sign.BED, Sign.WATER, Sign.POWER,
)  # fmt: skip


class CountedCard(Fold):
    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, "counted.title")
        self._given: frozenset[Sign] = CLEARING
        self.boxes = {kind: QCheckBox() for kind in KINDS}
        note, grid = text("", "small", tone="muted"), QGridLayout()
        half = (len(KINDS) + 1) // 2
        for n, box in enumerate(self.boxes.values()):
            grid.addWidget(box, n % half, n // half)
            box.toggled.connect(self._toggled)
        self.fields.addWidget(note)
        self.fields.addLayout(grid)
        self._words.put(note.setText, "counted.note")
        desk.language.changed.connect(lambda _: self._name())
        self._name()

    def _name(self) -> None:
        for kind, box in self.boxes.items():
            what = begin(term(self._desk.language, "sign", f"sign_{kind}"))
            box.setText(what)
            box.setToolTip(tip(sure(self._desk.language, what, WEIGHT[kind])))
        self._stand()

    def fill(self, plan: CarePlan) -> None:
        self._given = plan.counted
        for kind, box in self.boxes.items():
            box.setEnabled(True)
            box.setChecked(kind in plan.counted)
        self._stand()

    def read(self, plan: CarePlan) -> CarePlan:
        return replace(plan, counted=(self._given - self.boxes.keys()) | self._checked())

    def _checked(self) -> frozenset[Sign]:
        return frozenset(kind for kind, box in self.boxes.items() if box.isChecked())

    def _toggled(self) -> None:
        self._stand()
        self.changed.emit()

    def _stand(self) -> None:
        """The last that counts cannot be taken away: a plan that counts nothing would wait for nobody."""
        checked = self._checked()
        for kind, box in self.boxes.items():
            box.setEnabled(checked != {kind})
        words = "counted.all" if checked >= CLEARING else "counted.some"
        self.say(self._desk.tr(words, n=len(checked), of=len(KINDS)))
