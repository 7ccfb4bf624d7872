"""A call to the guard while it lasts: who is rung now, and from when on a telephone number stands there."""

from dataclasses import dataclass
from datetime import datetime

from kiosk.visit.view import CallState, CallView


@dataclass(slots=True)
class Call:
    """A call to the guard. Whoever does not answer in `rung_s` seconds is followed by the next, and a telephone number."""

    call_id: str
    since: datetime
    rung_s: int
    phone: str
    state: CallState = CallState.RINGING
    rung: int = 0

    def next_rung(self, now: datetime) -> bool:
        """Whether the next person is to be rung now."""
        due = int((now - self.since).total_seconds()) // self.rung_s
        if self.state is not CallState.RINGING or due <= self.rung:
            return False
        self.rung = due
        return True

    def view(self, now: datetime) -> CallView:
        shown = self.phone if self.rung or self.state in (CallState.LOST, CallState.REFUSED) else ""
        return CallView(self.state, int((now - self.since).total_seconds()), self.rung, shown)
