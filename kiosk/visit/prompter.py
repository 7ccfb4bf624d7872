"""What was said lately, so that it is not said again at once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from kiosk.visit.effects import Speak


@dataclass(slots=True)
class Prompter:
    """Says each prompt at most once in `pause`."""

    pause: timedelta = timedelta(seconds=10)
    _again: dict[str, datetime] = field(default_factory=dict)  # from when on it may be said again

    def say(
        self, prompt: str, now: datetime, name: Mapping[str, str] | None = None, pause: timedelta | None = None
    ) -> list[Speak]:
        words = f"{prompt} {sorted((name or {}).items())}"
        self._again = {key: at for key, at in self._again.items() if now < at}
        if words in self._again:
            return []
        self._again[words] = now + (self.pause if pause is None else pause)
        return [Speak(prompt, name or {})]

    def forget(self) -> None:
        """Whatever was said may be said again."""
        self._again.clear()
