"""When a server stood still it heard nobody of a community: no silence, and no absence, can be told from those hours.

A gate tells later what it saw meanwhile, by its own time. What a home's devices said is lost, or waited in a queue and shows
nothing.
"""

from collections.abc import Iterable

from domain.events import derived_id, moment
from domain.subjects import of_gateway
from domain.watched import Span, union
from watch.ledger import Ledger, Seen

STOOD = "gateway.stood_still"  # subject: `server_of` the community; payload: since, until (ms); by
SERVER = "server"


def server_of(community: str) -> str:
    """The server among the gateways of a community."""
    return of_gateway(community, SERVER)


def unheard_spans(facts: Iterable[Seen]) -> list[Span]:
    """From facts in the order they came, sorted and disjoint."""
    found: list[tuple[str, Span]] = []
    for fact in facts:
        since, until = moment(fact.payload.get("since")), moment(fact.payload.get("until"))
        if since is None or until is None:
            continue
        if fact.payload.get("clock_was_ahead"):
            found = [(server, span) for server, span in found if server != fact.device or span[1] <= until]
        else:
            found.append((fact.device, (since, until)))
    return union(span for _, span in found)


def unheard(ledger: Ledger, community: str) -> list[Span]:
    """The spans in which nobody of a community was heard."""
    return unheard_spans(ledger.about(server_of(community), (STOOD,)))


def tell(ledger: Ledger, communities: Iterable[str], since: int, until: int) -> None:
    """That this server heard nobody from `since` to `until`, ms. Where it ends before it began the clock was ahead, and
    what was told of times after its end is taken back."""
    told = {"since": since, "until": until, "clock_was_ahead": until < since, "by": "system"}
    for community in communities:
        id = derived_id(STOOD, ledger.device, community, str(since), str(until))
        ledger.add(STOOD, told, community, server_of(community), until, id)
