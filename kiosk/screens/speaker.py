"""Plays what the voice has found, on the thread that owns the sound."""

from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal

from qtkit.alarm import Player


class Speaker(QObject):
    """`play` may be called from any thread and returns at once; what is being said gives way."""

    _wanted = Signal(object)

    def __init__(self, player: Player, parent: QObject) -> None:
        super().__init__(parent)
        self._wanted.connect(lambda wav: player.play(wav, False), Qt.ConnectionType.QueuedConnection)

    def play(self, wav: Path) -> None:
        self._wanted.emit(wav)
