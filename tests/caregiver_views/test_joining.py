"""A new computer joins its district through the window it starts with."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from caregiver.bootstrap import open_node
from caregiver.config import CaregiverSettings
from caregiver.signin.joining import JoiningWindow, join
from caregiver.signin.look_around import LookAround
from offline.settings import log_path
from qtkit.app import App, Trouble
from qtkit.background import Background
from qtkit.i18n import Language
from qtkit.theme import Mode, Theme
from tests.fakes.serving import Serving


@pytest.fixture
def app(qapp: QApplication, tmp_path: Path) -> Iterator[App]:
    language = Language("en")
    theme = Theme(qapp, "desktop", Mode.LIGHT, 1.0, reduced_motion=True)
    app = App(qapp, theme, language, Background(), Trouble(language, tmp_path / "log"))
    yield app
    app.background.close()
    qapp.setStyleSheet("")


class Newcomer:
    """Somebody at a new computer; `steps` run one after the other, each as soon as the window waits for input again."""

    def __init__(self, app: App, folder: Path) -> None:
        self.app, self.settings = app, CaregiverSettings(data=folder / "desk")
        self.said: list[str] = []

    def joins(self, *steps: Any) -> bool:
        waiting = list(steps)
        look = QTimer(interval=10)

        def step() -> None:
            found = [w for w in self.app.qt.topLevelWidgets() if isinstance(w, JoiningWindow) and w.isVisible()]
            if not found or not found[0].go.isEnabled():
                return
            if found[0].error.isVisible():
                self.said.append(found[0].error.label.text())
            waiting.pop(0)(found[0])

        look.timeout.connect(step)
        look.start()
        try:
            return join(self.app, lambda: open_node(self.settings), "")
        finally:
            look.stop()


def types(address: str, code: str) -> Any:
    def do(window: JoiningWindow) -> None:
        window.district.clear()
        window.code.clear()
        QTest.keyClicks(window.district, address)
        QTest.keyClicks(window.code, code)
        QTest.keyClick(window.code, Qt.Key.Key_Return)

    return do


def test_a_wrong_code_is_told_and_the_right_one_joins(app: App, district: Serving, tmp_path: Path) -> None:
    newcomer = Newcomer(app, tmp_path)
    assert newcomer.joins(types(district.url, "AAAA-AAAA"), types(district.url, district.code("caregiver")))
    assert newcomer.said == [app.language.tr("error.code_refused")]
    node = open_node(newcomer.settings)
    assert node.district is not None
    assert node.district.url == district.url
    node.close()


def test_an_address_where_nobody_answers_is_told_and_closing_leaves_it_unjoined(app: App, tmp_path: Path) -> None:
    newcomer = Newcomer(app, tmp_path)
    assert not newcomer.joins(types("http://127.0.0.1:9", "AAAA-AAAA"), lambda window: window.close())
    (said,) = newcomer.said
    assert "127.0.0.1:9" in said


def test_a_field_left_empty_is_where_one_stands_next(app: App, tmp_path: Path) -> None:
    def only_the_address(window: JoiningWindow) -> None:
        QTest.keyClicks(window.district, "https://district.example:8700")
        window.go.click()
        assert window.go.isEnabled()
        assert window.focusWidget() is window.code
        window.close()

    assert not Newcomer(app, tmp_path).joins(only_the_address)


def test_one_may_look_around_first_over_invented_people_who_are_gone_afterwards(
    app: App, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    joining = JoiningWindow(app.theme, app.language)
    qtbot.addWidget(joining)
    around = LookAround(app, joining)
    joining.look.clicked.connect(around.open)
    joining.show()
    with qtbot.waitSignal(around.opened, timeout=30_000):
        joining.look.click()
        joining.look.click()  # an impatient second press opens no second one
    window = around.window
    assert window is not None
    assert window.tour.isVisible()
    assert not window.alarm.isVisible()
    assert window.top.line.label.text() == app.language.tr("caregiver.line.sample")
    assert len(window.board.model.elders) == 48
    with qtbot.waitSignal(around.ended, timeout=5000):
        window.close()
    assert list(tmp_path.glob("shouwang-look-*")) == []
    assert joining.isVisible()


FULL = OSError(28, "No space left on device")


def test_a_look_around_that_could_not_be_laid_out_leaves_nothing_behind(
    app: App, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(LookAround, "_lay", lambda *_: (_ for _ in ()).throw(FULL))
    joining = JoiningWindow(app.theme, app.language)
    qtbot.addWidget(joining)
    around = LookAround(app, joining)
    with qtbot.waitSignal(around.failed, timeout=5000) as failed:
        around.open()
    assert failed.args == [FULL]
    assert list(tmp_path.glob("shouwang-look-*")) == []


def test_that_one_cannot_look_around_is_told(app: App, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LookAround, "open", lambda self: self.failed.emit(FULL))
    newcomer = Newcomer(app, tmp_path)
    assert not newcomer.joins(lambda window: window.look.click(), lambda window: window.close())
    assert newcomer.said == [app.language.tr("error.ours", log=log_path("caregiver"))]
