"""What stands side by side while it fits: a row that goes on in the next line, as words do; parts of a page, else in a column."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QLayout, QLayoutItem, QWidget


class Flow(QLayout):
    """Widgets side by side at the size they ask for, in as many lines as the width takes; hidden ones leave no gap.

    What may grow (a search field) takes what its line leaves over. In the middle of its line, unless it is aligned to the top.
    """

    def __init__(self, *widgets: QWidget, space: int = 8) -> None:
        super().__init__()
        self._items: list[QLayoutItem] = []
        self.setContentsMargins(0, 0, 0, 0)
        self.setSpacing(space)
        for widget in widgets:
            self.addWidget(widget)

    def addItem(self, item: QLayoutItem) -> None:
        self._items.append(item)

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._lay(QRect(0, 0, width, 0), move=False)

    def setGeometry(self, rect: QRect) -> None:
        super().setGeometry(rect)
        self._lay(rect, move=True)

    def sizeHint(self) -> QSize:
        """All in one line."""
        hints = [item.sizeHint() for item in self._shown()]
        wide = sum(hint.width() for hint in hints) + self.spacing() * max(0, len(hints) - 1)
        return QSize(wide, max((hint.height() for hint in hints), default=0))

    def minimumSize(self) -> QSize:
        """The widest alone."""
        least = QSize()
        for item in self._shown():
            least = least.expandedTo(item.minimumSize())
        return least

    def _shown(self) -> list[QLayoutItem]:
        return [item for item in self._items if not item.isEmpty()]

    def _lay(self, rect: QRect, move: bool) -> int:
        """The height it takes at the width of `rect`."""
        y = rect.y()
        for number, line in enumerate(self._lines(rect.width())):
            y += self.spacing() if number else 0
            sizes = self._sizes(line, rect.width())
            tall = max(size.height() for size in sizes)
            if move:
                self._place(line, sizes, QRect(rect.x(), y, rect.width(), tall))
            y += tall
        return y - rect.y()

    def _lines(self, width: int) -> list[list[QLayoutItem]]:
        lines: list[list[QLayoutItem]] = []
        used = 0
        for item in self._shown():
            wide = item.sizeHint().width()
            if lines and used + self.spacing() + wide <= width:
                lines[-1].append(item)
                used += self.spacing() + wide
            else:
                lines.append([item])
                used = wide
        return lines

    def _sizes(self, line: list[QLayoutItem], width: int) -> list[QSize]:
        growing = [item for item in line if item.expandingDirections() & Qt.Orientation.Horizontal]
        used = sum(item.sizeHint().width() for item in line) + self.spacing() * (len(line) - 1)
        over = max(0, width - used) // max(1, len(growing))
        sizes = []
        for item in line:
            wide = item.sizeHint().width() + (over if item in growing else 0)
            wide = min(wide, width, item.maximumSize().width())
            high = item.heightForWidth(wide) if item.hasHeightForWidth() else item.sizeHint().height()
            sizes.append(QSize(wide, high))
        return sizes

    def _place(self, line: list[QLayoutItem], sizes: list[QSize], rect: QRect) -> None:
        x = rect.x()
        for item, size in zip(line, sizes, strict=True):
            down = 0 if item.alignment() & Qt.AlignmentFlag.AlignTop else (rect.height() - size.height()) // 2
            item.setGeometry(QRect(QPoint(x, rect.y() + down), size))
            x += size.width() + self.spacing()


class Beside(QWidget):
    """Parts of a page side by side, or one above another where the width does not take each at the least it needs. `turned` with
    whether they stand one above another now."""

    turned = Signal(bool)

    def __init__(self, *parts: QWidget, space: int = 8, shares: Sequence[int] = ()) -> None:
        """`shares` of what is over, one a part."""
        super().__init__()
        self._parts, self._box = parts, QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSpacing(space)
        for number, part in enumerate(parts):
            self._box.addWidget(part, shares[number] if shares else 0)

    @property
    def under(self) -> bool:
        return self._box.direction() is QBoxLayout.Direction.TopToBottom

    def minimumSizeHint(self) -> QSize:
        """The widest alone."""
        return QSize(max(self._least()), super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._turn(event.size().width())
        super().resizeEvent(event)

    def event(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.LayoutRequest:  # a part says something longer now, or larger
            self._turn(self.width())
        return super().event(event)

    def _turn(self, width: int) -> None:
        under = width < sum(self._least()) + self._box.spacing() * (len(self._parts) - 1)
        if under != self.under:
            self._box.setDirection(QBoxLayout.Direction.TopToBottom if under else QBoxLayout.Direction.LeftToRight)
            self.turned.emit(under)
            self.updateGeometry()

    def _least(self) -> list[int]:
        return [part.minimumSizeHint().expandedTo(part.minimumSize()).width() for part in self._parts]
