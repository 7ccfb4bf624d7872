"""Plays what a visit wants said: the name, then the prompt, one after the other; a newer prompt replaces an older one.

Advice waits until what is being said is over, and everything waits for the words on a fire. Before each it is asked whether the
sound server was restarted since the last: Qt would play on to the one that is gone, and nobody would hear it.
"""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QTimer

from kiosk.visit.effects import Speak
from kiosk.voice import VoiceBox
from qtkit.background import Background
from qtkit.i18n import Language
from qtkit.player import Player
from qtkit.tones import seconds

ADVICE, FIRE = "coach_", "fire"
Sound = tuple[Path, float]  # and the seconds it lasts


class Voice(QObject):
    """Speaks in the window's language. A machine without sound or voice stays silent: everything said is also shown."""

    def __init__(
        self, player: Player, box: VoiceBox, language: Language, background: Background, parent: QObject | None = None,
        restarted: Callable[[], bool] = lambda: False,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._player, self._box, self._language, self._background = player, box, language, background
        self._restarted = restarted
        self._saying, self._then = list[Sound](), list[Sound]()
        self._said = ""  # the prompt that is being said, or was last
        self._next = QTimer(self, singleShot=True)  # runs for as long as something sounds
        self._next.timeout.connect(self._play)
        self._turn = 0

    def speak(self, wanted: Speak) -> None:
        code = self._language.code
        name = wanted.name.get(code, "")
        self._turn += 1
        turn = self._turn

        def find() -> tuple[list[Sound], bool]:
            return self._sounds(wanted.prompt, name, code), self._restarted()

        self._background.run(find, lambda found: self._start(turn, wanted.prompt, *found), owner=self)

    def _sounds(self, prompt: str, name: str, code: str) -> list[Sound]:
        found = [self._box.name(name, code) if name else None, self._box.prompt(prompt, code)]
        return [(path, seconds(path)) for path in found if path is not None]

    def _start(self, turn: int, prompt: str, sounds: list[Sound], restarted: bool) -> None:
        if restarted:
            self._player.renew()
        if turn != self._turn:
            return
        if self._next.isActive() and (prompt.startswith(ADVICE) or self._said == FIRE):
            self._then = sounds
            return
        self._saying, self._then, self._said = sounds, [], prompt
        self._play()

    def _play(self) -> None:
        if not self._saying:
            self._saying, self._then, self._said = self._then, [], ""
        if self._saying:
            path, lasts = self._saying.pop(0)
            self._player.play(path, loop=False)
            self._next.start(round(1000 * lasts))
