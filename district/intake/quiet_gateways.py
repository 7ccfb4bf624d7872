"""A gateway that died and that nobody else speaks for: a webhook's sender, or a bridge that hangs beside a broker that is well.

One dead device is one dead device. Where two that speak of themselves fall silent together and nothing else has come through their
gateway since, it is the gateway, and is told of once for everything behind it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from district.intake.memory import GATEWAY, DeviceState
from district.intake.signals import Kind

TOGETHER = 2  # devices that speak of themselves: of fewer it cannot be told from one of them that failed
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
