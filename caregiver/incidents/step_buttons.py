"""What may be done about an incident now, as buttons and keys: what brings it on above, what is rarer in a quiet row below."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from caregiver.incidents.actions import Action
from caregiver.incidents.subject import to_ring_up
from caregiver.incidents.work import Work
from caregiver.ui import Desk, empty, row
from qtkit.flow import Flow
from qtkit.widgets import Button, Role

ABREAST = 3


class StepButtons(QWidget):
    """`pressed(action)`; `called(whom)` when somebody is to be rung up; `gone` when others stand where the keyboard was. `below` is
    the quiet row, to be put where one likes."""

    pressed = Signal(object)
    called = Signal(str)
    gone = Signal()

    def __init__(self, desk: Desk, keys_of: QWidget, *always: Button) -> None:
        super().__init__()
        self._desk, self._keys_of = desk, keys_of
        self._stand: tuple[object, ...] = ()  # what the buttons were made for
        self._shortcuts: list[QShortcut] = []
        self._rare: list[Button] = []
        self._rows = QVBoxLayout()
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(desk.theme.px(8))
        self.setLayout(self._rows)
        self.below, self._quiet = QWidget(), Flow(*always)
        self.below.setLayout(self._quiet)

    def offer(self, work: Work, actions: list[Action], first: Action | None) -> None:
        """`first`, the next step, stands out and leads, whom one rings up beside it. The buttons stay as they are, and the keyboard
        where it is, while the same things may be done."""
        desk, incident = self._desk, work.incident
        numbers = to_ring_up(work) if incident.open and incident.severity <= 2 else ()
        made_for = (incident.id, numbers, first, tuple(a.key for a in actions), desk.language.code, desk.theme.scale)
        if made_for == self._stand:
            return
        self._stand = made_for
        here = self.window().focusWidget()
        held = here is not None and (self.isAncestorOf(here) or here in self._rare)
        self._clear()
        lead = [self._button(first, "primary")] if first is not None else []
        rest = [self._button(action) for action in actions if action.role != "quiet" and action is not first]
        self._rare = [self._button(action, "quiet") for action in actions if action.role == "quiet"]
        beside = max(1, int(ABREAST / desk.theme.scale))  # fewer, the larger the text
        calls = [self._call(whom) for whom in numbers]
        ordered = [*lead, *calls, *rest]
        for number in range(0, len(ordered), beside):
            self._rows.addLayout(self._abreast(ordered[number : number + beside], beside))
        for button in self._rare:
            self._quiet.addWidget(button)
        self.below.updateGeometry()
        if held:
            self.gone.emit()

    def _clear(self) -> None:
        empty(self._rows)
        for button in self._rare:
            self._quiet.removeWidget(button)
            button.hide()
            button.deleteLater()
        for shortcut in self._shortcuts:
            shortcut.setEnabled(False)
            shortcut.deleteLater()
        self._rare, self._shortcuts = [], []

    def _abreast(self, buttons: list[Button], room_for: int) -> QHBoxLayout:
        """A row, of which a few do not take more than their share."""
        line = row(space=self._desk.theme.px(8))
        for button in buttons:
            line.addWidget(button, 1)
        if len(buttons) < room_for:
            line.addStretch(room_for - len(buttons))
        return line

    def _button(self, action: Action, role: Role = "") -> Button:
        desk, keys = self._desk, QKeySequence(action.shortcut)
        button = Button(desk.theme, desk.tr(f"action.{action.key}"), action.icon, role)
        button.setToolTip(keys.toString(QKeySequence.SequenceFormat.NativeText))
        button.clicked.connect(lambda: self.pressed.emit(action))
        shortcut = QShortcut(keys, self._keys_of)
        shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        shortcut.setAutoRepeat(False)  # a key that is held takes one step, and not the next as well
        shortcut.activated.connect(lambda: self.pressed.emit(action))
        self._shortcuts.append(shortcut)
        return button

    def _call(self, whom: str) -> Button:
        button = Button(self._desk.theme, self._desk.tr(f"action.call_{whom}"), "phone")
        button.clicked.connect(lambda: self.called.emit(whom))
        return button
