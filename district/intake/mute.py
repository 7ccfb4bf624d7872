"""Devices that said nothing at all for a long while, no report of themselves either: told long before they are called blind.

Only the server that hears a device knows when it last reported; whether a silence is the elder's or the sensor's is judged at the
district, on desks and by whoever is cut off.
"""

from collections.abc import Callable, Iterable

from district.intake.homes import Homes
from district.intake.memory import Known, Memory
from domain.events import derived_id, moment, to_ms
from watch.ledger import Ledger, Seen, as_said
from watch.signs import MUTE

# Sooner than any fixed rule rings that people are likely to agree on, and later than most of what is only somebody's sleep.
TOLD_AFTER_MS = 8 * 3600_000


class MuteDevices:
    """One thread. `look` is asked with every look over the devices; times in ms."""

    def __init__(self, ledger: Ledger, homes: Homes, memory: Memory) -> None:
        self._ledger, self._homes, self._memory = ledger, homes, memory
        self._since = memory.mute()

    def look(self, devices: Iterable[Known], listened: int, now: int, unheard: Callable[[str, str], str]) -> None:
        """`listened`: since when they would have been heard; `unheard`: why nothing is told of a device, "" where it is."""
        for known in devices:
            where, heard = (known.community, known.name), known.device.heard
            since = self._since.get(where)
            changed = now - max(heard, listened) > TOLD_AFTER_MS if since is None else heard > since
            if not changed or known.device.through_hub or unheard(*where):
                continue
            if since is None:
                self._tell(known, heard, now, True)
                self._mark(where, heard)
            else:
                self._tell(known, since, heard, False)
                self.forget(*where)

    def heed(self, fact: Seen) -> None:
        """That this server told of one and does not know of it: it was put back, and has to tell when that is over."""
        where = (fact.community, str(fact.payload.get("device", "")))
        if fact.kind != MUTE or fact.device != self._ledger.device or where in self._since or not fact.subject:
            return
        told = [f for f in self._ledger.about(fact.subject, (MUTE,)) if f.payload.get("device") == where[1]]
        last = as_said([*told, fact])[-1]
        if last.payload.get("mute") and (since := moment(last.payload.get("since"))) is not None:
            self._mark(where, to_ms(since))

    def forget(self, community: str, device: str) -> None:
        """It speaks again, or stands elsewhere."""
        if (community, device) in self._since:
            self._mark((community, device), None)

    def _mark(self, where: tuple[str, str], since: int | None) -> None:
        self._memory.mark_mute(*where, since)
        if since is None:
            del self._since[where]
        else:
            self._since[where] = since

    def _tell(self, known: Known, since: int, at: int, mute: bool) -> None:
        home = self._homes.home(known.community, known.name)
        if home is None:
            return
        id = derived_id("mute", known.community, known.name, home.elder, str(since), str(mute))
        told = {"device": known.name, "place": home.place, "mute": mute, "since": since, "by": "system"}
        self._ledger.add(MUTE, told, known.community, home.elder, at, id)
