"""Devices that stopped talking: *blind* is a state of its own, said as a fact when it begins and when it ends."""

from datetime import datetime

from district.intake.homes import Homes
from district.intake.memory import DeviceState, Known, Memory
from district.intake.signals import Kind
from domain.events import derived_id, to_ms
from watch.ledger import Ledger, Seen
from watch.signs import BLIND, CHARGING, NOT_WORN, REGISTERED

LATE_MS = (
    26 * 3600_000
)  # sleepy devices report at least once a day; devices "online" but silent for weeks are seen in the field
EVERY_MS = 30_000


class DeviceSilence:
    """Looks over all devices every half minute; the device's own interval comes with its registration where it has one."""

    def __init__(self, ledger: Ledger, homes: Homes, memory: Memory) -> None:
        self._ledger, self._homes, self._memory = ledger, homes, memory
        self._looked = 0

    def follow(self, fact: Seen, _now: datetime) -> None:
        """A device that was put up and never says a word must go blind too: its time runs from there."""
        device = fact.payload.get("device")
        if fact.kind != REGISTERED or not isinstance(device, str) or not device:
            return
        if self._memory.device(fact.community, device) is None:
            self._memory.put(fact.community, device, DeviceState(fact.received))

    def tick(self, now: datetime) -> int:
        """How many devices went blind or came back."""
        ms = to_ms(now)
        if 0 <= ms - self._looked < EVERY_MS:
            return 0
        self._looked = ms
        devices = self._memory.devices()
        down = {d.community: d.device.heard for d in devices if d.name == "bridge" and not d.device.online}
        return sum(self._look(d, down, ms) for d in devices if d.name != "bridge")

    def _look(self, known: Known, down: dict[str, int], now: int) -> bool:
        state = known.device
        since, reason = _blind_since(known, down, now)
        if (since is None) == (state.blind_since is None):
            return False
        home = self._homes.home(known.community, known.name)
        if home is None:
            return False
        begun = since if since is not None else state.blind_since
        told = {"device": known.name, "place": home.place, "blind": since is not None, "since": begun, "by": "system"}
        told |= {"reason": reason} if reason else {}
        at = since if since is not None else max(state.heard, int(begun or 0))
        id = derived_id("blind", known.community, known.name, str(begun), str(since is not None))
        self._ledger.add(BLIND, told, known.community, home.elder, at, id)
        self._memory.mark_blind(known.community, known.name, since)
        return True


def _blind_since(known: Known, down: dict[str, int], now: int) -> tuple[int | None, str]:
    """Since when this device could not have told us anything, and why; None while it can."""
    state = known.device
    if known.community in down:
        return max(state.heard, down[known.community]), "gateway"
    if not state.online or now - state.heard > LATE_MS:
        return state.heard, "offline" if not state.online else "silent"
    for kind, blind, reason in ((Kind.WORN, False, NOT_WORN), (Kind.CHARGING, True, CHARGING)):
        value, since = state.state.get(kind, (None, 0))
        if value is blind:
            return since, reason
    return None, ""
