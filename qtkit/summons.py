"""A program that is started a second time calls the first one's window forward."""

from hashlib import sha256
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket
from PySide6.QtWidgets import QApplication

from qtkit.windows import bring_forward

WAIT_MS = 1000


def _name(folder: Path) -> str:
    return f"shouwang-{sha256(str(folder.resolve()).encode()).hexdigest()[:16]}"


def summon(folder: Path) -> bool:
    """Call forward the windows of whichever program runs on `folder`; false where none listens."""
    line = QLocalSocket()
    line.connectToServer(_name(folder))
    answered = line.waitForConnected(WAIT_MS)
    line.abort()
    return answered


class Summons(QObject):
    """Listens, for the one program that has `folder` to itself, until its owner goes. `called` when somebody summons it."""

    called = Signal()

    def __init__(self, folder: Path, owner: QObject) -> None:
        super().__init__(owner)
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._answer)
        QLocalServer.removeServer(_name(folder))  # what a crash has left; the folder is ours alone now
        self._server.listen(_name(folder))

    def _answer(self) -> None:
        while self._server.hasPendingConnections():
            line = self._server.nextPendingConnection()
            line.disconnected.connect(line.deleteLater)
        for window in QApplication.topLevelWidgets():
            if window.isVisible():
                bring_forward(window)
        self.called.emit()
