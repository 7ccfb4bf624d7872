"""How often a device speaks, learned from itself: the longest it was silent on each day, and what ended that.

One that reports of itself, changed or not, ends even its longest silences by a mere report. One that speaks only when something
happens ends them by what happened: of it nothing is learned, for its silence may be the elder's.
"""

from collections.abc import Sequence
from dataclasses import replace

from district.intake.memory import DeviceState
from district.intake.outcomes import rise
from district.intake.signals import METERS, Kind, Signal

PACE = "pace"  # among the states: [day, longest silence in ms, ended by a mere report] of each day, the newest last
DAYS, LEAST = 14, 7
LOST = 3  # two reports may be lost on the way
SOONEST_MS = 4 * 3600_000
Day = tuple[int, int, bool]  # which, its longest silence in ms, whether a mere report ended that
_DAY_MS = 24 * 3600_000
_OF_ITSELF = frozenset({Kind.HEARTBEAT, Kind.ONLINE, Kind.BATTERY, Kind.BATTERY_LOW, Kind.JOINED})


class Beats:
    """One message: which devices speak in it, and whether of anything but themselves."""

    def __init__(self) -> None:
        self._before: dict[str, DeviceState | None] = {}
        self._told: set[str] = set()

    def hear(self, signal: Signal, before: DeviceState | None) -> None:
        known = self._before.setdefault(signal.device, before)
        if known is not None and _happened(signal, known):
            self._told.add(signal.device)

    def counted(self, device: str, state: DeviceState) -> DeviceState:
        """`state` with the silence that this message ended, where it is the day's longest."""
        known = self._before.get(device)
        if known is None or state.heard <= known.heard:
            return state
        days = _days(state)
        longer = with_silence(days, known.heard, state.heard, device not in self._told)
        if longer == days:
            return state
        return replace(state, state={**state.state, PACE: (longer, state.heard)})


def with_silence(days: Sequence[Day], begun: int, ended: int, mere: bool) -> list[Day]:
    """The days with a silence (ms), where it is the longest of the day it ended on; `mere`: by a report that told of nothing."""
    today, silent, found = ended // _DAY_MS, ended - begun, list(days)
    if found and found[-1][0] == today:
        if silent <= found[-1][1]:
            return found
        found.pop()
    return [*found, (today, silent, mere)][-DAYS - 1 :]


def late_after(state: DeviceState) -> int | None:
    """After how long a silence, ms, the device must be taken to have failed; None where that cannot be told."""
    return late_of(_days(state), SOONEST_MS)


def late_of(days: Sequence[Day], soonest: int) -> int | None:
    """As `late_after`, `soonest` (ms) at least."""
    longest = longest_of(days)
    if longest is None or sum(not mere for *_, mere in days[-DAYS - 1 : -1]) > 1:
        return None
    return max(LOST * longest, soonest)


def longest_of(days: Sequence[Day]) -> int | None:
    """The longest silence but one, ms, of the last whole days; None of fewer than a week.

    One of them may have been another: a server that stood still, a battery that was changed.
    """
    whole = days[-DAYS - 1 : -1]
    return None if len(whole) < LEAST else sorted(silent for _, silent, _ in whole)[-2]


def _days(state: DeviceState) -> list[Day]:
    return [(day, silent, mere) for day, silent, mere in state.state.get(PACE, ((), 0))[0]]


def _happened(signal: Signal, before: DeviceState) -> bool:
    """Whether it tells of something that happened, and is no mere report."""
    if signal.kind in _OF_ITSELF:
        return False
    if signal.kind in METERS:
        return rise(signal, before) > 0
    return not signal.state or before.state.get(signal.kind, (None, 0))[0] != signal.value
