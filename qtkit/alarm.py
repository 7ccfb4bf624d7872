"""The sound of alarms and prompts. A machine that cannot sound says so at once, on the screen, not at the first alarm."""

import logging
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from qtkit.mixer import Mixer
from qtkit.player import Player
from qtkit.tones import Severity, write_tone

log = logging.getLogger(__name__)


class AlarmSound(QObject):
    """Sounds one severity at a time; a graver one replaces a lesser one, never the reverse.

    `working_changed(bool)` says that the sound system died or came back; `check` is called at start and every tick. What should
    be sounding is begun again until it can be heard.
    """

    working_changed = Signal(bool)

    def __init__(self, player: Player, cache: Path, parent: QObject | None = None, mixer: Mixer | None = None) -> None:
        super().__init__(parent)
        self._player, self._cache, self.mixer = player, cache, mixer
        self._tones: dict[Severity, Path] = {}
        self._working: bool | None = None
        self.sounding: Severity | None = None

    def check(self) -> bool:
        """Whether an alarm would be heard; also makes the tones, so that an alarm waits for nothing."""
        working, trouble = self._player.working(), None
        try:
            self._tones = {severity: write_tone(severity, self._cache) for severity in Severity}
        except OSError as e:
            working, trouble = False, e
        came_back = working and self._working is False
        if working != self._working:
            self._working = working
            log.log(logging.INFO if working else logging.ERROR, "alarm sound working: %s", working, exc_info=trouble)
            self.working_changed.emit(working)
        if self.sounding in self._tones and (came_back or not working):
            self._player.play(self._tones[self.sounding], loop=True)
        return working

    def sound(self, severity: Severity, loop: bool = True) -> None:
        order = list(Severity)
        if self.sounding is not None and order.index(self.sounding) <= order.index(severity):
            return
        self.sounding = severity if loop else None  # begun by `check` where it cannot be yet
        if not self._tones and not self.check():
            return
        self._player.play(self._tones[severity], loop)
        self.check()

    def try_out(self, severity: Severity) -> None:
        """Once, for somebody who wants to know it and how loud it is; never over what sounds in earnest."""
        if self.sounding is None:
            self.sound(severity, loop=False)

    def silence(self) -> None:
        self.sounding = None
        self._player.stop()
