"""What a feed brings of a node's own facts."""

from msgspec.structs import replace

from caregiver.invented import Feed
from domain.events import from_ms
from offline.journal.journal import Journal
from offline.wire import FeedItem
from tests.fakes.there import there


def back_down(feed: Feed, journal: Journal, id: str) -> FeedItem:
    """An own fact as it comes back down, behind everything that `feed` has sent."""
    envelope = there(journal.find(id)).envelope
    (event,) = [e for e in journal.unsent(1000) if e.id == id]
    blank = feed.item(envelope.kind, {}, envelope.subject, from_ms(envelope.at))
    return replace(blank, device=envelope.device, epoch=envelope.epoch, event=event)
