"""What was said at a desk, as it comes to a gate: in one page of the feed."""

from collections.abc import Callable
from pathlib import Path

from domain.consent import Purpose
from offline.journal.journal import Journal
from offline.keys.keystore import Keystore
from offline.node_clock import NodeClock
from offline.roster import Roster, RosterProjection
from offline.wire import FeedItem


def one_page(path: Path, keys: Keystore, say: Callable[[Roster], None]) -> list[FeedItem]:
    """The facts of a desk of its own, named by `path`, at which `say` was said."""
    desk, clock = path.name, NodeClock()
    journal = Journal(path, clock, [RosterProjection()])
    journal.become(desk, 1, "jinxiu")
    say(Roster(journal, keys))
    events = journal.others_after(desk, 1, 0, 100)
    journal.close()
    return [FeedItem(position, desk, 1, event, clock.now_ms()) for position, event in enumerate(events, 1000)]


def withdraws_and_agrees_again(person: str, *purposes: Purpose) -> Callable[[Roster], None]:
    def say(roster: Roster) -> None:
        for given in (False, True):
            for purpose in purposes:
                roster.consent(person, purpose, given, "2026-1", person)

    return say
