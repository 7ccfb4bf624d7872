"""Devices that stopped talking: *blind* is a state of its own, said as a fact when it begins and when it ends.

A gateway that fell silent says so once for itself; what is heard through it is blind meanwhile for its sake.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import datetime

from district.intake.homes import Homes
from district.intake.memory import BEHIND, DeviceState, Known, Listened, Memory
from district.intake.mute import MuteDevices
from district.intake.own_silences import lasting, whose
from district.intake.paces import late_after
from district.intake.quiet_gateways import (
    HOMES,
    TOGETHER,
    Behind,
    GatewayPaces,
    doubted,
    doubted_since,
    fell_silent,
    gone,
    trusted,
)
from district.intake.signals import Kind, number
from domain.events import derived_id, moment, to_ms
from domain.subjects import of_gateway
from watch.ledger import Ledger, Seen, said_before
from watch.signs import BLIND, CHARGING, GATEWAY, GATEWAY_SILENT, NOT_WORN, REGISTERED, REMOVED

# Sleepy devices report at least once a day, most of them each hour; devices "online" but silent for weeks are seen in the field.
LATE_MS = 26 * 3600_000
MINUTE_MS = 60_000
LONGEST_MIN = 24 * 60
EVERY_MS = 30_000
BREAK_MS = 5 * EVERY_MS  # a server that stood still for longer has heard nobody meanwhile
ONE_OUTAGE_MS = 12 * 3600_000  # breaks with less than this between them are one
_NOTHING = (None, None)


class DeviceSilence:
    """Looks over all devices and gateways every half minute."""

    def __init__(self, ledger: Ledger, homes: Homes, memory: Memory) -> None:
        self._ledger, self._homes, self._memory = ledger, homes, memory
        self._looked = self._noted = 0
        self._listened = Listened(0, 0)
        self._gateways = GatewayPaces(memory)
        self._mute = MuteDevices(ledger, homes, memory)
        self.unheard: Callable[[str, str], str] = lambda _community, _device: ""  # why nothing is told of a device
        # ms after which a device that promised more than a word a day is late, None of others; and the fact that says so
        self._late = dict[tuple[str, str], tuple[Seen | None, int | None]]()
        self.stood_still: Callable[[int, int], None] = lambda _since, _until: None  # told of every break, ms
        # devices that could be heard again, and said no word yet: whose they were, and since when they had been blind (ms)
        self._awaited = dict[tuple[str, str], tuple[str, int]]()
        for fact in ledger.told((REGISTERED,)):
            self._promise(fact)
        for fact in ledger.told((BLIND,)):
            if fact.device == ledger.device:
                self._await(fact)

    def follow(self, fact: Seen, now: datetime) -> None:
        """A device that was put up and never says a word must go blind too: its time runs from there."""
        self.heed(fact, now)
        device = _device_of(fact)
        known = fact.kind != REGISTERED or self._memory.device(fact.community, device) is not None
        if device and not known and self._stands(fact.community, device):
            self._memory.put(fact.community, device, DeviceState(fact.received))

    def heed(self, fact: Seen, _now: datetime) -> None:
        """What a hub heeds too, which leaves those that never said a word to the one above."""
        device = _device_of(fact)
        if fact.kind in (REGISTERED, REMOVED) and device:
            self._mute.forget(fact.community, device)
        if fact.kind == REGISTERED and device:
            self._promise(fact)
        elif fact.kind == REMOVED and device and not self._stands(fact.community, device):
            self._memory.forget(fact.community, device)
        elif fact.device == self._ledger.device and (name := whose(fact)):
            self._recall(fact, name)
        self._mute.heed(fact)

    def _stands(self, community: str, device: str) -> bool:
        """In whatever home: a word that is given back may be an old one."""
        return self._homes.home(community, device) is not None

    def _promise(self, fact: Seen) -> None:
        """`every_min`: how often it reports at least. Two reports may be lost on the way before it is late."""
        every, key = number(fact.payload.get("every_min")), (fact.community, str(fact.payload.get("device", "")))
        if not said_before(fact, self._late.get(key, _NOTHING)[0]):
            promised = every is not None and 0 < every <= LONGEST_MIN
            self._late[key] = (fact, int(every * 3 * MINUTE_MS) if every is not None and promised else None)

    def _recall(self, fact: Seen, name: str) -> None:
        """A silence that it told of and knows nothing of: it has to say when that is over, or nobody was watched there again."""
        known = self._memory.device(fact.community, name)
        if known is None or known.blind_since is not None:
            return
        if since := lasting(self._ledger, fact):
            self._memory.mark_blind(fact.community, name, to_ms(since))

    def _promised(self, of: tuple[str, str]) -> int | None:
        return self._late.get(of, _NOTHING)[1]

    def tick(self, now: datetime) -> int:
        """How many devices and gateways went blind or came back."""
        ms = to_ms(now)
        if 0 <= ms - self._looked < EVERY_MS:
            return 0
        self._looked = ms
        self.listen(now)
        devices = self._memory.devices()
        if self._find_gateways(devices, ms):
            devices = self._memory.devices()
        gateways = {(d.community, d.name): d.device for d in devices if d.device.gateway == d.name}
        changed = 0
        for known in devices:
            if (known.community, known.name) in gateways:
                changed += self._look_at_gateway(known, ms)
            else:
                through = gateways.get((known.community, known.device.gateway))
                late = ms if known.device.through_hub else self._late_after(known)
                since = 0 if known.device.blind_since is not None else self._heard_at_best(known.device, late)
                changed += self._look(known, *_blind_since(known.device, through, late, ms, since), ms)
        self._mute.look(devices, self._listened.since, ms, self.unheard)
        return changed

    def _find_gateways(self, devices: list[Known], now: int) -> bool:
        """Whether one was found to have died without a word."""
        itself, behind = dict[tuple[str, str], DeviceState](), defaultdict[tuple[str, str], list[Known]](list)
        for known in devices:
            of = (known.community, known.device.gateway)
            if known.device.gateway == known.name:
                itself[of] = known.device
            elif known.device.gateway and not known.device.through_hub:
                behind[of].append(known)
        found = False
        for of, those in behind.items():
            state = itself.get(of)
            back = 0 if state is None else state.turned
            last = max(self._memory.spoken.get(of, 0), *(known.device.heard for known in those))
            came_back = 0 if state is None or not state.online else int(state.state.get(Kind.ONLINE, (None, 0))[1])
            self._gateways.hear(of, last, self._listened.since, came_back)
            if state is not None and not state.online:
                continue
            begun = doubted_since(state)
            if self._is_gone(of, those, max(last, back), back, now):
                self._memory.put(*of, gone(of[1], state, max(last, back)))
            elif begun is None and self._is_in_doubt(of, those, max(last, back), now):
                self._memory.put(*of, doubted(of[1], state, max(last, back)))
            elif state is not None and begun is not None and last > begun:
                self._memory.put(*of, trusted(state, now))
            else:
                continue
            found = True
        return found

    def _is_in_doubt(self, of: tuple[str, str], those: list[Known], last_word: int, now: int) -> bool:
        if now - max(last_word, self._listened.since) <= self._gateways.doubted_after(of):
            return False
        return sum(self._homes.home(known.community, known.name) is not None for known in those) >= TOGETHER

    def _is_gone(self, of: tuple[str, str], those: list[Known], last_word: int, back: int, now: int) -> bool:
        if fell_silent([self._behind(d, back) for d in those if d.device.blind_since is None], last_word, now):
            return True
        late = self._gateways.late_after(of)
        if late is None or now - max(last_word, self._listened.since) <= late:
            return False
        homes = (self._homes.home(known.community, known.name) for known in those)
        return len({home.elder for home in homes if home is not None}) >= HOMES

    def _behind(self, known: Known, back: int) -> Behind:
        late = self._paced(known)
        return Behind(max(known.device.heard, back, self._heard_at_best(known.device, late or LATE_MS)), late)

    def _paced(self, known: Known) -> int | None:
        """By what was promised, else by what it has always done."""
        return self._promised((known.community, known.name)) or late_after(known.device)

    def _late_after(self, known: Known) -> int:
        """At the latest after a day; what was promised may take three."""
        promised = self._promised((known.community, known.name))
        return promised or min(self._paced(known) or LATE_MS, LATE_MS)

    def listen(self, at: datetime) -> None:
        """A device could not speak to a server that stood still: it has its time from when there was one again.

        Asked of the database, not of this run: what could not be kept there was not heard either. Before anybody is judged.
        """
        now = to_ms(at)
        if 0 <= now - self._noted < EVERY_MS:
            return
        self._noted = now
        before = self._memory.listened() or Listened(0, now)
        missed = now - before.until
        if missed > BREAK_MS or missed < 0:
            self.stood_still(before.until, now)
        if missed > BREAK_MS:
            again = before.until - before.since < ONE_OUTAGE_MS
            self._listened = Listened(now, now, missed + (before.stood if again else 0))
        else:
            self._listened = Listened(min(before.since, now), now, before.stood)  # a clock may have been ahead
        self._memory.note_listened(self._listened)

    def _heard_at_best(self, device: DeviceState, late: int) -> int:
        """From when a device that was not blind has its time. Once: a server that stands still every night must not keep one that
        is dead from ever going blind."""
        return min(self._listened.since, device.heard + late + self._listened.stood)

    def _look_at_gateway(self, known: Known, now: int) -> bool:
        since = doubted_since(known.device) if known.device.online else known.device.turned
        begun = known.device.blind_since
        if (since is None) == (begun is None):
            return False
        told = {"place": known.name.partition("/")[2], "silent": since is not None, "since": since or begun}
        if (known.device.state.get(BEHIND) or (False, 0))[0]:
            told["behind"] = True
        subject = of_gateway(known.community, known.name)
        id = derived_id(GATEWAY_SILENT, subject, str(since or begun), str(since is not None))
        at = now if since is None else since
        self._ledger.add(GATEWAY_SILENT, {**told, "by": "system"}, known.community, subject, at, id)
        self._memory.mark_blind(known.community, known.name, since)
        return True

    def _look(self, known: Known, since: int | None, reason: str, now: int) -> bool:
        """Tell what changed; where one cause took the place of another, that the first is over and the second began."""
        before = known.device.blind_since
        if since is None and before is None:
            return self._hear_at_last(known)
        home = self._homes.home(known.community, known.name) if since != before else None
        if home is None:
            return False
        told = {"device": known.name, "place": home.place, "by": "system"}
        if before is not None:
            spoke = known.device.heard > before
            at = max(known.device.heard, before) if since is None and spoke else now
            self._say(known, home.elder, {**told, "blind": False, "since": before, "spoke": spoke}, at, before)
        if since is not None:
            begins = since if before is None else now
            self._say(known, home.elder, {**told, "blind": True, "since": begins, "reason": reason}, begins, since)
        self._memory.mark_blind(known.community, known.name, since)
        return True

    def _say(self, known: Known, elder: str, told: Mapping[str, object], at: int, begun: int) -> None:
        id = derived_id("blind", known.community, known.name, str(begun), str(told["blind"]))
        self._await(self._ledger.add(BLIND, told, known.community, elder, at, id))

    def _await(self, told: Seen) -> None:
        """Its gateway is back, and it may be dead all the same: whoever was called for it waits for a word of its own."""
        of, since = (told.community, _device_of(told)), moment(told.payload.get("since"))
        no_word = told.payload.get("blind") is False and told.payload.get("spoke") is False
        if no_word and since is not None and told.subject is not None:
            self._awaited[of] = (told.subject, to_ms(since))
        else:
            self._awaited.pop(of, None)

    def _hear_at_last(self, known: Known) -> bool:
        """The first word of one that is awaited."""
        elder, begun = self._awaited.get((known.community, known.name), ("", known.device.heard))
        home = self._homes.home(known.community, known.name) if known.device.heard > begun else None
        if home is None or home.elder != elder:
            return False
        spoke = {"blind": False, "since": begun, "spoke": True}
        told = {"device": known.name, "place": home.place, "by": "system", **spoke}
        id = derived_id("blind", known.community, known.name, str(begun), "spoke")
        self._await(self._ledger.add(BLIND, told, known.community, elder, known.device.heard, id))
        return True


def _device_of(fact: Seen) -> str:
    """The device of a home that a fact is about; "" where it is about none."""
    device = fact.payload.get("device")
    return device if isinstance(device, str) else ""


def _blind_since(
    state: DeviceState, gateway: DeviceState | None, late: int, now: int, since: int
) -> tuple[int | None, str]:
    """Since when this device could not have told us anything, and why; None while it can."""
    if not state.online:
        return state.heard, "offline"
    if gateway is not None and not gateway.online:
        return gateway.turned, GATEWAY
    # it could not speak before its gateway was back, nor to nobody; and a silence that was told of is not told of again
    at_best = state.heard if gateway is None else max(state.heard, gateway.turned)
    if now - max(at_best, since) > late:
        return at_best, "silent" if gateway is None or doubted_since(gateway) is None else GATEWAY
    for kind, blind, reason in ((Kind.WORN, False, NOT_WORN), (Kind.CHARGING, True, CHARGING)):
        value, since = state.state.get(kind, (None, 0))
        if value is blind:
            return since, reason
    return None, ""
