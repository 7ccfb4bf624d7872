import logging
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication, QMessageLogContext, QTimer, QtMsgType, qInstallMessageHandler
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel
from pytestqt.qtbot import QtBot

from domain.errors import Mendable
from offline.program import keep_log
from qtkit.app import qt_message, start
from qtkit.i18n import Language
from qtkit.qt_words import speak
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


def test_qts_own_dialogs_speak_the_language_of_the_window(clean_app: QApplication) -> None:
    words = Language("zh")
    speak(clean_app, words)
    said = []
    for code in ("zh", "en", "zh", "en"):
        words.set(code)
        said.append(QCoreApplication.translate("QPlatformTheme", "Cancel"))
    assert said == ["取消", "Cancel", "取消", "Cancel"]


def test_a_dialog_to_choose_a_file_mixes_no_languages(clean_app: QApplication, qtbot: QtBot, tmp_path: Path) -> None:
    words = Language("zh")
    speak(clean_app, words)
    (tmp_path / "folder").mkdir()
    dialog = QFileDialog(None, "打开", str(tmp_path), "照片 (*.jpg)")
    dialog.setOption(QFileDialog.Option.DontUseNativeDialog)
    qtbot.addWidget(dialog)
    said = [label.text() for label in dialog.findChildren(QLabel) if label.text()]
    assert said
    assert [one for one in said if not any(sign >= "\u4e00" for sign in one)] == []
    words.set("en")


def test_qts_own_messages_go_to_the_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        qt_message(QtMsgType.QtWarningMsg, QMessageLogContext(), "something about painting")
    assert "something about painting" in caplog.text


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is always a screen")
@pytest.mark.parametrize("program", ["kiosk", "caregiver"])
@pytest.mark.parametrize("options", [[], ["--windowed"]])
def test_a_program_without_a_screen_says_so_in_one_sentence(program: str, options: list[str], tmp_path: Path) -> None:
    screens = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    around = {name: value for name, value in os.environ.items() if name not in screens}
    around |= {
        "HOME": str(tmp_path),
        "SHOUWANG_LANGUAGE": "en",
        f"SHOUWANG_{program.upper()}_DATA": str(tmp_path / "data"),
    }
    ran = subprocess.run(
        [sys.executable, "-m", program, *options], env=around, capture_output=True, text=True, timeout=60
    )
    assert (ran.returncode, ran.stderr.partition(".")[0]) == (1, "There is no screen here to show the window on")


def test_what_makes_qt_end_the_program_is_said_at_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    qt_message(QtMsgType.QtFatalMsg, QMessageLogContext(), "could not connect to display :9")
    assert capsys.readouterr().err == "could not connect to display :9\n"
