"""What services report of the messages they took: that one arrived, or did not; then the person's next address is asked."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

from district.reaching import twilio
from district.reaching.channels import Outcome, Result
from district.reaching.handovers import Handover, Handovers
from domain.events import derived_id, to_ms
from domain.incident_kinds import NOTICE_DELIVERED, NOTICE_FAILED
from watch.ledger import Ledger, Seen

_TO = "."  # between the name of a message and which address it goes to


class Arrivals:
    """`base` is the district's public address, "" for none; `keys` are those that channels' services sign with, by channel;
    `settled` is told what came of each message: (person, channel, which address, outcome, ms)."""

    def __init__(
        self, ledger: Ledger, handovers: Handovers, base: str, keys: Mapping[str, str],
        settled: Callable[[str, str, str, Outcome, int], object],
    ) -> None:  # fmt: skip
        self._ledger, self._handovers, self._base, self._keys = ledger, handovers, base, keys
        self._settled = settled

    def address(self, channel: str, message: str) -> str:
        """Where the service may report on this message; "" where it reports nothing, or could not reach us. `message` may be named
        with the address that it goes to (`to_one`)."""
        return f"{self._base}arrived/{channel}/{message}" if self._base and self._keys.get(channel) else ""

    def hear(
        self, channel: str, message: str, signature: str, form: Mapping[str, Sequence[str]], now: datetime
    ) -> bool:
        """Take one report in; False where its signature is not the service's. The same again changes nothing."""
        address = self.address(channel, message)
        if not address or not twilio.signed(self._keys[channel], address, form, signature):
            return False
        arrived, reason = twilio.outcome(form)
        if arrived is not None:
            name, _, which = message.partition(_TO)
            for notice in self._handovers.carried(name):
                self._settle(notice, channel, which, arrived, reason, now)
        return True

    def _settle(self, notice: Handover, channel: str, which: str, arrived: bool, reason: str, now: datetime) -> None:
        told, ref = {**notice.told, "channel": channel, "to": which}, notice.ref
        where, at = (notice.community, notice.elder or None), to_ms(now)
        if arrived:
            self._ledger.add(NOTICE_DELIVERED, told, *where, at, derived_id(ref, channel, which, "delivered"))
        elif (channel, which) not in lost(self._ledger.about(notice.elder, (NOTICE_FAILED,)), ref):
            told |= {"reason": reason, "permanent": True, "reported": True}
            self._ledger.add(NOTICE_FAILED, told, *where, at, derived_id(ref, channel, which, "lost"))
            if notice.elder:
                self._handovers.reopen(ref)
        lost_for_good = Result.PERMANENT if twilio.for_good(reason) else Result.TRY_AGAIN
        self._settled(notice.person, channel, which, Outcome(Result.SENT if arrived else lost_for_good, reason), at)


def which_of(person: str, channel: str, address: str) -> str:
    """Tells the addresses of a person on one channel apart, in facts that go everywhere: too short to find one by."""
    return derived_id("to", person, channel, address)[:3]


def to_one(message: str, which: str) -> str:
    """The name of a message to one of the addresses."""
    return f"{message}{_TO}{which}"


def lost(facts: Iterable[Seen], ref: str) -> frozenset[tuple[str, str]]:
    """The (channel, which address) by which this notice did not arrive, though their services had taken it."""
    return frozenset(
        (str(f.payload.get("channel")), str(f.payload.get("to", "")))
        for f in facts
        if f.kind == NOTICE_FAILED and f.payload.get("reported") and f.payload.get("ref") == ref
    )
