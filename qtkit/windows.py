"""Windows on the screens there are: that they fit, can be seen, and come forward."""

from functools import partial

from PySide6.QtCore import QObject, QRect, QSettings, QSize, Qt, QTimer
from PySide6.QtGui import QGuiApplication, QScreen
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


class InSight(QObject):
    """Looks after a window while screens are unplugged, come, and change their size; `remember` and `again` keep where it stood."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        if isinstance(app := QGuiApplication.instance(), QGuiApplication):
            app.screenRemoved.connect(self._unplugged)
            app.screenAdded.connect(self._watch)
            for screen in app.screens():
                self._watch(screen)

    def again(self, kept: QSettings) -> None:
        """Where it stood the last time; for somebody who has never seen it, all of a small screen."""
        if (place := kept.value("geometry")) is not None:
            self._window.restoreGeometry(place)
            keep_in_sight(self._window)
        elif not has_room(self._window):
            self._window.setWindowState(Qt.WindowState.WindowMaximized)

    def remember(self, kept: QSettings) -> None:
        kept.setValue("geometry", self._window.saveGeometry())

    def _watch(self, screen: QScreen) -> None:
        screen.availableGeometryChanged.connect(self._narrowed)

    def _narrowed(self) -> None:
        """A screen was set to fewer pixels while the window stood there: the buttons of an alarm must stay in sight."""
        QTimer.singleShot(0, self, partial(fit, self._window))

    def _unplugged(self) -> None:
        """A screen has gone; Qt moves its windows itself where the system does not, so look once it is done."""
        QTimer.singleShot(0, self, partial(keep_in_sight, self._window))


def panel(qt: QGuiApplication) -> tuple[int, int]:
    """The pixels, across and down, that a full-screen window gets."""
    size = qt.primaryScreen().size()
    return size.width(), size.height()
