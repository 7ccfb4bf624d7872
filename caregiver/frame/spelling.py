"""How names are spelled, so that people are found by it: worked out beside the window, once for all who come within a moment."""

from PySide6.QtCore import QObject, QTimer

from caregiver.elders.board import Board
from caregiver.memory.people import People
from caregiver.ui import Desk

MOMENT_MS = 500


class Spelling(QObject):
    """Begins with everybody who is known; `soon` after somebody came."""

    def __init__(self, desk: Desk, people: People, board: Board, parent: QObject) -> None:
        super().__init__(parent)
        self._desk, self._people, self._board = desk, people, board
        self._moment = QTimer(self, singleShot=True, interval=MOMENT_MS)
        self._moment.timeout.connect(self._spell)
        self._spell()

    def soon(self) -> None:
        if not self._moment.isActive():
            self._moment.start()

    def _spell(self) -> None:
        self._desk.background.run(self._people.spell, self._spelled, owner=self)

    def _spelled(self, spelled: dict[str, str]) -> None:
        if spelled:
            self._people.learn_spelling(spelled)
            self._board.rename()
