"""Before the window is closed: what then rings no more at this computer, and how to have it out of the way and still hear."""

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QWidget

from caregiver.layout import column
from qtkit.buttons import Button
from qtkit.flow import Flow
from qtkit.i18n import Language
from qtkit.theme import Theme
from qtkit.widgets import text

WIDE_PX = 520


class Leaving(QDialog):
    """Not modal: an alarm that comes is not kept waiting by it. `put_away` or `closes`; nothing where it is left alone."""

    put_away = Signal()
    closes = Signal()

    def __init__(self, theme: Theme, language: Language, parent: QWidget) -> None:
        super().__init__(parent)
        px = theme.px

        def words(name: str) -> str:
            return language.tr(f"caregiver.leaving.{name}")

        self.setWindowTitle(words("title"))
        self.stay, self.end = Button(theme, words("put_away"), role="primary"), Button(theme, words("close"))
        for button, then in ((self.stay, self.put_away), (self.end, self.closes)):
            button.clicked.connect(self.accept)
            button.clicked.connect(then)
        self.finished.connect(self.deleteLater)
        told = column(
            text(words("title"), "title"),
            text(words("what")),
            Flow(self.stay, self.end, space=px(24)),
            space=px(16),
            margins=px(24),
        )
        self.setLayout(told)
        wide = min(px(WIDE_PX), parent.width())
        self.setFixedWidth(wide)
        self.resize(wide, told.totalHeightForWidth(wide))
        self.stay.setFocus()


def _ends() -> bool:
    """Whether the machine or its session is being shut down."""
    app = QGuiApplication.instance()
    return isinstance(app, QGuiApplication) and app.isSavingSession()


class AsksBefore(QObject):
    """Stands before a window's cross: somebody who presses it is asked, once. What the program or the system closes, closes."""

    def __init__(self, theme: Theme, language: Language, window: QWidget) -> None:
        super().__init__(window)
        self._theme, self._language, self._window = theme, language, window
        window.installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if event.type() != QEvent.Type.Close or not event.spontaneous() or _ends():
            return False
        event.ignore()
        for asked in self._window.findChildren(Leaving):  # pressed once more
            asked.reject()
        asks = Leaving(self._theme, self._language, self._window)
        asks.put_away.connect(self._window.showMinimized)
        asks.closes.connect(self._window.close)
        asks.show()
        asks.activateWindow()
        return True
