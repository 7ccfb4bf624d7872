"""Time among machines whose clocks disagree: a hybrid logical clock for order, and the time a rule may believe.

Kulkarni et al., "Logical Physical Clocks", 2014. A stamp is ``<ms, 12 hex>.<counter, 4 hex>`` and sorts as text.
"""

from dataclasses import dataclass

from domain.events import Clock

_COUNTER_LIMIT = 0xFFFF
MAX_AHEAD_MS = 5 * 60_000  # a stamp from further ahead than this is a broken clock, not a fast one


@dataclass(frozen=True, slots=True)
class Hlc:
    ms: int
    counter: int

    def __str__(self) -> str:
        return f"{self.ms:012x}.{self.counter:04x}"

    @classmethod
    def parse(cls, text: str) -> "Hlc":
        """Raises ValueError for anything that is not a stamp."""
        ms, dot, counter = text.partition(".")
        if (len(ms), dot, len(counter)) != (12, ".", 4):
            raise ValueError(f"not a clock stamp: {text!r}")
        return cls(int(ms, 16), int(counter, 16))

    @classmethod
    def of(cls, found: object) -> "Hlc | None":
        """The stamp that was stored; None where something else stands there."""
        try:
            return cls.parse(str(found))
        except ValueError:
            return None

    def tick(self, now_ms: int) -> "Hlc":
        """The stamp of the next local event: never smaller than any seen before, though `now_ms` may go back."""
        if now_ms > self.ms:
            return Hlc(now_ms, 0)
        if self.counter == _COUNTER_LIMIT:
            return Hlc(self.ms + 1, 0)
        return Hlc(self.ms, self.counter + 1)

    def merge(self, seen: "Hlc", now_ms: int) -> "Hlc":
        """The clock after receiving `seen`; one from too far ahead is not followed."""
        if seen.ms - now_ms > MAX_AHEAD_MS:
            return self
        return max(self, seen, key=lambda h: (h.ms, h.counter))


@dataclass(frozen=True, slots=True)
class RuleTime:
    """When a rule may take a fact to have happened, and whether it may serve as an all-clear."""

    ms: int
    trusted: bool


def rule_time(at: int, clock: Clock, received: int, sender_offset: int | None, tolerance_ms: int = 5_000) -> RuleTime:
    """min(corrected device time, receive time); all in ms.

    `sender_offset` is the receiver's clock less the sender's at the moment of sending, None where the sender did not say. A
    synced fact is believed. An unsynced one is believed where the sender's clock agrees with ours within `tolerance_ms`;
    otherwise it is evidence: its time is kept, but nothing is cleared by it.
    """
    if clock is Clock.SYNCED:
        return RuleTime(min(at, received), at <= received + tolerance_ms)
    agrees = sender_offset is not None and abs(sender_offset) <= tolerance_ms
    return RuleTime(min(at, received), agrees and at <= received + tolerance_ms)
