"""The few widgets both windows share. State is always colour, symbol and word together."""

from html import escape
from typing import Literal

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QBrush, QColor, QIcon, QKeyEvent, QPainter, QPainterPath, QPaintEvent
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

Role = Literal["", "primary", "well", "well_offer", "quiet", "key", "danger", "on_alarm", "tab"]


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


def is_enter(event: QEvent) -> bool:
    return isinstance(event, QKeyEvent) and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class Button(QPushButton):
    """A button with an optional icon in the colour of its words; at least 48 px high, 96 on the kiosk.

    On the desktop Enter presses it, as Space does; at a gate Enter ends what a card reader types.
    """

    def __init__(
        self, theme: Theme, words: str = "", icon_name: str = "", role: Role = "", height: int | None = None
    ) -> None:
        super().__init__(words)
        self._theme, self._icon_name = theme, icon_name
        self._height = height or (96 if theme.program == "kiosk" else 48)
        self._least = 96 if theme.program == "kiosk" else 0
        self.setProperty("role", role)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        theme.changed.connect(self.refresh)
        self.refresh()

    def set_icon(self, name: str) -> None:
        if name != self._icon_name:
            self._icon_name = name
            self.refresh()

    def setText(self, words: str) -> None:
        if words != self.text():
            super().setText(words)
            self.refresh()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.EnabledChange:
            self.refresh()

    def event(self, event: QEvent) -> bool:
        if is_enter(event) and event.type() is QEvent.Type.ShortcutOverride and self._theme.program != "kiosk":
            event.accept()  # it presses this button, whatever Enter does elsewhere on the page
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self._theme.program == "kiosk" or not is_enter(event):
            super().keyPressEvent(event)
        elif not event.isAutoRepeat():
            self.click()

    def refresh(self) -> None:
        self.setMinimumHeight(max(self._least, self._theme.px(self._height)))
        if not self._icon_name:
            self.setIcon(QIcon())
            return
        size = round(self._theme.type_px("body") * (1.25 if self.text() else 1.6))
        gap = self._theme.px(8) if self.text() else 0  # Qt leaves hardly any between icon and word
        self.setIcon(QIcon(pixmap(self._icon_name, self._theme.colour(self._ink()), size, gap)))
        self.setIconSize(QSize(size + gap, size))

    def _ink(self) -> str:
        role = self.property("role")
        if not self.isEnabled():
            return {"primary": "ink", "well_offer": "on_well"}.get(role, "muted")
        filled = {"primary": "on_lantern", "well": "on_well", "danger": "alarm", "on_alarm": "alarm_fill"}
        return filled.get(role, "well" if role == "well_offer" else "ink")


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
