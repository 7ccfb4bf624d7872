"""Where things stand: rows and columns, areas that scroll, pages, and parts that stand beside one another while there is room."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QLayout,
    QScrollArea,
    QSizePolicy,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from caregiver.ui import Desk
from qtkit.flow import Beside

ABREAST_PX = 780  # what a list needs to have what is chosen in it beside it
LEAST_PX = 80  # of what scrolls either way
UNDER_PX = 280  # what stands under a list then is as high at least


def row(*things: QWidget | int | QLayout, space: int = 8, margins: int = 0) -> QHBoxLayout:
    """Widgets side by side; a number is a stretch."""
    layout = QHBoxLayout()
    _fill(layout, things, space, margins)
    return layout


def column(*things: QWidget | int | QLayout, space: int = 8, margins: int = 0) -> QVBoxLayout:
    """Widgets under one another; a number is a stretch."""
    layout = QVBoxLayout()
    _fill(layout, things, space, margins)
    return layout


def _fill(layout: QBoxLayout, things: tuple[QWidget | int | QLayout, ...], space: int, margins: int) -> None:
    layout.setSpacing(space)
    layout.setContentsMargins(margins, margins, margins, margins)
    for thing in things:
        if isinstance(thing, int):
            layout.addStretch(thing)
        elif isinstance(thing, QLayout):
            layout.addLayout(thing)
        else:
            layout.addWidget(thing)


class Area(QScrollArea):
    """A frameless area around `inner`; one that only scrolls down asks for the width of what is inside."""

    def __init__(self, inner: QWidget) -> None:
        super().__init__()
        self.inner = inner
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # what is inside takes the keyboard, and is brought into sight
        self.setWidget(inner)
        ground = inner.property("ground") or "paper"
        self.viewport().setProperty("ground", ground)
        inner.setProperty("ground", ground)

    @property
    def scrolls(self) -> bool:
        """Whether it is this area, and not one around it, that one scrolls."""
        return True

    def minimumSizeHint(self) -> QSize:
        least = super().minimumSizeHint()
        if self.horizontalScrollBarPolicy() is not Qt.ScrollBarPolicy.ScrollBarAlwaysOff:
            return least
        wide = self.inner.minimumSizeHint().width() + self.verticalScrollBar().sizeHint().width()
        return QSize(wide, least.height())

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.LayoutRequest:  # what is inside asks for another width, maybe
            self.updateGeometry()
        return super().viewportEvent(event)


class Pages(QStackedWidget):
    """Pages, one at a time, each as large as the room it has; where it needs more, with large text say, it scrolls either way."""

    def __init__(self) -> None:
        super().__init__()
        self._areas: dict[QWidget, Area] = {}

    def addWidget(self, page: QWidget) -> int:
        self._areas[page] = Area(page)
        return super().addWidget(self._areas[page])

    def hasHeightForWidth(self) -> bool:
        """As each scrolls, none has to be asked, and those that are out of sight are laid out once they are shown."""
        return False

    def sizeHint(self) -> QSize:
        return self.minimumSizeHint()

    def minimumSizeHint(self) -> QSize:
        """The same whichever is shown, or all around would be laid out anew with each."""
        return QSize(LEAST_PX, LEAST_PX)

    def setCurrentWidget(self, page: QWidget) -> None:
        super().setCurrentWidget(self._areas[page])

    def currentWidget(self) -> QWidget:
        area = super().currentWidget()
        assert isinstance(area, Area)
        return area.inner


class Side(Area):
    """What stands at the edge of a page, `wide` pixels at the usual size of text (as wide as it is given, where that is 0), and
    scrolls by itself; below the rest of the page it is as wide as that and as high as what is in it, and the page scrolls."""

    def __init__(self, desk: Desk, inner: QWidget, wide: int = 0) -> None:
        super().__init__(inner)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._theme, self._wide, self._under = desk.theme, wide, False
        desk.theme.changed.connect(self._measure)
        self._measure()

    @property
    def scrolls(self) -> bool:
        return not self._under

    def stand_under(self, under: bool) -> None:
        self._under = under
        self._measure()

    def _measure(self) -> None:
        free = self._under or not self._wide
        bar = Qt.ScrollBarPolicy.ScrollBarAlwaysOff if self._under else Qt.ScrollBarPolicy.ScrollBarAsNeeded
        self.setVerticalScrollBarPolicy(bar)  # none that goes a moment later, and takes its room until then
        grows = QSizePolicy.Policy.Expanding
        self.setSizePolicy(grows if free else QSizePolicy.Policy.Fixed, grows)
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        hint = super().sizeHint()
        return QSize(self.minimumSizeHint().width() if self._wide else hint.width(), hint.height())

    def minimumSizeHint(self) -> QSize:
        least = super().minimumSizeHint()
        return least.expandedTo(QSize(self._theme.px(self._wide), 0))

    def hasHeightForWidth(self) -> bool:
        return self._under

    def heightForWidth(self, width: int) -> int:
        if not self._under:
            return super().heightForWidth(width)
        return max(self.inner.heightForWidth(width), self.inner.minimumSizeHint().height())


def beside(*parts: QWidget, space: int = 8, shares: Sequence[int] = ()) -> Beside:
    """The parts of a page side by side while there is room for each."""
    made = Beside(*parts, space=space, shares=shares)
    for part in parts:
        if isinstance(part, Side):
            made.turned.connect(part.stand_under)
    return made


class Split(QSplitter):
    """A list, and beside it what is known of the one that is chosen; below it where both have no room side by side, for the words
    are large or the window is narrow. Divided as it was the last time, and `sizes` (pixels at the usual size of text) before it
    was ever dragged."""

    def __init__(self, desk: Desk, name: str, listed: QWidget, beside: QWidget, sizes: tuple[int, int]) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self._desk, self._key, self._beside, self._first = desk, f"split/{name}", beside, sizes
        self._parts = (listed, beside)
        for part in self._parts:
            self.addWidget(part)
        self.setChildrenCollapsible(False)
        self._divide()
        desk.theme.changed.connect(self._turn)
        self.splitterMoved.connect(self._keep)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._turn()

    def minimumSizeHint(self) -> QSize:
        """As if one stood above the other: it turns where they have no room side by side."""
        least = super().minimumSizeHint()
        return QSize(max(self._least()), least.height())

    def _least(self) -> list[int]:
        return [part.minimumSizeHint().expandedTo(part.minimumSize()).width() for part in self._parts]

    def _divide(self) -> None:
        self.setSizes([self._desk.theme.px(size) for size in self._first])
        if self._desk.kept is not None and (state := self._desk.kept.value(self._key)) is not None:
            self.restoreState(state)

    def _turn(self) -> None:
        """Each part as high as it must be: the page around it scrolls."""
        under = self.width() < max(self._desk.theme.px(ABREAST_PX), sum(self._least()) + self.handleWidth())
        self._beside.setMinimumHeight(self._desk.theme.px(UNDER_PX) if under else 0)
        turned = Qt.Orientation.Vertical if under else Qt.Orientation.Horizontal
        if turned is not self.orientation():
            self.setOrientation(turned)
            if not under:
                self._divide()

    def _keep(self) -> None:
        if self._desk.kept is not None and self.orientation() is Qt.Orientation.Horizontal:
            self._desk.kept.setValue(self._key, self.saveState())


def scrolling(inner: QWidget) -> QScrollArea:
    """`inner` in an area that scrolls down only."""
    area = Area(inner)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    return area


def reachable(inner: QWidget) -> QScrollArea:
    """`inner` as large as the room it has; where it needs more it scrolls either way."""
    return Area(inner)


SETTLING_MS = 1000  # what is new on a page takes its place within this


class _Settling(QObject):
    """Holds a widget in sight while what is around it still finds its place; goes by itself, and with the widget."""

    def __init__(self, area: Area, widget: QWidget) -> None:
        super().__init__(widget)
        self._area, self._widget = area, widget
        area.verticalScrollBar().rangeChanged.connect(self._scroll)
        QTimer.singleShot(0, self, self._scroll)
        QTimer.singleShot(SETTLING_MS, self, self.deleteLater)

    def _scroll(self) -> None:
        self._area.ensureWidgetVisible(self._widget)


def bring_into_sight(widget: QWidget) -> None:
    """Scroll to it, once it is laid out."""
    area = widget.parentWidget()
    while area is not None and not (isinstance(area, Area) and area.scrolls):
        area = area.parentWidget()
    if area is not None:
        _Settling(area, widget)


def empty(layout: QLayout) -> None:
    """Take everything out of a layout and let it go."""
    while (item := layout.takeAt(0)) is not None:
        if (widget := item.widget()) is not None:
            widget.hide()
            widget.deleteLater()
        elif (inner := item.layout()) is not None:
            empty(inner)
