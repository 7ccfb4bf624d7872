"""The frame of a Qt program: one application object, Qt's own messages in our log, and a voice for our failures."""

import logging
import os
import signal
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Literal, cast

from PySide6.QtCore import (
    QMessageLogContext,
    QObject,
    QTimer,
    QtMsgType,
    Signal,
    qInstallMessageHandler,
)
from PySide6.QtWidgets import QApplication, QMessageBox

from domain.errors import Mendable
from offline.program import at_terminal
from qtkit.background import Background
from qtkit.i18n import Language
from qtkit.qt_words import speak
from qtkit.theme import Mode, Theme

log = logging.getLogger(__name__)

LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}


class Trouble(QObject):
    """What nobody caught. `happened` carries the sentence to show; the traceback is in the log."""

    happened = Signal(str)

    def __init__(self, language: Language, log_path: Path) -> None:
        super().__init__()
        self._language, self._log_path = language, log_path

    def report(self, error: BaseException) -> None:
        log.critical("uncaught", exc_info=error)
        if isinstance(error, Mendable):  # not ours: it says itself what would mend it
            self.happened.emit(self._language.tr(f"error.{error.code}", **error.details))
        else:
            self.happened.emit(self._language.tr("error.ours", log=self._log_path))

    def install(self) -> None:
        """Take over the hooks of the interpreter and its threads; Ctrl-C still ends the program."""
        sys.excepthook = self._hook
        threading.excepthook = lambda args: self.report(args.exc_value or RuntimeError(str(args.exc_type)))

    def _hook(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
            QApplication.exit(130)
        else:
            self.report(error)


@dataclass(frozen=True)
class App:
    """What every window of a program is given."""

    qt: QApplication
    theme: Theme
    language: Language
    background: Background
    trouble: Trouble

    def run(self) -> int:
        """Show events until the last window closes or a signal ends us, and put an end to it; returns the exit code."""
        try:
            return self.wait()
        finally:
            self.background.close()

    def wait(self) -> int:
        """Show events until the last window closes or a signal ends us; returns the exit code."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: self.qt.quit())
        breath = QTimer()  # Python handles signals only when Qt lets it run
        breath.start(200)
        breath.timeout.connect(lambda: None)
        return self.qt.exec()


def can_show() -> bool:
    """Whether there is a screen to show a window on: without one Qt ends the program with no word of why."""
    return sys.platform != "linux" or any(map(os.environ.get, ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")))


def tell(sentence: str) -> None:
    """One sentence in a window of its own, for a program that was started without a terminal."""
    if not can_show():
        at_terminal(sentence)
        return
    qt = cast(QApplication, QApplication.instance() or QApplication(sys.argv[:1]))
    note = QMessageBox(QMessageBox.Icon.Warning, "守望 Shouwang", sentence)
    note.exec()
    del qt


def qt_message(kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
    category = getattr(context, "category", None) or "qt"
    logging.getLogger("qt").log(LEVELS[kind], "%s: %s", category, message)
    if kind is QtMsgType.QtFatalMsg:  # the program ends here
        at_terminal(message)


def start(
    name: str,
    log_path: Path,
    program: Literal["desktop", "kiosk"] = "desktop",
    language: str = "zh",
    mode: Mode = Mode.SYSTEM,
    scale: float = 1.0,
    reduced_motion: bool = False,
) -> App:
    """Make the application. Raises Mendable: ``no_display``; ``font_missing`` where Chinese could not be shown."""
    if not can_show():
        raise Mendable("no_display")
    qInstallMessageHandler(qt_message)
    qt = cast(QApplication, QApplication.instance() or QApplication(sys.argv[:1]))
    qt.setApplicationName(name)
    qt.setApplicationDisplayName("守望 Shouwang")
    words = Language(language, qt)
    speak(qt, words)
    trouble = Trouble(words, log_path)
    trouble.install()
    theme = Theme(qt, program, mode, scale, reduced_motion)
    return App(qt, theme, words, Background(qt), trouble)
