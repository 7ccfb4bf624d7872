"""The board: search, filters and every elder, with what needs somebody now above them."""

from collections.abc import Iterable

from PySide6.QtCore import QModelIndex, QPoint, QSize, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QListView, QStackedWidget, QWidget

from caregiver.elders.board import Elder, Filter
from caregiver.elders.board_delegate import CARD_H_PX, BoardDelegate
from caregiver.elders.board_model import ELDER, BoardModel
from caregiver.elders.presenter import Elders
from caregiver.elders.row_steps import StepsOver
from caregiver.elders.standing import Urgency
from caregiver.layout import column
from caregiver.ui import Choice, Desk, Hinted, Words
from caregiver.wording import term
from offline.line.link import Link
from qtkit.buttons import Button
from qtkit.flow import Flow
from qtkit.widgets import EmptyState

MOST_IN_SIGHT = 64  # where the list ends before the window does
CARDS = "board/cards"  # whether they stood as cards the last time
VISIT_DUE = "visit_due"  # beside the states: nobody has been there this month
ORDERS = ("urgency", "name", "flat", "last")


class BoardList(QListView):
    """Says when it has been painted. Where the keyboard comes to it, the line it is on is in sight."""

    painted = Signal()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        self.painted.emit()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.scrollTo(self.currentIndex())


class BoardPage(QWidget):
    """`elder_chosen(person)` when one is opened; `stepped(incident, action)` and `called(incident)` from an alarm's line;
    `sign_shown(person)` after a line with a new sign was really painted."""

    elder_chosen = Signal(str)
    stepped = Signal(str, object)
    called = Signal(str)
    sign_shown = Signal(str)

    def __init__(self, desk: Desk, elders: Elders) -> None:
        super().__init__()
        self._desk, self._elders, self._words = desk, elders, Words(desk, self)
        self._waiting: set[str] = set()  # whose new sign is not on the screen yet
        self.model, self._delegate = BoardModel(desk, elders.incidents), BoardDelegate(desk, elders.incidents)
        self._build()
        desk.language.changed.connect(self.retranslate)
        desk.theme.changed.connect(self._form)
        self.retranslate()

    def _build(self) -> None:
        desk = self._desk
        self.search = Hinted()
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self.refresh)
        self.building, self.caregiver, self.state, self.order = Choice(), Choice(), Choice(), Choice()
        for choice in (self.building, self.caregiver, self.state, self.order):
            choice.currentIndexChanged.connect(self.refresh)
        self.form = Button(desk.theme, icon_name="list")
        self.form.setCheckable(True)
        self.form.setChecked(desk.kept is not None and desk.kept.value(CARDS) in (True, "true"))
        self.form.toggled.connect(self._form)
        self.form.toggled.connect(self._keep_form)
        self.list = BoardList()
        self.list.setModel(self.model)
        self.list.setItemDelegate(self._delegate)
        self.list.setUniformItemSizes(True)
        self.list.setMouseTracking(True)
        self.list.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.list.setStyleSheet("QListView { background: transparent; border: none; } QListView::item { padding: 0; }")
        self.list.setFrameShape(QListView.Shape.NoFrame)
        self.list.activated.connect(self._open)
        self.list.clicked.connect(self._open)
        self.list.painted.connect(self._painted)
        self.steps = StepsOver(desk, self._elders.incidents, self.list, self.model, self._in_sight)
        self.steps.stepped.connect(self.stepped)
        self.steps.called.connect(self.called)
        self._delegate.taken = self.steps.width
        self.nobody = EmptyState(desk.theme, "people", "")
        self.stack = QStackedWidget()
        self.stack.addWidget(self.list)
        self.stack.addWidget(self.nobody)
        tools = QWidget()
        tools.setLayout(Flow(self.search, self.building, self.caregiver, self.state, self.order, self.form))
        self.setLayout(column(tools, self.stack, space=desk.theme.px(8)))
        self.begins: QWidget = self.list
        self._words.put(self.search.setPlaceholderText, "board.search")
        self._words.put(self.search.setAccessibleName, "board.search")
        self._words.put(self.building.setAccessibleName, "board.building")
        self._words.put(self.caregiver.setAccessibleName, "board.caregiver")
        self._words.put(self.state.setAccessibleName, "board.state")
        self._words.put(self.order.setAccessibleName, "board.order")
        self._words.put(self.list.setAccessibleName, "nav.board")
        self._form()

    def retranslate(self) -> None:
        tongue, board = self._desk.language, self._elders.board
        self.building.offer(
            [
                ("", self._desk.tr("board.all_buildings")),
                *((b, self._desk.tr("board.building_n", n=b)) for b in board.buildings()),
            ]
        )
        self.caregiver.offer([("", self._desk.tr("board.all_caregivers")), *((c, c) for c in board.caregivers())])
        self.state.offer(
            [
                ("", self._desk.tr("board.all_states")),
                *((u.token, term(tongue, "state", u.token)) for u in Urgency),
                (VISIT_DUE, self._desk.tr("board.visit_due")),
            ]
        )
        self.order.offer([(o, self._desk.tr(f"board.by_{o}")) for o in ORDERS])
        key = "board.as_rows" if self.form.isChecked() else "board.as_cards"
        self.form.setText(self._desk.tr(key))
        self.refresh()

    def filter(self) -> Filter:
        states = frozenset({self.state.value} - {"", VISIT_DUE})
        visited = self._elders.visits.done() if self.state.value == VISIT_DUE else frozenset[str]()
        return Filter(self.search.text(), self.building.value, self.caregiver.value, states, visited, self.order.value)

    def only(self, token: str) -> None:
        """Show those of one state, or everybody where it is shown already."""
        self.state.choose("" if self.state.value == token else token)

    def refresh(self) -> None:
        kept = self.list.currentIndex().data(ELDER)
        scrolled = self.list.verticalScrollBar().value()
        self.model.show(self._elders.board.rows(self.filter()))
        if kept is not None and (again := self.model.row_of(kept.id)) is not None:
            self.list.setCurrentIndex(self.model.index(again))
        self.list.verticalScrollBar().setValue(scrolled)
        self._say_why_empty()
        self.stack.setCurrentWidget(self.list if self.model.elders else self.nobody)

    def _say_why_empty(self) -> None:
        if self.model.elders:
            return
        filling = self._desk.state.connection().word == Link.STARTING
        why = "none_match" if len(self._elders.board) else "filling" if filling else "empty"
        self.nobody.say(self._desk.tr(f"board.{why}"))

    def changed(self, people: Iterable[str], signs: Iterable[str]) -> None:
        """Facts about these people came."""
        self._waiting |= set(signs)
        if set(people):
            self.refresh()
            self.list.viewport().update()

    def tick(self) -> None:
        """Move the clocks of alarms on, and say why there is nobody."""
        self._say_why_empty()
        if self._elders.incidents.open():
            self.list.viewport().update()

    def _form(self) -> None:
        cards = self.form.isChecked()
        self._delegate.cards = self.steps.cards = cards
        self.form.setText(self._desk.tr("board.as_rows" if cards else "board.as_cards"))
        self.form.set_icon("list" if cards else "board")
        self.list.setViewMode(QListView.ViewMode.IconMode if cards else QListView.ViewMode.ListMode)
        self.list.setResizeMode(QListView.ResizeMode.Adjust)
        self.list.setMovement(QListView.Movement.Static)
        self._fit()
        self.list.setWordWrap(False)
        self.list.doItemsLayout()

    def _keep_form(self, cards: bool) -> None:
        if self._desk.kept is not None:
            self._desk.kept.setValue(CARDS, cards)

    def _fit(self) -> None:
        """Cards side by side fill the width; one of them can be seen whole, or the page scrolls."""
        self.list.setMinimumHeight(self._desk.theme.px(CARD_H_PX))
        if self._delegate.fit(self.list.width() - self._desk.theme.px(20)):  # less the scroll bar
            self.list.scheduleDelayedItemsLayout()
        self.steps.stacked = self._delegate.stacked
        self.list.setGridSize(self._delegate.card(self._delegate.width) if self.form.isChecked() else QSize())
        self.steps.soon()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        QTimer.singleShot(0, self, self._fit)

    def _open(self, index: QModelIndex) -> None:
        elder = index.data(ELDER)
        if elder is not None:
            self.elder_chosen.emit(elder.id)

    def _painted(self) -> None:
        if not self._waiting:
            return
        shown = self._waiting & {elder.id for elder in self._in_sight()}
        self._waiting -= shown
        for person in shown:
            self.sign_shown.emit(person)

    def _in_sight(self) -> list[Elder]:
        """The lines that the window shows of the list now."""
        box, gap = self.list.viewport().rect(), self._desk.theme.px(8)
        first = self.list.indexAt(box.topLeft() + QPoint(gap, gap))
        last = self.list.indexAt(box.bottomRight() - QPoint(gap, gap))
        begin = first.row() if first.isValid() else 0
        end = last.row() + 1 if last.isValid() else begin + MOST_IN_SIGHT
        return self.model.elders[begin:end]
