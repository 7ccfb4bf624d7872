"""The newest picture of every call that is going on: in memory, for seconds, and sealed to a desk that the district is not."""

import time
from collections import OrderedDict
from dataclasses import dataclass

FRESH_S = 10.0  # an older picture is not live
MAX_CALLS = 500


@dataclass(frozen=True, slots=True)
class Picture:
    number: int
    sealed: bytes
    at: float


class Pictures:
    """The newest picture of each call, in memory for a few seconds. One loop."""

    def __init__(self) -> None:
        self._of: OrderedDict[tuple[str, str], Picture] = OrderedDict()
        self._asked: OrderedDict[tuple[str, str], float] = OrderedDict()

    def put(self, community: str, call: str, sealed: bytes) -> None:
        before = self._of.pop((community, call), None)
        self._of[community, call] = Picture(before.number + 1 if before else 1, sealed, time.monotonic())
        while len(self._of) > MAX_CALLS:
            self._of.popitem(last=False)

    def watched(self, community: str, call: str) -> bool:
        """Whether a desk of this server has asked for the call's pictures a moment ago."""
        return time.monotonic() - self._asked.get((community, call), -FRESH_S) < FRESH_S

    def after(self, community: str, call: str, number: int) -> Picture | None:
        self._asked[community, call] = time.monotonic()
        while len(self._asked) > MAX_CALLS:
            self._asked.popitem(last=False)
        found = self._of.get((community, call))
        if found is not None and time.monotonic() - found.at > FRESH_S:
            del self._of[community, call]
            return None
        return found if found is not None and found.number > number else None
