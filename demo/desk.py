"""The caregiver's desktop as an actor: the real program's parts, wired by its own bootstrap."""

from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from PySide6.QtCore import QSettings, Qt
from PySide6.QtTest import QTest

from caregiver.bootstrap import make_desk, open_node, operator_session
from caregiver.config import CaregiverSettings, Operator
from demo.actors import Stage, take_picture
from offline.program import keep_log
from qtkit.app import start
from qtkit.theme import Mode


def play_desk(
    line: Connection, settings: CaregiverSettings, folder: Path, pictures: Path | None, url: str, code: str
) -> None:
    """Enrol, then run the desktop until it is asked to leave or its window is closed."""
    operator = settings.operator or Operator()
    node = open_node(settings)
    node.enrol(url, code, "caregiver", operator.name)
    node.close()
    screen, log = settings.screen, folder / "caregiver.log"
    keep_log(log)
    app = start("caregiver", log, "desktop", screen.language, Mode(screen.theme), screen.scale)
    # no first steps in a play
    QSettings(str(settings.data / "window.ini"), QSettings.Format.IniFormat).setValue("toured", True)
    desk = make_desk(settings, app)
    window = desk.window(operator_session(operator, settings, desk.node))

    def picture(name: str) -> None:
        if pictures is not None:
            take_picture(window, pictures / f"caregiver-{name}.png")

    def plan(person: str, payload: dict[str, Any]) -> None:
        desk.node.journal.append("careplan.proposed", {"base": "", **payload}, subject=person)
        if desk.node.sync is not None:
            desk.node.sync.poke()

    def press_enter() -> None:
        """What the caregiver does: the keyboard alone answers an alarm."""
        QTest.keyClick(window.focusWidget() or window, Qt.Key.Key_Return)

    stage = Stage(line, {"plan": plan, "picture": picture, "press_enter": press_enter, "leave": app.qt.quit})
    window.alarm_painted.connect(lambda incident: stage.say("alarm", incident=incident))
    window.sign_shown.connect(lambda person: stage.say("sign", person=person))
    window.show()
    stage.say("ready", device=desk.node.journal.device)
    try:
        app.run()
    finally:
        stage.close()
        desk.close(window)
        desk.stop()
