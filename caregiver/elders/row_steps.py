"""What can be done about an alarm from its line on the board: the next step, and the telephone.

Real buttons over the list, kept as long as what they offer is the same: Tab comes to them, and a screen reader names them.
"""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QPoint, QSize, QTimer, Signal
from PySide6.QtWidgets import QListView, QWidget

from caregiver.elders.alarm_line import foremost
from caregiver.elders.board import Elder
from caregiver.elders.board_model import BoardModel
from caregiver.elders.standing import Urgency
from caregiver.incidents.actions import Action, next_step
from caregiver.incidents.desk import IncidentDesk
from caregiver.layout import row
from caregiver.ui import Desk
from domain.incident import Incident
from qtkit.buttons import Button
from qtkit.widgets import tip

ROW_PX, CARD_PX = 40, 28  # how high a button is
ON_TOP = 24  # lines that have buttons wherever one has scrolled to


class RowSteps(QWidget):
    """The buttons of one line; `action` is the next step, None where whoever sits here may take none. Only on a line with room
    (`wide`) has the call a word beside its symbol."""

    def __init__(
        self, desk: Desk, elder: Elder, incident: Incident, action: Action | None, card: bool, wide: bool, over: QWidget
    ) -> None:
        super().__init__(over)
        self.incident, self.action = incident.id, action
        height = CARD_PX if card else ROW_PX
        self.call = Button(desk.theme, desk.tr("board.call") if wide else "", "phone", height=height)
        self.call.setAccessibleName(desk.tr("elder.call", name=elder.person.name))
        self.call.setToolTip(tip(self.call.accessibleName()))
        buttons = [self.call]
        if action is not None:
            words = desk.tr(f"action.{action.key}")
            self.next = Button(desk.theme, "" if card else words, action.icon, action.role, height)
            self.next.setAccessibleName(desk.tr("board.step_for", step=words, name=elder.person.name))
            self.next.setToolTip(tip(self.next.accessibleName()))
            buttons.insert(0, self.next)
        self.buttons = tuple(buttons)
        if card:  # within the last line of the card
            for button in buttons:
                button.setFixedHeight(desk.theme.px(CARD_PX))
                button.setIconSize(QSize(desk.theme.px(16), desk.theme.px(16)))
        self.setLayout(row(*buttons))
        self.resize(self.sizeHint())


class StepsOver(QObject):
    """Keeps the lines on top and those in sight supplied; one that the keyboard comes to is brought into sight.

    `stepped(incident, action)` and `called(incident)` when a button is pressed.
    """

    stepped = Signal(str, object)
    called = Signal(str)

    def __init__(
        self,
        desk: Desk,
        incidents: IncidentDesk,
        view: QListView,
        model: BoardModel,
        in_sight: Callable[[], list[Elder]],
    ) -> None:
        super().__init__(view)
        self._desk, self._incidents, self._view, self._model, self._in_sight = desk, incidents, view, model, in_sight
        self._steps: dict[str, tuple[tuple[object, ...], RowSteps]] = {}  # by elder, with what they were made for
        self.cards = self.stacked = False  # stacked: words so large that what is known stands below the buttons
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self.place)
        for signal in (
            model.modelReset, model.dataChanged, view.verticalScrollBar().valueChanged, desk.theme.changed,
            desk.language.changed,
        ):  # fmt: skip
            signal.connect(self.soon)

    def soon(self, *_: object) -> None:
        """Once the list has laid itself out."""
        self._soon.start()

    def of(self, elder: str) -> RowSteps | None:
        """The buttons of an elder's line; None where nothing is open or the line is out of sight."""
        return self._steps[elder][1] if elder in self._steps else None

    def width(self, elder: str) -> int:
        """What the buttons take of a line, pixels."""
        steps = self.of(elder)
        return steps.width() if steps is not None else 0

    def place(self) -> None:
        """Put the buttons where their lines are; those of lines that are gone or well go too."""
        lines = (*self._model.elders[:ON_TOP], *self._in_sight())
        wanted = {e.id: e for e in lines if e.standing.urgency is Urgency.ALARM}
        for gone in self._steps.keys() - wanted.keys():
            self._drop(gone)
        for elder in wanted.values():
            incident = foremost(self._incidents.of(elder.id))
            if incident is None:
                self._drop(elder.id)
            else:
                self._move(elder, self._made(elder, incident))
        self._view.viewport().update()

    def _made(self, elder: Elder, incident: Incident) -> RowSteps:
        desk = self._desk
        action = next_step(incident, self._incidents.allowed(incident.id))
        wide = not (self.cards or self.stacked)
        made_for = (incident.id, action, self.cards, wide, desk.language.code, desk.theme.scale)
        if elder.id in self._steps and self._steps[elder.id][0] == made_for:
            return self._steps[elder.id][1]
        self._drop(elder.id)
        steps = RowSteps(desk, elder, incident, action, self.cards, wide, self._view.viewport())
        steps.call.clicked.connect(lambda: self.called.emit(steps.incident))
        if action is not None:
            steps.next.clicked.connect(lambda: self.stepped.emit(steps.incident, action))
        for button in steps.buttons:
            button.installEventFilter(self)
        self._steps[elder.id] = made_for, steps
        self._order()
        steps.show()
        return steps

    def _move(self, elder: Elder, steps: RowSteps) -> None:
        number, px = self._model.row_of(elder.id), self._desk.theme.px
        if number is None:
            return
        box = self._view.visualRect(self._model.index(number)).adjusted(0, px(4), -px(16), -px(4))
        across = min(box.right(), self._view.viewport().width() - px(16)) - steps.width()
        down = box.center().y() - steps.height() // 2
        if self.cards:
            down = box.bottom() - steps.height() - px(4)
        elif self.stacked:
            down = box.top() + px(4)
        steps.move(QPoint(across, down))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.FocusIn:
            self._bring(watched.parent())
        return super().eventFilter(watched, event)

    def _bring(self, steps: QObject | None) -> None:
        """Scroll to the line whose buttons have the keyboard."""
        elder = next((id for id, (_, kept) in self._steps.items() if kept is steps), "")
        number = self._model.row_of(elder)
        if number is not None:
            self._view.scrollTo(self._model.index(number))
            self.place()

    def _order(self) -> None:
        """Tab goes from the list to the buttons of its lines, from the top."""
        before: QWidget = self._view
        lines = sorted(self._steps.items(), key=lambda kept: self._model.row_of(kept[0]) or 0)
        for _, (_, steps) in lines:
            for button in steps.buttons:
                QWidget.setTabOrder(before, button)
                before = button

    def _drop(self, elder: str) -> None:
        kept = self._steps.pop(elder, None)
        if kept is not None:
            kept[1].hide()
            kept[1].deleteLater()
