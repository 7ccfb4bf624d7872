"""Plays what a visit wants said: the name, then the prompt, one after the other; a newer prompt replaces an older one."""

from pathlib import Path

from PySide6.QtCore import QObject, QTimer

from kiosk.visit.effects import Speak
from kiosk.voice import VoiceBox, seconds
from qtkit.alarm import Player
from qtkit.background import Background
from qtkit.i18n import Language


class Voice(QObject):
    """Speaks in the window's language. A machine without sound or voice stays silent: everything said is also shown."""

    def __init__(
        self, player: Player, box: VoiceBox, language: Language, background: Background, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._player, self._box, self._language, self._background = player, box, language, background
        self._waiting: list[Path] = []
        self._next = QTimer(self, singleShot=True)
        self._next.timeout.connect(self._play)
        self._turn = 0

    def speak(self, wanted: Speak) -> None:
        code = self._language.code
        name = wanted.name.get(code, "")
        self._turn += 1
        turn = self._turn
        self._background.run(
            lambda: self._files(wanted.prompt, name, code), lambda files: self._start(turn, files), owner=self
        )

    def _files(self, prompt: str, name: str, code: str) -> list[Path]:
        found = [self._box.name(name, code) if name else None, self._box.prompt(prompt, code)]
        return [path for path in found if path is not None]

    def _start(self, turn: int, files: list[Path]) -> None:
        if turn == self._turn:
            self._waiting = files
            self._play()

    def _play(self) -> None:
        if not self._waiting:
            return
        path = self._waiting.pop(0)
        self._player.play(path, loop=False)
        if self._waiting:
            self._next.start(round(1000 * seconds(path)))
