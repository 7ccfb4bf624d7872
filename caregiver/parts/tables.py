"""A read-only table over a list of rows; what each page's model adds is its columns."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QEvent, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QPalette, QPixmap, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
)

from caregiver.ui import Desk
from qtkit.icons import pixmap
from qtkit.widgets import tip

Index = QModelIndex | QPersistentModelIndex
ROW = Qt.ItemDataRole.UserRole
USUAL = 1.2  # the size of text up to which columns that were dragged may go beyond the edge
NO_INDEX = QModelIndex()
ROW_PX, LEAST_ROWS, LEAST_WIDTH, AIR_PX = 44, 4, 320, 32  # the heading and three; below that the page scrolls


@dataclass(frozen=True)
class Column:
    """`key` names the heading below ``caregiver.column``; `token` gives the colour and symbol of a cell's state, if any."""

    key: str
    words: Callable[[Any], str]
    width: int = 120
    token: Callable[[Any], str] | None = None
    symbol: bool = False
    right: bool = False
    exact: Callable[[Any], str] | None = None  # shown on hover
    spare: bool = False  # left out where there is no room for all; the page says it elsewhere


class TableModel(QAbstractTableModel):
    def __init__(self, desk: Desk, columns: Sequence[Column]) -> None:
        super().__init__()
        self._desk, self.columns = desk, list(columns)
        self.rows: list[Any] = []
        desk.language.changed.connect(self._retranslate)
        desk.theme.changed.connect(self._retranslate)

    def show(self, rows: Sequence[Any]) -> None:
        """Take over other rows."""
        self.beginResetModel()
        self.rows = list(rows)
        self.endResetModel()

    def extend(self, rows: Sequence[Any]) -> None:
        """Add rows at the end."""
        if rows:
            self.beginInsertRows(NO_INDEX, len(self.rows), len(self.rows) + len(rows) - 1)
            self.rows.extend(rows)
            self.endInsertRows()

    def replace(self, number: int, new: Any) -> None:
        self.rows[number] = new
        self.dataChanged.emit(self.index(number, 0), self.index(number, len(self.columns) - 1))

    def rowCount(self, parent: Index = NO_INDEX) -> int:
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = NO_INDEX) -> int:
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or not 0 <= index.row() < len(self.rows):
            return None
        value, column = self.rows[index.row()], self.columns[index.column()]
        if role == ROW:
            return value
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return column.words(value)
        if role == Qt.ItemDataRole.ToolTipRole:
            return tip(column.exact(value) if column.exact else column.words(value))
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if column.right else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        token = column.token(value) if column.token else ""
        if token and role == Qt.ItemDataRole.ForegroundRole:
            return QColor(self._desk.theme.hex(token))
        if token and column.symbol and role == Qt.ItemDataRole.DecorationRole:
            return pixmap(token, self._desk.theme.colour(token), self._desk.theme.px(18))
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation is not Qt.Orientation.Horizontal or not 0 <= section < len(self.columns):
            return None
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return self._desk.tr(f"column.{self.columns[section].key}")
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if self.columns[section].right else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        return None

    def _retranslate(self) -> None:
        if self.columns:
            self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(self.columns) - 1)
        if self.rows:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self.rows) - 1, len(self.columns) - 1))


class StateDelegate(QStyledItemDelegate):
    """A state keeps its colour, word and symbol, in the chosen row too."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:
        super().initStyleOption(option, index)
        colour = index.data(Qt.ItemDataRole.ForegroundRole)
        if isinstance(colour, QColor):
            option.palette.setColor(QPalette.ColorRole.HighlightedText, colour)
        picture = index.data(Qt.ItemDataRole.DecorationRole)
        if isinstance(picture, QPixmap):
            icon = QIcon(picture)
            icon.addPixmap(picture, QIcon.Mode.Selected)
            option.icon = icon


class Table(QTableView):
    """A table in the project's manner: whole rows, no grid, the last column takes what is left. Columns that were dragged stay so,
    under `keep` until the next time too. `fitted` after its columns were given other widths."""

    fitted = Signal()

    def __init__(self, desk: Desk, model: TableModel, keep: str, name: str = "") -> None:
        super().__init__()
        self._desk, self._fitted, self._pressed = desk, False, False
        self._key, self._dragged = f"columns/{keep}", list[float]()  # widths at the usual text size
        self.setModel(model)
        self.setItemDelegate(StateDelegate(self))
        self.setAccessibleName(name)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalHeader().hide()
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setStretchLastSection(True)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        self._recall(len(model.columns) - 1)
        self._measure()
        header.sectionResized.connect(self._resized)
        header.viewport().installEventFilter(self)
        desk.theme.changed.connect(self._measure)
        model.modelReset.connect(self._fit_first)
        model.dataChanged.connect(self._grow)
        desk.language.changed.connect(lambda _: self.fit())

    def setAccessibleName(self, name: str) -> None:
        super().setAccessibleName(name)
        self.horizontalHeader().setAccessibleName(name)

    def _measure(self) -> None:
        self.horizontalHeader().setMinimumSectionSize(self._desk.theme.px(48))
        self.verticalHeader().setDefaultSectionSize(self._desk.theme.px(ROW_PX))
        self.setMinimumSize(self._desk.theme.px(LEAST_WIDTH), self._desk.theme.px(ROW_PX * LEAST_ROWS))
        self.fit()

    def _fit_first(self) -> None:
        """With the first rows; later ones keep the widths unless they say more, and so does whoever dragged them."""
        model = self.model()
        if not isinstance(model, TableModel) or not model.rows:
            return
        if not self._fitted or (
            not self._dragged and self._short(range(len(model.columns) - 1), self.sizeHintForColumn)
        ):
            self._fitted = True
            self.fit()

    def _grow(self, first: QModelIndex, last: QModelIndex) -> None:
        """What a line says now may be longer than what it said before."""
        if self._dragged or first.row() != last.row():
            return
        changed = range(first.column(), min(last.column(), self.model().columnCount() - 2) + 1)
        if self._short(changed, lambda column: self.sizeHintForIndex(first.siblingAtColumn(column)).width()):
            self.fit()

    def _short(self, columns: Iterable[int], wanted: Callable[[int], int]) -> bool:
        """Whether any of these columns is too narrow for what it says."""
        return any(wanted(n) > self.columnWidth(n) for n in columns if not self.isColumnHidden(n))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Whether somebody has hold of the heading: else Qt gives a column another width."""
        if event.type() in (QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonDblClick):
            self._pressed = True
        elif event.type() in (QEvent.Type.MouseButtonRelease, QEvent.Type.Hide):
            self._pressed = False  # who still holds it while the window goes lets it go where nobody hears of it
        return super().eventFilter(watched, event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._fitted and event.size().width() != event.oldSize().width():
            self.fit()
        chosen = self.visualRect(
            self.currentIndex()
        )  # still in sight where the window has less room, after an alarm say
        if event.size().height() < chosen.bottom() and 0 <= chosen.top() < event.oldSize().height():
            self.scrollTo(self.currentIndex())

    def fit(self) -> None:
        """Columns as wide as their heading and the rows in sight ask for, within reason."""
        model, px, header = self.model(), self._desk.theme.px, self.horizontalHeader()
        if not isinstance(model, TableModel):
            return
        header.setResizeContentsPrecision(40)
        self._leave_out(model)
        dragged = [px(width) for width in self._dragged]
        beyond = sum(dragged) + header.minimumSectionSize() > self.viewport().width()
        if not dragged or (beyond and self._desk.theme.scale > USUAL):  # dragged at the usual size of text
            dragged = self._shared(model)
        for number, width in enumerate(dragged):
            self.setColumnWidth(number, width)
        self.fitted.emit()

    def _leave_out(self, model: TableModel) -> None:
        """Columns that can be spared, from the last on, until there is room for the others."""
        px = self._desk.theme.px
        over = sum(px(column.width) for column in model.columns) - self.viewport().width()
        for number, column in reversed(list(enumerate(model.columns))):
            out = column.spare and over > 0
            self.setColumnHidden(number, out)
            over -= px(column.width) if out else 0

    def _shared(self, model: TableModel) -> list[int]:
        """The width of each column."""
        px, header = self._desk.theme.px, self.horizontalHeader()
        wanted = [self._wanted(number, column) for number, column in enumerate(model.columns)]
        room = (self.viewport().width() - sum(wanted)) // max(1, len(wanted))
        air = min(px(AIR_PX), max(0, room))  # between columns, where there is any left
        if (
            any(wanted) and room < 0
        ):  # a long name yields first, then the last one what it can; all of it is said on hover
            last = max(n for n, width in enumerate(wanted) if width)  # of those that are shown
            for number in sorted((n for n in range(last) if wanted[n]), key=lambda n: -wanted[n]):
                least = max(header.sectionSizeHint(number), px(model.columns[number].width))
                over = sum(wanted) - self.viewport().width()
                wanted[number] -= max(0, min(over, wanted[number] - least))
            for number in (last, *sorted(range(last), key=lambda n: -wanted[n])):
                over = sum(wanted) - self.viewport().width()
                wanted[number] -= max(0, min(over, wanted[number] - header.sectionSizeHint(number)))
        return [width + air for width in wanted]

    def cut(self, row: int) -> list[int]:
        """The columns of a row that are left out, or have no room for what it says."""
        model = self.model()

        def short(number: int) -> bool:
            return self._short([number], lambda n: self.sizeHintForIndex(model.index(row, n)).width())

        return [n for n in range(model.columnCount()) if self.isColumnHidden(n) or short(n)]

    def _wanted(self, number: int, column: Column) -> int:
        px, model = self._desk.theme.px, self.model()
        if self.isColumnHidden(number):
            return 0
        rim = px(6)  # where the keyboard is, a frame takes its room beside the words
        wide = self.sizeHintForColumn(number) + rim if model.rowCount() else px(column.width)
        return min(max(wide, self.horizontalHeader().sectionSizeHint(number)), px(max(360, column.width)))

    def _recall(self, count: int) -> None:
        """The widths of the last time, of all columns but the last; of a table that has others now, none."""
        said = str(self._desk.kept.value(self._key) or "") if self._desk.kept is not None else ""
        with suppress(ValueError):
            widths = [float(width) for width in said.split()]
            self._dragged = widths if len(widths) == count else []

    def _resized(self, number: int, _before: int, _now: int) -> None:
        last = self.model().columnCount() - 1
        held = self._pressed and QApplication.mouseButtons() != Qt.MouseButton.NoButton
        if not held or number == last:  # the last is never dragged: it takes what is left
            return
        if any(self.isColumnHidden(n) for n in range(last)):  # they would be kept without a width
            return
        self._dragged = [self.columnWidth(n) / self._desk.theme.scale for n in range(last)]
        if self._desk.kept is not None:
            self._desk.kept.setValue(self._key, " ".join(f"{width:.1f}" for width in self._dragged))
        self.fitted.emit()

    def current(self) -> Any:
        """The row that is chosen; None where there is none."""
        return self.currentIndex().data(ROW)
