import logging
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QMessageLogContext, QTimer, QtMsgType, qInstallMessageHandler
from PySide6.QtWidgets import QApplication

from domain.errors import Mendable
from qtkit.app import keep_log, qt_message, start
from qtkit.theme import Mode


@pytest.fixture
def hooks() -> Iterator[None]:
    before = sys.excepthook, threading.excepthook, logging.getLogger().handlers[:], logging.getLogger().level
    yield
    sys.excepthook, threading.excepthook, handlers, level = before
    root = logging.getLogger()
    for handler in set(root.handlers) - set(handlers):
        handler.close()
        root.removeHandler(handler)
    root.setLevel(level)


def test_an_uncaught_error_is_a_sentence_on_the_screen_and_a_traceback_in_the_log(
    clean_app: QApplication, hooks: None, tmp_path: Path, qtbot: Any
) -> None:
    path = tmp_path / "logs" / "kiosk.log"
    keep_log(path)
    previous = qInstallMessageHandler(None)
    app = start("test", path, language="en", mode=Mode.LIGHT)
    qInstallMessageHandler(previous)
    said: list[str] = []
    app.trouble.happened.connect(said.append)
    try:
        raise ZeroDivisionError("deep inside")
    except ZeroDivisionError as error:
        sys.excepthook(type(error), error, error.__traceback__)
    thread = threading.Thread(target=lambda: 1 / 0)
    thread.start()
    thread.join()
    qtbot.waitUntil(lambda: len(said) == 2)
    assert said[0] == f"Something went wrong on our side. The details are kept in the log: {path}"
    assert "ZeroDivisionError: deep inside" in path.read_text()
    app.trouble.report(Mendable("disk_full", path="/disk"))
    assert said[2] == app.language.tr("error.disk_full", path="/disk"), "what somebody can mend is said as such"
    QTimer.singleShot(0, app.qt.quit)
    assert app.run() == 0


def test_qts_own_messages_go_to_the_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        qt_message(QtMsgType.QtWarningMsg, QMessageLogContext(), "something about painting")
    assert "something about painting" in caplog.text
