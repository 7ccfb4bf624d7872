"""A call to the guard while it lasts: who is rung now, and from when on a telephone number stands there."""

from dataclasses import dataclass
from datetime import datetime

from kiosk.visit.view import CallState, CallView


@dataclass(slots=True)
class Call:
    """A call to the guard. Whoever does not answer in `rung_s` seconds is followed by the next, and a telephone number.

    The number stands there, too, where there is no line, and as long again after somebody has answered and done nothing.
    """

    call_id: str
    since: datetime
    rung_s: int
    phone: str
    state: CallState = CallState.RINGING
    rung: int = 0
    answered_at: datetime | None = None
    sent: bool = True  # False: there was no line to send it on

    def next_rung(self, now: datetime) -> bool:
        """Whether the next person is to be rung now."""
        due = int((now - self.since).total_seconds()) // self.rung_s
        if self.state is not CallState.RINGING or due <= self.rung:
            return False
        self.rung = due
        return True

    def change(self, state: CallState, now: datetime) -> None:
        if state is CallState.ANSWERED and self.answered_at is None:
            self.answered_at = now
        self.state = state

    def line(self, up: bool) -> bool:
        """The line is lost, or back; whether the call is to be sent now. What was heard of it before holds again."""
        if not up and self.state in (CallState.RINGING, CallState.ANSWERED):
            self.state = CallState.LOST
        elif up and self.state is CallState.LOST:
            self.state = CallState.ANSWERED if self.answered_at is not None else CallState.RINGING
            sent, self.sent = self.sent, True
            return not sent
        return False

    @property
    def waits(self) -> bool:
        """Whether somebody may still answer; else whoever asks again is called again."""
        return self.state in (CallState.RINGING, CallState.ANSWERED)

    @property
    def prompt(self) -> str:
        """What is said of it."""
        return "guard" if self.state is CallState.RINGING else f"guard_{self.state}"

    def view(self, now: datetime) -> CallView:
        late = self.rung > 0
        if self.state is CallState.ANSWERED and self.answered_at is not None:
            late = (now - self.answered_at).total_seconds() >= self.rung_s
        shown = self.phone if late or not self.waits else ""
        return CallView(self.state, int((now - self.since).total_seconds()), self.rung, shown)
