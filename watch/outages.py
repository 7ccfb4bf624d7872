"""When a server stood still it heard nobody of a community: no silence, and no absence, can be told from those hours.

A gate tells later what it saw meanwhile, by its own time. What a home's devices said is lost, or waited in a queue and shows
nothing.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from domain.events import derived_id, from_ms, moment
from domain.subjects import of_gateway
from domain.watched import Span, union
from watch.ledger import Ledger, Seen

STOOD = "gateway.stood_still"  # subject: `server_of` the community; payload: since, until (ms); by
SERVER = "server"
HEARD = "sign."  # what servers hear of homes; a gate keeps what it saw, and tells later
NOTED = timedelta(
    seconds=60
)  # a server notes twice a minute that it listens: at either end of a span nothing is known so exactly


def server_of(community: str) -> str:
    """The server among the gateways of a community."""
    return of_gateway(community, SERVER)


def unheard_spans(facts: Iterable[Seen], signs: Iterable[Seen] = ()) -> list[Span]:
    """From facts in the order they came, sorted and disjoint. What is told of a time that was still to come, or by a clock that
    was not believed, is none; nor, for the home of `signs`, is one in which somebody else heard it."""
    heard = list(signs)
    found: list[tuple[str, Span]] = []
    for fact in facts:
        since, until = moment(fact.payload.get("since")), moment(fact.payload.get("until"))
        if since is None or until is None:
            continue
        if fact.payload.get("clock_was_ahead"):
            found = [(server, span) for server, span in found if server != fact.device or span[1] <= until]
        elif (
            fact.trusted
            and since < until <= from_ms(fact.received) + NOTED
            and not any(_disproves(sign, fact.device, since + NOTED, until - NOTED) for sign in heard)
        ):
            found.append((fact.device, (since, until)))
    return union(span for _, span in found)


def _disproves(sign: Seen, server: str, since: datetime, until: datetime) -> bool:
    """Whether a sign of somebody's home was heard by another server than this one between the two, or came through it."""
    elsewhere = sign.kind.startswith(HEARD) and sign.device != server and sign.trusted
    return (elsewhere and since < from_ms(min(sign.at, sign.received)) < until) or (
        since < from_ms(sign.received) < until
    )


def unheard(ledger: Ledger, community: str, signs: Iterable[Seen] = ()) -> list[Span]:
    """The spans in which nobody of a community was heard; less those that the `signs` of a home disprove, for that home."""
    return unheard_spans(ledger.about(server_of(community), (STOOD,)), signs)


def tell(ledger: Ledger, communities: Iterable[str], since: int, until: int) -> None:
    """That this server heard nobody from `since` to `until`, ms. Where it ends before it began the clock was ahead, and
    what was told of times after its end is taken back."""
    told = {"since": since, "until": until, "clock_was_ahead": until < since, "by": "system"}
    for community in communities:
        id = derived_id(STOOD, ledger.device, community, str(since), str(until))
        ledger.add(STOOD, told, community, server_of(community), until, id)
