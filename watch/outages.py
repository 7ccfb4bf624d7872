"""When a server stood still it heard nobody of a community: no silence, and no absence, can be told from those hours.

A gate tells later what it saw meanwhile, by its own time. What a home's devices said is lost, or waited in a queue and shows
nothing.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from domain.events import derived_id, from_ms, moment, to_ms
from domain.subjects import of_gateway
from domain.watched import Span, union
from watch.ledger import Ledger, Seen, as_said
from watch.signs import SIGN_FACTS

STOOD = "gateway.stood_still"  # subject: `server_of` the community; payload: since, until (ms); by
SERVER = "server"
HEARD = "sign."  # what servers hear of homes; a gate keeps what it saw, and tells later
SIGNS = tuple(kind for kind in SIGN_FACTS if kind.startswith(HEARD))
KEPT = timedelta(days=1)  # a sign may have been made that long before it was told of
# a server notes twice a minute that it listens: at either end of a span nothing is known so exactly
NOTED = timedelta(seconds=60)


def server_of(community: str) -> str:
    """The server among the gateways of a community."""
    return of_gateway(community, SERVER)


class Heard(NamedTuple):
    """That a server heard a device of a home; made and came in ms. `trusted`: by a clock that was believed."""

    server: str
    made: int
    came: int
    trusted: bool


def heard(signs: Iterable[Seen]) -> list[Heard]:
    """What servers heard of a home. What a gate saw, a desk noted or somebody pressed on a telephone came by another way and says
    nothing of a server's ears."""
    return [
        Heard(sign.device, min(sign.at, sign.received), sign.received, sign.trusted)
        for sign in signs
        if sign.kind.startswith(HEARD) and sign.payload.get("device")
    ]


def unheard_spans(facts: Iterable[Seen], signs: Iterable[Heard]) -> list[Span]:
    """When nobody heard the home of `signs`, from facts in whatever order; sorted and disjoint. What is told of a time that
    was still to come, or by a clock that was not believed, is none; nor is one in which the home was heard all the same."""
    ears = _Ears(signs)
    found: list[tuple[str, Span]] = []
    for fact in as_said(facts):
        since, until = moment(fact.payload.get("since")), moment(fact.payload.get("until"))
        if since is None or until is None:
            continue
        if fact.payload.get("clock_was_ahead"):
            found = [(server, span) for server, span in found if server != fact.device or span[1] <= until]
        elif (
            fact.trusted
            and since < until <= from_ms(fact.received) + NOTED
            and not ears.heard(fact.device, to_ms(since + NOTED), to_ms(until - NOTED))
        ):
            found.append((fact.device, (since, until)))
    return union(span for _, span in found)


class _Ears:
    """Which servers heard one home, and when."""

    def __init__(self, signs: Iterable[Heard]) -> None:
        self._made: dict[str, list[int]] = defaultdict(list)
        self._came: dict[str, list[int]] = defaultdict(list)
        for server, made, came, trusted in signs:
            self._came[server].append(came)
            if trusted:
                self._made[server].append(made)
        for times in (*self._made.values(), *self._came.values()):
            times.sort()

    def heard(self, server: str, since: int, until: int) -> bool:
        """Whether another server heard it between the two (ms), or this very one told then of what it says it could not hear."""
        elsewhere = (times for other, times in self._made.items() if other != server)
        return any(_within(times, since, until) for times in (*elsewhere, self._came.get(server, [])))


def _within(times: Sequence[int], since: int, until: int) -> bool:
    """Whether one of these, sorted, lies between the two."""
    following = bisect_right(times, since)
    return following < len(times) and times[following] < until


def unheard(ledger: Ledger, community: str, elder: str, since: datetime) -> list[Span]:
    """The spans that end after `since` in which nobody heard an elder's home."""
    told = ledger.about(server_of(community), (STOOD,))
    return unheard_since(since, told, lambda begin: heard(ledger.about(elder, SIGNS, begin)))


def unheard_since(since: datetime, told: Sequence[Seen], signs: Callable[[int], Iterable[Heard]]) -> list[Span]:
    """As `unheard_spans`, of those that end after `since`; `signs` gives a home's from a moment on (ms), and is asked only where
    a server says that it stood still."""
    begins = [begin for fact in told if (begin := _begin(fact, since)) is not None]
    spans = unheard_spans(told, signs(to_ms(min(begins) - KEPT))) if begins else []
    return [span for span in spans if span[1] > since]


def _begin(fact: Seen, since: datetime) -> datetime | None:
    """When a span begins that ends after `since`."""
    begin, end = moment(fact.payload.get("since")), moment(fact.payload.get("until"))
    return begin if begin and end and begin < end and end > since else None


def tell(ledger: Ledger, communities: Iterable[str], since: int, until: int) -> None:
    """That this server heard nobody from `since` to `until`, ms. Where it ends before it began the clock was ahead, and
    what was told of times after its end is taken back."""
    told = {"since": since, "until": until, "clock_was_ahead": until < since, "by": "system"}
    for community in communities:
        id = derived_id(STOOD, ledger.device, community, str(since), str(until))
        ledger.add(STOOD, told, community, server_of(community), until, id)
