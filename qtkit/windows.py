"""Windows on the screens there are: that they fit, can be seen, and come forward."""

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QDialog, QWidget

FRAME, TITLE = 8, 48  # px that a system's frame takes beside and above a window, at most


def has_room(window: QWidget) -> bool:
    """Whether the screen takes the whole window with a system's frame around it."""
    there = window.screen().availableGeometry()
    return window.width() + 2 * FRAME <= there.width() and window.height() + TITLE <= there.height()


def keep_in_sight(window: QWidget) -> None:
    """Onto a screen that is there, where hardly any of the window can be seen: its display was unplugged, or became smaller."""
    frame, least = window.frameGeometry(), QSize(200, 100)
    for screen in QGuiApplication.screens():
        seen = screen.availableGeometry().intersected(frame)
        if seen.width() >= least.width() and seen.height() >= least.height():
            return
    state, there = window.windowState(), QGuiApplication.primaryScreen().availableGeometry()
    window.setWindowState(state & Qt.WindowState.WindowMinimized)
    size = window.size().boundedTo(there.size())
    window.resize(size)
    window.move(there.center() - QRect(there.topLeft(), size).center() + there.topLeft())
    window.setWindowState(state)


def fit(window: QWidget) -> None:
    """Within its screen, which has become smaller than the window, or has another panel at its edge now."""
    there, frame = window.screen().availableGeometry(), window.frameGeometry()
    if there.contains(frame) or window.isMaximized() or window.isFullScreen():
        return
    window.resize(window.size().boundedTo(there.size() - (frame.size() - window.size())))
    frame = window.frameGeometry()
    across = max(there.left(), min(frame.left(), there.right() + 1 - frame.width()))
    window.move(across, max(there.top(), min(frame.top(), there.bottom() + 1 - frame.height())))


def clear_the_way(window: QWidget) -> None:
    """Close what stands over a window and takes its keyboard and mouse: an open list, a menu, a dialog, as if it were cancelled."""
    while (popup := QApplication.activePopupWidget()) is not None and popup.close():
        pass
    for dialog in QApplication.topLevelWidgets():
        if isinstance(dialog, QDialog) and dialog.isVisible() and _over(dialog, window):
            dialog.reject()


def _over(dialog: QWidget, window: QWidget) -> bool:
    """Whether it was opened from the window, or from another that was."""
    above = dialog.parentWidget()
    return above is not None and (above.window() is window or _over(above.window(), window))


def bring_forward(window: QWidget) -> None:
    """Show a window before all others, out of its icon too, on a screen that is there."""
    window.setWindowState(window.windowState() & ~Qt.WindowState.WindowMinimized)
    keep_in_sight(window)
    window.show()
    window.raise_()
    window.activateWindow()
