"""What the banner says of the line to the district: how old the data is, what waits, what was refused. No Qt."""

from dataclasses import dataclass

from offline.line.link import Link, SyncStatus
from offline.program import program_version

STALE_AFTER_MS = 5_000  # the stream's heartbeat comes every 2 s; two missed and a little grace


@dataclass(frozen=True, slots=True)
class Connection:
    """`word` is a key below ``caregiver.line``; `age_ms` is None before the first contact; `update` is the version that the
    district wants here, '' where this is the one or none is named."""

    online: bool
    word: str
    age_ms: int | None
    pending: int
    update: str = ""


def connection(status: SyncStatus | None, now_ms: int) -> Connection:
    """How the line is at `now_ms`. No status at all means a desk that works on its own copy (sample data)."""
    if status is None:
        return Connection(True, "sample", None, 0)
    age = None if status.last_ok is None else max(0, now_ms - status.last_ok)
    if status.link.answers and age is not None and age > STALE_AFTER_MS:
        return Connection(False, Link.UNREACHABLE, age, status.pending)
    if status.link is Link.STARTING and status.since is not None:
        heard = max(status.since, status.last_ok or 0)
        if now_ms - heard > STALE_AFTER_MS:
            return Connection(False, Link.UNREACHABLE, age, status.pending)  # the round hangs
    update = status.wanted if status.wanted != program_version() else ""
    return Connection(status.link is Link.CONNECTED, status.link, age, status.pending, update)
