"""Whether what is played comes out: of a sound that somebody turned off or down to nothing Qt says that it plays."""

import logging
import os
from collections.abc import Callable
from multiprocessing import active_children
from typing import Any, Protocol

log = logging.getLogger(__name__)

FAINT = 0.05  # of the full volume; nobody is called from the next room by less
PLAIN = 0.6  # what it is turned up to
PATIENCE_S = 1.0


class Mixer(Protocol):
    """Asks the sound system, and may wait for it for a second: not on the window's thread."""

    def muted(self) -> bool:
        """Whether somebody turned the sound off; false where that is not known."""
        ...

    def unmute(self) -> None: ...


class PulseMixer:
    """PulseAudio, or PipeWire in its place. Where there is neither, on Windows say, nothing is known and nothing done."""

    def __init__(self) -> None:
        self._cookie: int | None = None

    def muted(self) -> bool:
        return bool(_with_server(lambda pulse: any(map(_down, _parts(pulse)))))

    def unmute(self) -> None:
        _with_server(_turn_up)

    def restarted(self) -> bool:
        """Whether the sound server is another one than when this was asked last."""
        now = _with_server(lambda pulse: pulse.server_info().cookie)  # of one run of it
        before, self._cookie = self._cookie, self._cookie if now is None else now
        return before is not None and before != self._cookie


def _with_server(do: Callable[[Any], Any]) -> Any:
    """None where there is no sound server."""
    try:
        from pulsectl import Pulse, PulseError
    except (ImportError, OSError):  # no libpulse here
        return None
    try:
        with Pulse("shouwang", connect=False) as pulse:
            pulse.connect(timeout=PATIENCE_S)
            return do(pulse)
    except PulseError as e:
        log.debug("the sound server: %r", e)
        return None


def _turn_up(pulse: Any) -> None:
    for part in filter(_down, _parts(pulse)):
        pulse.mute(part, False)
        if part.volume.value_flat < FAINT:
            pulse.volume_set_all_chans(part, PLAIN)


def _parts(pulse: Any) -> list[Any]:
    """The loudspeaker, and what this program plays on it: that too can be turned down, and stays so."""
    mine = {
        str(pid) for pid in (os.getpid(), *(child.pid for child in active_children()))
    }  # sounds have a process of their own
    own = [part for part in pulse.sink_input_list() if part.proplist.get("application.process.id") in mine]
    return [pulse.sink_default_get(), *own]


def _down(part: Any) -> bool:
    return bool(part.mute) or part.volume.value_flat < FAINT
