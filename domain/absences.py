"""An absence that somebody entered, against what the home says: whoever is plainly back is watched again, whatever the plan has."""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from domain.careplan import Away
from domain.signals import ANSWERS, HOME, SignOfLife
from domain.watched import FOREVER, Span
from domain.windows import DAY, utc

LEAVING = timedelta(hours=24)  # who leaves so much later than was entered has not come back by then
LIVED_IN = 6  # hours of a day in which the home is heard; who waters the plants, morning and evening, is there for two or three


def stays(entered: Iterable[Away], signs: Sequence[SignOfLife]) -> Iterator[Span]:
    """The spans in which somebody stays elsewhere: as they were entered, until the home is lived in, and anew from the next
    passage out. `signs` sorted, as they are admitted."""
    for away in entered:
        start, end = utc(away.start), utc(away.end) if away.end else FOREVER
        while start < end:
            back = _lived_in(signs, start + LEAVING, end)
            yield start, back or end
            left = (utc(s.at) for s in signs if back and s.leaves and utc(s.at) > back)
            start = next(left, end)


def _lived_in(signs: Iterable[SignOfLife], since: datetime, until: datetime) -> datetime | None:
    """When the home had been heard in enough hours of one day."""
    heard: deque[datetime] = deque()
    for sign in signs:
        at = utc(sign.at)
        if not since <= at < until or sign.kind not in HOME or sign.weight < ANSWERS:
            continue
        hour = at.replace(minute=0, second=0, microsecond=0)
        if not heard or heard[-1] != hour:
            heard.append(hour)
        while heard[0] <= hour - DAY:
            heard.popleft()
        if len(heard) >= LIVED_IN:
            return at
    return None
