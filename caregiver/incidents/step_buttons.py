"""What may be done about an incident now, as buttons and keys: what brings it on above, what is rarer in a quiet row below."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QWidget

from caregiver.incidents.actions import Action
from caregiver.incidents.subject import to_ring_up
from caregiver.incidents.work import Work
from caregiver.layout import column, row
from caregiver.ui import Desk
from qtkit.buttons import Button, Role
from qtkit.flow import Flow

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
        self._ordered: list[Button] = []
        self._abreast = 0
        self._rows = column(space=desk.theme.px(8))
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
        self._ordered = [*lead, *(self._call(whom) for whom in numbers), *rest]
        self._abreast = 0
        self._arrange(self.width())
        for button in self._rare:
            self._quiet.addWidget(button)
        self.below.updateGeometry()
        if held:
            self.gone.emit()

    def _clear(self) -> None:
        self._unlay()
        for button in self._rare:
            self._quiet.removeWidget(button)
        for button in (*self._ordered, *self._rare):
            button.hide()
            button.deleteLater()
        for shortcut in self._shortcuts:
            shortcut.setEnabled(False)
            shortcut.deleteLater()
        self._ordered, self._rare, self._shortcuts = [], [], []

    def _unlay(self) -> None:
        while (line := self._rows.takeAt(0)) is not None:
            if (buttons := line.layout()) is not None:
                while buttons.takeAt(0) is not None:
                    pass

    def _arrange(self, width: int) -> None:
        """As many side by side as there is room for."""
        abreast = next(n for n in range(ABREAST, 0, -1) if n == 1 or all(w <= width for w in self._wide(n)))
        if abreast == self._abreast:
            return
        self._abreast = abreast
        self._unlay()
        for number in range(0, len(self._ordered), abreast):
            buttons = self._ordered[number : number + abreast]
            line = row(space=self._rows.spacing())
            for button in buttons:
                line.addWidget(button, 1)
            if len(buttons) < abreast:  # a few do not take more than their share
                line.addStretch(abreast - len(buttons))
            self._rows.addLayout(line)
        self.updateGeometry()

    def _wide(self, abreast: int) -> list[int]:
        """What each line needs, with so many in it."""
        least, space = [button.minimumSizeHint().width() for button in self._ordered], self._rows.spacing()
        lines = (least[n : n + abreast] for n in range(0, len(least), abreast))
        return [sum(line) + space * (len(line) - 1) for line in lines]

    def minimumSizeHint(self) -> QSize:
        """The widest alone."""
        return QSize(max(self._wide(1), default=0), super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange(event.size().width())

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
