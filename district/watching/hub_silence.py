"""A community's hub that cannot be heard: a gateway to all that it hears, homes and kiosks, and like one it is one incident.

What a hub hears it judges itself, and tells; the district knows only through which hub it hears a device, and that nothing comes
through it any more. Two hubs deep the fault is the upper one's.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from district.intake.memory import BEHIND, GATEWAY, HUB, DeviceState, Memory
from district.intake.signals import Kind
from district.store.devices import node_of
from district.watching.kiosks import EVERY_MS, SILENT_AFTER, Enrolled
from domain.events import to_ms
from watch.ledger import Seen

_AFTER_MS = SILENT_AFTER // timedelta(milliseconds=1)
_ANEW_MS = _AFTER_MS + 2 * EVERY_MS  # a hub that stayed silent behind another is found silent by then


def row_of(hub: Enrolled) -> str:
    """The hub among the gateways."""
    return HUB + (hub.name or hub.id)


class HubSilence:
    """`hubs` are those in service, `heard` tells when one last signed a request (ms), None since this program started."""

    def __init__(
        self, memory: Memory, hubs: Callable[[], Sequence[Enrolled]], heard: Callable[[str], int | None]
    ) -> None:
        self._memory, self._hubs, self._heard = memory, hubs, heard
        self._began = self._looked = 0
        self._silent: dict[str, bool] = {}
        self._back: dict[str, int] = {}  # when one was heard again, ms: what is behind it has as long to speak anew

    def follow(self, fact: Seen, _now: datetime) -> None:
        """A device of a home that a hub has heard is heard through that hub from now on."""
        device = fact.payload.get("device")
        if not isinstance(device, str) or "source" not in fact.payload:
            return
        row = next((row_of(hub) for hub in self._hubs() if node_of(hub.id) == fact.device), None)
        if row is None:
            return
        known = self._memory.device(fact.community, device) or DeviceState(fact.received)
        if known.gateway != row:
            state = {**known.state, GATEWAY: (row, fact.received)}
            self._memory.put(fact.community, device, replace(known, state=state))

    def listen_anew(self, now: int) -> None:
        """The server stood still until `now`, ms: as after a start, nothing is known of who is silent."""
        self._began = now
        self._silent.clear()

    def tick(self, now: datetime) -> None:
        """Look at every hub, twice a minute."""
        ms = to_ms(now)
        if not self._began or ms < self._began:
            self._began = ms  # what was said before this program listened cannot be known
        if 0 <= ms - self._looked < EVERY_MS:
            return
        self._looked = ms
        for hub in sorted(self._hubs(), key=lambda each: each.via is not None):
            self._look(hub, ms)

    def out_of_reach(self, hub: str | None, now: datetime) -> bool:
        """Whether what is enrolled with this hub cannot be judged: it is silent, or came back a moment ago."""
        return hub is not None and (self._silent.get(hub, False) or to_ms(now) - self._back.get(hub, 0) < _ANEW_MS)

    def _look(self, hub: Enrolled, now: int) -> None:
        heard, behind = self._heard_lately(hub), hub.via is not None and self._silent.get(hub.via, False)
        last = max(heard or 0, self._began, self._back.get(hub.via or "", 0))
        silent = behind or now - last > _AFTER_MS
        if not silent and heard is None and hub.id not in self._silent:
            return  # it may have been silent before this program began, and has not been heard since
        if self._silent.get(hub.id) and not silent:
            self._back[hub.id] = now
        self._silent[hub.id] = silent
        for community in hub.communities:
            self._keep(community, row_of(hub), silent, behind, last, now)

    def _heard_lately(self, hub: Enrolled) -> int | None:
        """When it last spoke, if it did since this program listens."""
        heard = self._heard(hub.id)
        return None if heard is None or heard < self._began else heard

    def _keep(self, community: str, row: str, silent: bool, behind: bool, last: int, now: int) -> None:
        known = self._memory.device(community, row)
        if known is None:
            known = DeviceState(last, state={GATEWAY: (row, now)})
        elif known.online is not silent:
            return
        state = {**known.state, Kind.ONLINE.value: (not silent, last if silent else now), BEHIND: (behind, now)}
        self._memory.put(community, row, replace(known, heard=last, online=not silent, state=state))
