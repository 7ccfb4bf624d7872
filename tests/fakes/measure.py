"""Finds words that a window cuts off, by measuring every visible label and button against the room it was given."""

from PySide6.QtCore import QRect, Qt
from PySide6.QtWidgets import QAbstractButton, QAbstractScrollArea, QLabel, QPushButton, QToolButton, QWidget

SLACK = 1  # pixels; fonts round


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
        else:
            continue
        found += _outside(widget, window)
    return found


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


def _outside(widget: QLabel | QAbstractButton, window: QWidget) -> list[str]:
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
                f"{type(widget).__name__} {widget.text()!r} leaves {clips}: {place.getRect()} in {outer.rect().getRect()}"
            ]
        inner = outer
        if scrolls:
            place = outer.rect()  # from here on it is the view that must not be clipped
    return []


def _stretched(room: QRect, area: QAbstractScrollArea) -> QRect:
    """The view of an area, endless the ways that it may scroll."""
    endless, never = 1_000_000, Qt.ScrollBarPolicy.ScrollBarAlwaysOff
    across = 0 if area.horizontalScrollBarPolicy() == never else endless
    along = 0 if area.verticalScrollBarPolicy() == never else endless
    return room.adjusted(-across, -along, across, along)
