"""A gateway that died and that nobody else speaks for: a webhook's sender, or a bridge that hangs beside a broker that is well.

One dead device is one dead device. Where two that speak of themselves fall silent together and nothing else has come through their
gateway since, it is the gateway, and is told of once for everything behind it. So it is where several homes that were never silent
together for so long are silent together. Behind one of a single home or two, whose devices speak only when something happens,
nobody can tell: such a gateway is *in doubt* long before its devices are called blind. It is told of, and excuses nobody's silence.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from district.intake.memory import GATEWAY, DeviceState, Memory
from district.intake.paces import Day, late_of, longest_of, with_silence
from district.intake.signals import Kind

TOGETHER = 2  # devices that speak of themselves: of fewer it cannot be told from one of them that failed
HOMES = 3  # whose people are not silent for the same reason
SOONEST_MS = 3600_000
DOUBT = "doubt"  # among the states of a gateway: that it is in doubt, and since when
DOUBTED = 2  # times the longest silence but one that its homes were ever in
DOUBTED_MS = 12 * 3600_000, 26 * 3600_000  # at least (whoever is well was heard by then), and at most
_NEARLY = 2 / 3  # of its time is over for the others, when it is over for the first


@dataclass(frozen=True, slots=True)
class Behind:
    """A device behind a gateway: from when it has its time, and after how long a silence it must have failed (both ms); None of one
    of which that is not known, for its silence may be the elder's."""

    heard: int
    late: int | None


def fell_silent(devices: Iterable[Behind], last_word: int, now: int) -> bool:
    """Whether it is the gateway that is silent. `last_word`: when anything at all last came through it, ms."""
    paced = [(now - d.heard, d.late) for d in devices if d.late is not None]
    late = [after for silent, after in paced if silent > after]
    near = sum(silent > _NEARLY * after for silent, after in paced)
    return bool(late) and near >= TOGETHER and now - last_word > min(late) / 2


def gone(name: str, known: DeviceState | None, last_word: int) -> DeviceState:
    """The gateway as it stands once it was found silent: gone since the last word through it."""
    state = known or DeviceState(last_word)
    turned = {Kind.ONLINE.value: (False, last_word), GATEWAY: (name, last_word)}
    return replace(state, online=False, state={**state.state, **turned})


def doubted(name: str, known: DeviceState | None, last_word: int) -> DeviceState:
    """As `gone`, of one that is in doubt."""
    state = known or DeviceState(last_word)
    return replace(state, state={**state.state, DOUBT: (True, last_word), GATEWAY: (name, last_word)})


def doubted_since(state: DeviceState | None) -> int | None:
    """Since when it is in doubt, ms. What it says of itself settles it."""
    told = state.state.get(DOUBT) if state is not None and state.online else None
    return None if state is None or told is None or state.turned > told[1] else told[1]


def trusted(state: DeviceState, now: int) -> DeviceState:
    """As it stands once something came through it: what is behind it has its time anew."""
    kept = {kind: told for kind, told in state.state.items() if kind != DOUBT}
    return replace(state, state={**kept, Kind.ONLINE.value: (True, now)})


class GatewayPaces:
    """For how long nothing came through each gateway on each of the last days. One thread."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._last: dict[tuple[str, str], int] = {}
        self._days: dict[tuple[str, str], list[Day]] = {}

    def hear(self, gateway: tuple[str, str], last_word: int, listened_since: int, came_back: int) -> None:
        """The newest word through it so far. What a server that stood still did not hear is no silence of its own, nor is that from
        which it came back: an outage would teach that it may be silent for so long. ms."""
        before = self._last.get(gateway)
        self._last[gateway] = last_word
        if before is None or last_word <= before or before < max(listened_since, came_back):
            return
        days = self._known(gateway)
        longer = with_silence(days, before, last_word, True)
        if longer != days:
            self._memory.put_pace(*gateway, longer)
            self._days[gateway] = longer

    def late_after(self, gateway: tuple[str, str]) -> int | None:
        """After how long a silence, ms, it must have failed, where several homes are behind it; None in its first week."""
        return late_of(self._known(gateway), SOONEST_MS)

    def doubted_after(self, gateway: tuple[str, str]) -> int:
        """After how long a silence, ms, it is in doubt, however few homes are behind it."""
        least, most = DOUBTED_MS
        longest = longest_of(self._known(gateway))
        return most if longest is None else min(max(DOUBTED * longest, least), most)

    def _known(self, gateway: tuple[str, str]) -> list[Day]:
        if gateway not in self._days:
            self._days[gateway] = self._memory.pace(*gateway)
        return self._days[gateway]
