"""Windows on the screens there are: that they fit, can be seen, and come forward."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial

from PySide6.QtCore import QObject, QRect, QSettings, QSize, Qt, QTimer
from PySide6.QtGui import QGuiApplication, QScreen
from PySide6.QtWidgets import QApplication, QDialog, QWidget
from shiboken6 import isValid

FRAME, TITLE = 8, 48  # px that a system's frame takes beside and above a window, at most
APPEAR_MS = 50  # between a window's going and its coming again
SETTLED_MS = 1000
_AGAIN = "comes-again"  # of a dialog that is gone for a moment, with its window
_FULL = Qt.WindowState.WindowFullScreen


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
    for dialog in _dialogs(window):
        if dialog.isVisible() or dialog.property(_AGAIN):
            dialog.setProperty(_AGAIN, False)
            dialog.reject()


def _dialogs(window: QWidget) -> list[QDialog]:
    return [d for d in QApplication.topLevelWidgets() if isinstance(d, QDialog) and _over(d, window)]


def _come_again(dialog: QDialog) -> None:
    """Over its window, as a new one of the system; the keyboard stays in the window. Not where it was closed meanwhile."""
    if dialog.property(_AGAIN):
        dialog.setProperty(_AGAIN, False)
        if (handle := dialog.windowHandle()) is not None:
            handle.destroy()
        dialog.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        dialog.show()
        dialog.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating, False)


@contextmanager
def _untied(dialogs: list[QDialog]) -> Iterator[None]:
    """They belong to no window meanwhile: on Wayland Qt closes what belongs to one that is destroyed. So it does with modal ones,
    as if they were cancelled: left over they would stand beneath their window, and nothing in it could be pressed."""
    # one that was closed meanwhile may be no more
    handles = (dialog.windowHandle() for dialog in dialogs if isValid(dialog))
    owners = [(handle, handle.transientParent()) for handle in handles if handle is not None]
    for handle, _ in owners:
        handle.setTransientParent(None)  # type: ignore[arg-type]  # to none, as Qt has it
    yield
    for handle, owner in owners:
        handle.setTransientParent(owner)


def _over(dialog: QWidget, window: QWidget) -> bool:
    """Whether it was opened from the window, or from another that was."""
    above = dialog.parentWidget()
    return above is not None and (above.window() is window or _over(above.window(), window))


def is_in_front(window: QWidget) -> bool:
    """Whether somebody works in the window, or in one that was opened from it."""
    active = QApplication.activeWindow()
    return active is not None and (active is window or _over(active, window))


def bring_forward(window: QWidget, dress: Callable[[], None] = lambda: None) -> None:
    """Show a window before all others, out of its icon too, on a screen that is there; `dress` it just before.

    GNOME and KDE let nobody raise a window of their own over one in which somebody works: it stays behind, and a line says that it
    "is ready"; on Wayland a program does not even learn that it is an icon. A window that appears is shown, and has the keyboard.
    So one that is not in front goes and comes again, not within one turn: on Wayland nothing of it would be painted. What was
    opened from it goes and comes with it: the system would leave it behind. Qt sees to modal ones, which hiding would end.
    Asked for once more while it is gone, it comes as it was asked for last.
    """
    gone = window.findChild(_Coming, options=Qt.FindChildOption.FindDirectChildrenOnly)
    if gone is not None:
        gone.dress_in(dress)
        return
    coming = _Coming(window, dress)
    if window.isVisible() and not window.isActiveWindow():
        coming.go()
    else:
        coming.appear()


class _Coming(QObject):
    """One window's way to the front; a child of the window for as long as it takes."""

    def __init__(self, window: QWidget, dress: Callable[[], None]) -> None:
        super().__init__(window)
        self._window, self._dress = window, dress
        self._held = window.focusWidget()
        self._beside = list[QDialog]()

    def dress_in(self, dress: Callable[[], None]) -> None:
        """The keyboard then belongs to who asks now; who has asked already does not have it taken by what Qt went on to."""
        if dress != self._dress:
            self._dress, self._held = dress, self._window.focusWidget()

    def go(self) -> None:
        self._beside += [d for d in _dialogs(self._window) if d.isVisible() and not d.isModal()]
        for dialog in self._beside:
            dialog.setProperty(_AGAIN, True)
            dialog.hide()
        self._window.hide()
        QTimer.singleShot(APPEAR_MS, self, self.appear)

    def appear(self) -> None:
        window, held = self._window, self._held
        self.setParent(None)
        with _untied(self._beside):
            if not window.isVisible() and (handle := window.windowHandle()) is not None:
                handle.destroy()  # else what was shown once is not painted again on Wayland, now and then
        window.setWindowState(window.windowState() & ~Qt.WindowState.WindowMinimized)
        keep_in_sight(window)
        self._dress()
        window.show()
        # where it was made active while it was gone, Qt has gone on to the next
        with suppress(RuntimeError):  # it may have died meanwhile
            if held is not None and held.isVisible():
                held.setFocus(Qt.FocusReason.OtherFocusReason)
        for dialog in self._beside:
            with suppress(RuntimeError):
                _come_again(dialog)
        window.raise_()
        window.activateWindow()


class OverAll(QObject):
    """A window over everything there is, on the whole of its screen, for as long as something rings; then as it stood before."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window, self._wanted = window, False
        self._before, self._size = Qt.WindowState.WindowNoState, QSize()

    def come(self) -> None:
        if not self._wanted:
            self._wanted = True
            self._before = self._window.windowState() & (~_FULL & ~Qt.WindowState.WindowMinimized)
            self._size = self._window.size()
            self._on_top(True)
        bring_forward(self._window, self._dress)

    def go_back(self) -> None:
        if not self._wanted:
            return
        self._wanted = False
        self._on_top(False)
        self._dress()
        QTimer.singleShot(SETTLED_MS, self, self._settled)

    def _settled(self) -> None:
        """A compositor may still have been answering the wish to fill the screen, and Qt took that for the latest news; and on
        Wayland a window comes back smaller by the frame that Qt draws around it."""
        self._dress()
        if not self._wanted and self._window.windowState() == Qt.WindowState.WindowNoState == self._before:
            self._window.resize(self._size)

    def _dress(self) -> None:
        if self._wanted:
            if self._window.size() == self._window.size().boundedTo(self._window.screen().size()):
                self._window.setWindowState(_FULL)
        elif self._window.isFullScreen() and self._window.isVisible():
            self._window.setWindowState(self._before | (self._window.windowState() & Qt.WindowState.WindowMinimized))

    def _on_top(self, on: bool) -> None:
        """Windows shows nothing over what somebody works in but what stays on top."""
        if QGuiApplication.platformName() == "windows" and (handle := self._window.windowHandle()) is not None:
            handle.setFlag(Qt.WindowType.WindowStaysOnTopHint, on)


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
