"""A channel that keeps what it is given."""

from dataclasses import dataclass, field

from district.reaching.channels import Message, Outcome, Result


@dataclass
class RecordingChannel:
    """Keeps what it is given; `answers` come first to last, then everything is sent."""

    name: str = "recording"
    abroad: bool = False
    key: str = ""
    answers: list[Outcome] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)

    def send(self, message: Message) -> Outcome:
        answer = self.answers.pop(0) if self.answers else Outcome(Result.SENT)
        if answer.result is Result.SENT:
            self.messages.append(message)
        return answer
