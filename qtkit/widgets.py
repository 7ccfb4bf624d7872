"""The few widgets both windows share. State is always colour, symbol and word together."""

from html import escape

from PySide6.QtCore import QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QBrush, QColor, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from qtkit.icons import pixmap
from qtkit.theme import Step, Theme


def text(words: str = "", step: Step = "body", tone: str = "", strong: bool = False, wrap: bool = True) -> QLabel:
    """A label of one type step; `tone` is a colour token."""
    label = QLabel(words)
    label.setProperty("type", step)
    label.setProperty("tone", tone)
    label.setProperty("strong", strong)
    label.setWordWrap(wrap)
    label.setTextFormat(Qt.TextFormat.PlainText)
    return label


def tip(words: str) -> str:
    """What to show on hover, as it is written: Qt takes for markup whatever has a tag, and a name may."""
    return f"<qt>{escape(words)}</qt>" if "<" in words else words


def retone(widget: QWidget, name: str, value: object) -> None:
    """Set a dynamic property that the style sheet looks at, and have it looked at again."""
    if widget.property(name) != value:
        widget.setProperty(name, value)
        widget.style().unpolish(widget)
        widget.style().polish(widget)


class Symbol(QLabel):
    """An icon in a colour token, kept right through theme changes."""

    def __init__(self, theme: Theme, name: str, tone: str = "ink", size: int = 24) -> None:
        super().__init__()
        self._theme, self._name, self._token, self._size = theme, name, tone, size
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.refresh)
        self.refresh()

    def show_icon(self, name: str, token: str | None = None) -> None:
        self._name, self._token = name, token or self._token
        self.refresh()

    def refresh(self) -> None:
        size = self._theme.px(self._size)
        self.setFixedSize(QSize(size, size))
        self.setPixmap(pixmap(self._name, self._theme.colour(self._token), size))


class Chip(QFrame):
    """Symbol, word and colour of a state, on a tint of that colour; `blind` is hatched."""

    def __init__(self, theme: Theme, state: str, words: str = "", step: Step = "small") -> None:
        super().__init__()
        self.setProperty("role", "chip")
        self._theme, self.state = theme, state
        self.symbol = Symbol(theme, state, state, round(theme.type_px(step) / theme.scale))
        self.label = text(words, step, tone=state, strong=True, wrap=False)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.px(12), theme.px(4), theme.px(12), theme.px(4))
        row.setSpacing(theme.px(6))
        row.addWidget(self.symbol)
        row.addWidget(self.label)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Maximum)
        theme.changed.connect(self.update)
        self.setAccessibleName(words)

    def show_state(self, state: str, words: str) -> None:
        self.state = state
        self.symbol.show_icon(state, state)
        retone(self.label, "tone", state)
        self.label.setText(words)
        self.setAccessibleName(words)
        self.update()

    def paintEvent(self, _: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(0.75, 0.75, -0.75, -0.75)
        shape = QPainterPath()
        shape.addRoundedRect(box, box.height() / 2, box.height() / 2)
        colour = self._theme.colour(self.state)
        if self.state == "blind":
            painter.fillPath(shape, QBrush(_alpha(colour, 0.14), Qt.BrushStyle.BDiagPattern))
        painter.setPen(_alpha(colour, 0.55))
        painter.drawPath(shape)


class Card(QFrame):
    """A surface with an optional 4 px edge in a state's colour and a vertical layout, `body`."""

    def __init__(self, theme: Theme, edge: str = "") -> None:
        super().__init__()
        self.setProperty("role", "card")
        self._theme, self._edge = theme, edge
        self.body = QVBoxLayout(self)
        pad = theme.px(16)
        self.body.setContentsMargins(pad, pad, pad, pad)
        self.body.setSpacing(theme.px(8))
        theme.changed.connect(self.update)

    def set_edge(self, token: str) -> None:
        self._edge = token
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._edge:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        radius = self._theme.px(12)
        shape = QPainterPath()
        shape.addRoundedRect(QRectF(self.rect()), radius, radius)
        painter.setClipPath(shape)
        edge = QRectF(0, 0, self._theme.px(4), self.height())
        painter.fillRect(edge, self._theme.colour(self._edge))
        if self._edge == "blind":
            painter.fillRect(edge, QBrush(self._theme.colour("surface"), Qt.BrushStyle.BDiagPattern))


_leaving: set[QWidget] = set()


def roomy(theme: Theme, *fields: QAbstractSpinBox) -> None:
    """Keep the words of a field from its rim: a style sheet's padding does not reach the line inside one that counts.

    One with a calendar to open needs none of it.
    """
    for field in fields:
        field.lineEdit().setTextMargins(theme.px(14), 0, theme.px(8), 0)


def let_go(window: QWidget) -> None:
    """Delete a window that closes for good, and hold on to it until Qt has done so.

    Otherwise Python's collector might, in whatever thread it happens to run, while a click in that very window is still on its way.
    """
    _leaving.add(window)
    window.destroyed.connect(lambda: QTimer.singleShot(0, lambda: _leaving.discard(window)))
    window.deleteLater()


class Banner(QFrame):
    """One sentence that stays until it is no longer true, with an edge and a symbol; hidden while empty; `told` after `say`."""

    told = Signal()

    def __init__(self, theme: Theme, step: Step = "body") -> None:
        super().__init__()
        self.placed = False  # whether somebody else says when it is seen
        self.setProperty("role", "banner")
        self.symbol = Symbol(theme, "info", "muted")
        self.label = text(step=step)
        row = self._row = QHBoxLayout(self)
        beside, above = (12, 4) if step == "small" else (16, 8)
        row.setContentsMargins(theme.px(beside), theme.px(above), theme.px(beside), theme.px(above))
        row.setSpacing(theme.px(12))
        row.addWidget(self.symbol)
        row.addWidget(self.label, 1)
        self.hide()

    def add(self, button: QPushButton) -> None:
        """What can be done about it, at the end of the sentence."""
        self._row.addWidget(button)

    def say(self, words: str, tone: str = "muted", icon_name: str = "info") -> None:
        self.label.setText(words)
        self.symbol.show_icon(icon_name, tone)
        self.setAccessibleName(words)
        if not self.placed:
            self.setVisible(bool(words))
        self.told.emit()

    @property
    def words(self) -> str:
        return self.label.text()


class EmptyState(QWidget):
    """What a list shows when it is empty, in its middle: a symbol, a sentence, and the next step where there is one."""

    def __init__(self, theme: Theme, icon_name: str, words: str, next_step: QPushButton | None = None) -> None:
        super().__init__()
        lines = QVBoxLayout(self)
        lines.setSpacing(theme.px(16))
        self.label = text(words, tone="muted")
        self.label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._theme = theme
        lines.addStretch(1)
        lines.addWidget(Symbol(theme, icon_name, "muted", 56), 0, Qt.AlignmentFlag.AlignHCenter)
        lines.addWidget(self.label)
        if next_step is not None:
            lines.addWidget(next_step, 0, Qt.AlignmentFlag.AlignHCenter)
        lines.addStretch(1)

    def minimumSizeHint(self) -> QSize:
        """Room for a few words in a line."""
        return super().minimumSizeHint().expandedTo(QSize(self._theme.px(240), 0))

    def say(self, words: str) -> None:
        self.label.setText(words)


def _alpha(colour: QColor, alpha: float) -> QColor:
    faded = QColor(colour)
    faded.setAlphaF(alpha)
    return faded
