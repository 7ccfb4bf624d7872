"""Numbers of a device that were acknowledged and lead nowhere any more: a row was taken out by a bad disk or a clumsy hand.

The same statements on every database. What was put aside or kept as evidence has its number there.
"""

from district.store.port import Row, Store

MOST_RANGES = 100  # told at once; what is left is told the next time
_BESIDE = " UNION ".join(
    f"SELECT seq FROM {table} WHERE device = ? AND epoch = ? AND seq <= ?" for table in ("quarantine", "evidence")
)
_COUNT = (
    "SELECT (SELECT count(*) FROM facts WHERE device = ? AND epoch = ? AND seq <= ?) + (SELECT count(*) FROM"
    f" ({_BESIDE}) AS beside WHERE NOT EXISTS"
    " (SELECT 1 FROM facts f WHERE f.device = ? AND f.epoch = ? AND f.seq = beside.seq))"
)
_GAPS = (
    "SELECT seq + 1, following - 1 FROM (SELECT seq, lead(seq) OVER (ORDER BY seq) AS following FROM"
    f" (SELECT 0 AS seq UNION SELECT ? UNION SELECT seq FROM facts WHERE device = ? AND epoch = ? AND seq <= ? UNION {_BESIDE})"
    " AS known) AS pairs WHERE following > seq + 1 ORDER BY 1 LIMIT ?"
)


def lost(store: Store, device: str) -> list[tuple[int, int, int]]:
    """(epoch, first, last): inclusive ranges of numbers. Counts first: only where something is missing is it looked for."""
    everywhere = tuple(store.heads())
    found: list[tuple[int, int, int]] = []
    streams: list[Row] = store.read("SELECT epoch, through FROM streams WHERE device = ? ORDER BY epoch", (device,))
    for epoch, through in streams:
        span = (device, epoch, through)
        [(count,)] = store.read_within(everywhere, _COUNT, (*span * 3, device, epoch))
        if count < through:
            gaps = store.read_within(everywhere, _GAPS, (through + 1, *span * 3, MOST_RANGES - len(found)))
            found += [(epoch, first, last) for first, last in gaps]
    return found
