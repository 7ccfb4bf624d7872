"""What sounds: one WAV at a time on the machine's default output."""

import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QLoggingCategory, QObject, QUrl

from qtkit.tones import seconds

log = logging.getLogger(__name__)


class Player(Protocol):
    """Plays one WAV at a time."""

    def play(self, wav: Path, loop: bool) -> None: ...
    def stop(self) -> None: ...
    def working(self) -> bool:
        """Whether there is an output that has not failed."""
        ...

    def renew(self) -> None:
        """The sound server was restarted: find it again for what is played next."""
        ...


LOOPS = 1_000_000  # as good as for ever; of an endless one Qt does not say which round it is in
LATE_S = 8.0  # a busy machine begins late; what is not over by then was not heard


class SystemPlayer(QObject):
    """Qt Multimedia on the default output. Looks again for an output each time, so a plugged-in speaker is found.

    Of an output that was pulled out, or a sound server that has ended, Qt says that it plays on (6.11, PulseAudio). So a sound that
    does not come to its end is one that nobody hears, and stays so until another does: from then on what is played is played in a
    process of its own (`anew`), for a sound server that was restarted is not found by one that knew it before.
    """

    def __init__(
        self, anew: Callable[[float], Player] | None, parent: QObject | None = None, late_s: float = LATE_S
    ) -> None:
        super().__init__(parent)
        self._late, self._length = late_s, 0.0
        self._anew = anew
        self._apart: Player | None = None
        self._asked: tuple[Path, bool] | None = None
        self._rounds = 0  # left, of what is played
        self._began = self._moved = 0.0  # when it was asked for, and when a round of it ended last
        self._unheard = self._got_on = False
        # Missing optional video libraries are no news for a program that only sounds.
        QLoggingCategory.setFilterRules("qt.multimedia.symbolsresolver=false\nqt.multimedia.ffmpeg=false")
        from PySide6.QtMultimedia import QMediaDevices, QSoundEffect

        self._devices = QMediaDevices(self)
        self._effect_class = QSoundEffect
        self._effect: QSoundEffect | None = None

    @property
    def heard(self) -> bool:
        """Whether what is played, or was last, has come to an end and begun again, or ended."""
        self._follow()
        return self._got_on and not self._unheard

    def working(self) -> bool:
        if self._apart is not None:
            return self._apart.working()
        if self._devices.defaultAudioOutput().isNull():
            return False
        self._follow()
        failed = self._effect is not None and self._effect.status() is self._effect_class.Status.Error
        return not (failed or self._unheard)

    def play(self, wav: Path, loop: bool) -> None:
        if self._apart is not None:
            self._apart.play(wav, loop)
            return
        self._follow()
        patience = self._length + self._late
        if self._unheard and self._asked == (wav, loop) and time.monotonic() - self._began < patience:
            return  # begun again just now: it is given the time to be heard
        self.stop()
        if self._unheard and self._anew is not None:
            self._apart = self._begin_apart(self._anew)
            self._apart.play(wav, loop)
            return
        if self._devices.defaultAudioOutput().isNull():
            return
        effect = self._effect_class(self._devices.defaultAudioOutput(), self)
        effect.setSource(QUrl.fromLocalFile(str(wav)))
        effect.setLoopCount(LOOPS if loop else 1)
        effect.setVolume(1.0)
        effect.play()
        self._effect, self._length = effect, seconds(wav)
        self._asked, self._rounds = (wav, loop), effect.loopsRemaining()
        self._began = self._moved = time.monotonic()

    def renew(self) -> None:
        self.stop()
        if self._apart is not None:
            self._apart.renew()
        elif self._anew is not None:
            self._apart = self._begin_apart(self._anew)

    def _begin_apart(self, anew: Callable[[float], Player]) -> Player:
        log.warning("nobody hears what is played; from now on a process of its own plays it")
        return anew(self._late)

    def _follow(self) -> None:
        """Whether what is played gets on."""
        if self._effect is None:
            return
        left, now = self._effect.loopsRemaining(), time.monotonic()
        if left < self._rounds:
            self._moved, self._unheard, self._got_on = now, False, True
        elif self._effect.isPlaying() and now - self._moved > self._length + self._late:
            self._unheard = True
        self._rounds = left

    def stop(self) -> None:
        self._follow()
        if self._apart is not None:
            self._apart.stop()
        if self._effect is not None:
            self._effect.stop()
            self._effect.deleteLater()
            self._effect = self._asked = None
