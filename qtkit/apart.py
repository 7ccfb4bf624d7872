"""A player in a process of its own, which is begun anew where nobody hears it.

Qt looks for the sound server when it first plays, and never again in the same process (6.11, PulseAudio): whoever restarts the
server would have to restart the program, and nobody does that before the next alarm.
"""

import logging
import multiprocessing
import os
import time
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from qtkit.tones import seconds

log = logging.getLogger(__name__)
LOOK_MS = 100
START_S = 60.0  # a busy machine begins a process slowly


class Apart:
    """Implements Player. `late_s` is as the system's player takes it. The process ends with this one."""

    def __init__(self, late_s: float) -> None:
        self._late = late_s
        self._context = multiprocessing.get_context("spawn")
        self._process: Any = None
        self._line: Any = None  # an end of a pipe, whose class is another one on Windows
        self._up = self._heard = False
        self._since = 0.0  # when it was begun, said that it is up, or was told what to play: the last of these
        self._asked: tuple[Path, bool] | None = None

    def play(self, wav: Path, loop: bool) -> None:
        """What nobody hears yet is given the time to begin; then the process is begun anew."""
        wanted = (wav, loop)
        if not self.working() and self._line is not None:
            patience = self._late + seconds(wav) if self._up else START_S
            if time.monotonic() - self._since > patience:
                self._end()
            elif self._asked == wanted:
                return
        if self._line is None:
            self._begin()
        self._asked, self._since = wanted, time.monotonic()
        self._tell((str(wav), loop))

    def stop(self) -> None:
        self._asked = None
        self._tell(None)

    def working(self) -> bool:
        """Whether the process has said that what it plays gets on."""
        with suppress(EOFError, OSError):
            while self._line is not None and self._line.poll():
                self._heard = bool(self._line.recv())
                if not self._up:
                    self._up, self._since = True, time.monotonic()
        return self._heard

    def renew(self) -> None:
        self._end()

    def _begin(self) -> None:
        self._line, theirs = self._context.Pipe()
        self._process = self._context.Process(
            target=_play, args=(theirs, self._late), name="shouwang-sound", daemon=True
        )
        self._process.start()
        theirs.close()

    def _end(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.join()
        if self._line is not None:
            self._line.close()
        self._process = self._line = None
        self._up = self._heard = False

    def _tell(self, asked: tuple[str, bool] | None) -> None:
        try:
            if self._line is not None:
                self._line.send(asked)
        except OSError:
            log.warning("the process that sounds has ended; it is begun anew with the next sound")
            self._end()


def _play(line: Connection, late_s: float) -> None:
    """The process: says that it is up, plays what it is told, and says whether that is heard."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from PySide6.QtCore import QTimer
    from PySide6.QtGui import QGuiApplication

    from qtkit.player import SystemPlayer

    app = QGuiApplication([])
    player = SystemPlayer(None, late_s=late_s)
    said = False

    def look() -> None:
        nonlocal said
        try:
            while line.poll():
                asked = line.recv()
                if asked is None:
                    player.stop()
                else:
                    player.play(Path(asked[0]), asked[1])
            if (heard := player.heard) is not said:
                line.send(heard)
                said = heard
        except (EOFError, OSError):
            app.quit()

    line.send(said)
    clock = QTimer(interval=LOOK_MS)
    clock.timeout.connect(look)
    clock.start()
    app.exec()
