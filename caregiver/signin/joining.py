"""The first window of a new computer: it joins its district with the one-time code that an administrator gave."""

import logging
import platform
from collections.abc import Callable
from threading import Event, Lock

from PySide6.QtCore import Signal

from caregiver.signin.doorstep import Doorstep
from caregiver.signin.look_around import LookAround
from domain.errors import Mendable
from offline.node import Node
from offline.settings import log_path
from qtkit.app import App
from qtkit.buttons import Button
from qtkit.i18n import Language
from qtkit.theme import Theme
from qtkit.widgets import let_go

log = logging.getLogger(__name__)


class JoiningWindow(Doorstep):
    """`wanted(address, code, name)`: the district's address, the code, and what the district is to call this computer."""

    wanted = Signal(str, str, str)

    def __init__(self, theme: Theme, language: Language) -> None:
        super().__init__(theme, language, "joining", ("district", "code", "name"))
        self.district, self.code, self.name = self.fields.values()
        self.look = Button(theme, icon_name="info", role="quiet")
        self.foot.insertWidget(0, self.look)
        self.district.setPlaceholderText("https://district.example:8700")
        self.name.setText(platform.node())
        self.asked.connect(self._want)
        self.say()

    def say(self) -> None:
        super().say()
        self.look.setText(self.word("look"))

    def refuse(self, error: Mendable) -> None:
        super().refuse(error)
        (self.code if error.code == "code_refused" else self.district).setFocus()

    def _want(self) -> None:
        self.wanted.emit(*(field.text().strip() for field in self.fields.values()))


def join(app: App, open_node: Callable[[], Node], certificate: str) -> bool:
    """Ask until this computer has joined (true), or the window is closed. Raises Mendable as `open_node`."""
    window, node = JoiningWindow(app.theme, app.language), open_node()
    around, turn = LookAround(app, window), Lock()

    def failed(error: Exception) -> None:
        if not isinstance(error, Mendable):
            log.error("joining", exc_info=error)
            error = Mendable("ours", log=log_path("caregiver"))
        window.refuse(error)

    def joined() -> None:
        around.close()
        window.close()

    def attempt(address: str, code: str, name: str) -> None:
        given_up = Event()

        def enrol() -> None:
            with turn:  # an answer to one that was given up may still come, and is taken where it is a good one
                if node.district is None and not given_up.is_set():
                    node.enrol(address, code, "caregiver", name, certificate)

        def over(error: Exception | None) -> None:
            if node.district is not None:
                joined()
            elif error is not None and not given_up.is_set():
                failed(error)

        window.given_up.connect(given_up.set)
        app.background.run(enrol, lambda _: over(None), over, window, asks=True)

    window.wanted.connect(attempt)
    window.look.clicked.connect(around.open)
    around.failed.connect(failed)
    try:
        window.show()
        app.wait()
        return node.district is not None
    finally:
        around.close()
        let_go(window)
        node.hang_up()
        node.close()
