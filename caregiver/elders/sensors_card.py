"""The sensors of a home, as fields of the care plan: which the elder has paused, and how soon one that is cut off is told of."""

from dataclasses import replace

from PySide6.QtWidgets import QCheckBox

from caregiver.elders.folding import Fold
from caregiver.elders.plan_fields import SpanField
from caregiver.elders.sensors import sensors
from caregiver.layout import column, empty
from caregiver.ui import Desk
from domain.careplan import CarePlan
from qtkit.flow import Flow
from qtkit.widgets import text

SOONEST = 5  # minutes


class SensorsCard(Fold):
    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, "sensors.title")
        self._person = ""
        self.boxes: dict[str, QCheckBox] = {}
        self._lines, note = column(), text("", "small", tone="muted")
        self.blind_after, label = SpanField(desk, SOONEST), text("", wrap=False)
        self.fields.addWidget(note)
        self.fields.addLayout(self._lines)
        self.fields.addLayout(Flow(label, self.blind_after))
        self.blind_after.valueChanged.connect(self.changed)
        self._words.put(label.setText, "sensors.blind_after")
        self._words.put(self.blind_after.setAccessibleName, "sensors.blind_after")
        self._words.put(note.setText, "sensors.note")
        desk.language.changed.connect(lambda _: self._show(self._paused()))

    def fill(self, plan: CarePlan) -> None:
        self._person = plan.elder
        self.blind_after.show_length(plan.blind_after)
        self._show(plan.paused)

    def read(self, plan: CarePlan) -> CarePlan:
        return replace(plan, paused=self._paused(), blind_after=self.blind_after.length)

    def _paused(self) -> frozenset[str]:
        return frozenset(device for device, box in self.boxes.items() if box.isChecked())

    def _show(self, paused: frozenset[str]) -> None:
        """One that is gone from the home stays paused until somebody says otherwise."""
        desk = self._desk
        known = sensors(desk.state.reader, self._person, desk.language)
        empty(self._lines)
        self.boxes = {}
        for device in (*known, *sorted(paused - known.keys())):
            box = self.boxes[device] = QCheckBox(known.get(device, device))
            box.setChecked(device in paused)
            box.toggled.connect(self._toggled)
            self._lines.addWidget(box)
        self._stand()

    def _toggled(self) -> None:
        self._stand()
        self.changed.emit()

    def _stand(self) -> None:
        paused = len(self._paused())
        key = "sensors.some" if paused else "sensors.none" if self.boxes else "elder.no_devices"
        self.say(self._desk.tr(key, n=paused, of=len(self.boxes)))
