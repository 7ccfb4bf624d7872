"""Errands to the district: one at a time, off the window's thread; what stands in their way is said in a sentence."""

from collections.abc import Callable
from typing import Any

from PySide6.QtWidgets import QWidget

from caregiver.ui import Desk
from domain.errors import Mendable
from qtkit.widgets import Banner


class Errands:
    """For the page `owner`, which says on `said` what did not work; `resting(busy)` while one is on its way."""

    def __init__(
        self, desk: Desk, owner: QWidget, said: Banner, resting: Callable[[bool], object] = lambda _: None
    ) -> None:
        self._desk, self._owner, self._said, self._resting = desk, owner, said, resting
        self._busy = False

    def run(self, work: Callable[[], Any], then: Callable[[Any], object]) -> None:
        """Nothing happens while another one is on its way. `work` raises Mendable for what somebody can mend."""
        if self._busy:
            return
        self._rest(True)

        def done(found: Any) -> None:
            self._rest(False)
            then(found)

        def failed(error: Exception) -> None:
            self._rest(False)
            if not isinstance(error, Mendable):
                raise error
            self.complain(error)

        self._desk.background.run(work, done, failed, self._owner, asks=True)

    def complain(self, error: Mendable) -> None:
        self._said.say(self._desk.language.tr(f"error.{error.code}", **error.details), "overdue", "attention")

    def _rest(self, busy: bool) -> None:
        self._busy = busy
        self._resting(busy)
