"""Finds words that a window cuts off, by measuring every visible label, button and field against the room it was given."""

from PySide6.QtCore import QRect, Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QAbstractSpinBox,
    QComboBox,
    QGraphicsView,
    QLabel,
    QLineEdit,
    QPushButton,
    QStyle,
    QStyleOptionComboBox,
    QStyleOptionFrame,
    QToolButton,
    QWidget,
)

SLACK = 1  # pixels; fonts round
INSIDE = 2  # pixels that Qt leaves on either side of the words in a field


def cut_off(window: QWidget) -> list[str]:
    """One line for every text that does not fit its widget or whose widget leaves the window; empty is good."""
    found = []
    for widget in window.findChildren(QWidget):
        if not widget.isVisibleTo(window):
            continue
        if isinstance(widget, QLabel) and widget.text():
            found += _label(widget)
        elif isinstance(widget, QAbstractButton) and widget.text():
            found += _button(widget)
        elif isinstance(widget, QComboBox):
            found += _choice(widget)
        elif isinstance(widget, QLineEdit):
            found += _field(widget)
        else:
            continue
        found += _outside(widget, window)
    return found


def sideways(window: QWidget) -> list[str]:
    """What scrolls sideways, or would if it had a bar for it."""
    areas = [w for w in window.findChildren(QAbstractScrollArea) if w.isVisibleTo(window)]
    return [
        f"{type(area).__name__} {area.accessibleName() or [type(w).__name__ for w in area.viewport().children()]}"
        f" +{area.horizontalScrollBar().maximum()}"
        for area in areas
        if not isinstance(area, QGraphicsView) and area.horizontalScrollBar().maximum() > 0
    ]


def _choice(choice: QComboBox) -> list[str]:
    about = QStyleOptionComboBox()
    choice.initStyleOption(about)
    part = QStyle.SubControl.SC_ComboBoxEditField
    room = choice.style().subControlRect(QStyle.ComplexControl.CC_ComboBox, about, part, choice)
    words = choice.currentText()
    return _compare(choice, words, choice.fontMetrics().boundingRect(words).width(), 0, room.width(), 0)


def _field(field: QLineEdit) -> list[str]:
    """What it says while nobody has written in it; what is written scrolls. One that counts shows all there may be."""
    words = field.text() if isinstance(field.parentWidget(), QAbstractSpinBox) else field.placeholderText()
    about = QStyleOptionFrame()
    field.initStyleOption(about)
    room = field.style().subElementRect(QStyle.SubElement.SE_LineEditContents, about, field)
    margins = field.textMargins()
    wide = room.width() - margins.left() - margins.right() - 2 * INSIDE
    return _compare(field, words, field.fontMetrics().boundingRect(words).width(), 0, wide, 0)


def _label(label: QLabel) -> list[str]:
    room = label.contentsRect()
    if label.wordWrap():
        needed = label.fontMetrics().boundingRect(
            QRect(0, 0, room.width(), 10_000), int(Qt.TextFlag.TextWordWrap), label.text()
        )
    else:
        needed = label.fontMetrics().boundingRect(QRect(0, 0, 100_000, 10_000), 0, label.text())
    return _compare(label, label.text(), needed.width(), needed.height(), room.width(), room.height())


def _button(button: QAbstractButton) -> list[str]:
    lines = button.text().replace("&", "").split("\n")
    metrics = button.fontMetrics()
    width = max(metrics.horizontalAdvance(line) for line in lines)
    height = metrics.height() * len(lines)
    beside = isinstance(button, QPushButton) or (
        isinstance(button, QToolButton) and button.toolButtonStyle() is Qt.ToolButtonStyle.ToolButtonTextBesideIcon
    )
    if beside and not button.icon().isNull():
        width += button.iconSize().width() + 4
    return _compare(button, button.text(), width, height, button.width(), button.height())


def _compare(widget: QWidget, words: str, width: int, height: int, room_w: int, room_h: int) -> list[str]:
    if width > room_w + SLACK or height > room_h + SLACK:
        return [f"{type(widget).__name__} {words!r} needs {width}x{height}, has {room_w}x{room_h}"]
    return []


def _outside(widget: QLabel | QAbstractButton | QComboBox | QLineEdit, window: QWidget) -> list[str]:
    """Whether an ancestor clips the widget; what scrolls may be larger than its view, along the way that it scrolls."""
    place = widget.rect()
    inner: QWidget = widget
    while inner is not window:
        outer = inner.parentWidget()
        if outer is None:
            return []
        place = place.translated(inner.pos())
        room = outer.rect().adjusted(-SLACK, -SLACK, SLACK, SLACK)
        area = outer.parentWidget()
        scrolls = isinstance(area, QAbstractScrollArea)
        if isinstance(area, QAbstractScrollArea):
            room = _stretched(room, area)
        if not room.contains(place):
            clips = "the window" if outer is window else type(outer).__name__
            return [
                f"{type(widget).__name__} {_words(widget)!r} leaves {clips}: {place.getRect()} in {outer.rect().getRect()}"
            ]
        inner = outer
        if scrolls:
            place = outer.rect()  # from here on it is the view that must not be clipped
    return []


def _words(widget: QLabel | QAbstractButton | QComboBox | QLineEdit) -> str:
    return widget.currentText() if isinstance(widget, QComboBox) else widget.text() or widget.accessibleName()


def _stretched(room: QRect, area: QAbstractScrollArea) -> QRect:
    """The view of an area, endless the ways that it may scroll."""
    endless, never = 1_000_000, Qt.ScrollBarPolicy.ScrollBarAlwaysOff
    across = 0 if area.horizontalScrollBarPolicy() == never else endless
    along = 0 if area.verticalScrollBarPolicy() == never else endless
    return room.adjusted(-across, -along, across, along)
