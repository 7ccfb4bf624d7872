"""Somebody rings at a gate: it is heard until there is an answer, and the window comes out from behind others for it."""

from functools import partial

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from caregiver.calls.strip import CallStrip
from caregiver.frame.ringing import Ringing
from qtkit.steady import Steady
from qtkit.windows import bring_forward, is_in_front


class GateBell(QObject):
    """An alarm has the right of way: while one rings, a call is seen when it goes."""

    def __init__(self, strip: CallStrip, ringing: Ringing, steady: Steady, window: QWidget) -> None:
        super().__init__(window)
        self._ringing, self._steady, self._window = ringing, steady, window
        strip.rings.connect(self._rings)
        if strip.waits:  # since before somebody signed in
            ringing.gate_rings(True)

    def _rings(self, on: bool) -> None:
        self._ringing.gate_rings(on)
        window = self._window
        if on and self._ringing.alarm.isHidden() and window.isVisible() and not is_in_front(window):
            # what is typed on was meant for another window
            bring_forward(window, partial(self._steady.hold, typing=True))
