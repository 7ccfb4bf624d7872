"""Somebody who presses the cross of a window."""

from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QApplication, QWidget


class Cross(QCloseEvent):
    """As it comes from a window manager, not from the program."""

    def spontaneous(self) -> bool:
        return True


def press_the_cross(window: QWidget) -> bool:
    """Whether it went."""
    event = Cross()
    if QApplication.sendEvent(window, event) and event.isAccepted():
        window.hide()  # as Qt does
    return not window.isVisible()
