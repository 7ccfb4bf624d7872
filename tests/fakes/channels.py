"""The one channel that tests stand in with; it is held to the port's contract like the real ones."""

from collections.abc import Callable
from dataclasses import dataclass, field

from district.reaching.channels import Message, Outcome, Result

DEAD = Outcome(Result.TRY_AGAIN, "no_connection")


def _nothing(_: Message) -> None:
    pass


@dataclass
class RecordingChannel:
    """Keeps what it takes, in `messages`. `answers` come first to last, then `always`.

    With a `key` its service reports what arrived, as Twilio's does. `having_sent` is called with what was just taken, before the
    answer: there a test hangs, breaks or crashes.
    """

    name: str = "recording"
    abroad: bool = False
    key: str = ""
    answers: list[Outcome] = field(default_factory=list)
    always: Outcome | None = None
    messages: list[Message] = field(default_factory=list)
    having_sent: Callable[[Message], None] = _nothing

    def send(self, message: Message) -> Outcome:
        sent = Outcome(Result.SENT, reports=bool(self.key and message.receipt))
        answer = self.answers.pop(0) if self.answers else self.always or sent
        if answer.result is Result.SENT:
            self.messages.append(message)
            self.having_sent(message)
        return answer
