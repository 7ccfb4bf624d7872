"""Numbers of a device that were acknowledged and lead nowhere any more: a row was taken out by a bad disk or a clumsy hand.

The same statements on every database. What was put aside or kept as evidence has its number there.
"""

import threading

from district.store.port import Row, Store

MOST_RANGES = 100  # told at once; what is left is told the next time
_SPAN = "device = ? AND epoch = ? AND seq > ? AND seq <= ?"
_BESIDE = " UNION ".join(f"SELECT seq FROM {table} WHERE {_SPAN}" for table in ("quarantine", "evidence"))
_COUNT = (
    f"SELECT (SELECT count(*) FROM facts WHERE {_SPAN}) + (SELECT count(*) FROM"
    f" ({_BESIDE}) AS beside WHERE NOT EXISTS"
    " (SELECT 1 FROM facts f WHERE f.device = ? AND f.epoch = ? AND f.seq = beside.seq))"
)
_GAPS = (
    "SELECT seq + 1, following - 1 FROM (SELECT seq, lead(seq) OVER (ORDER BY seq) AS following FROM"
    f" (SELECT ? AS seq UNION SELECT ? UNION SELECT seq FROM facts WHERE {_SPAN} UNION {_BESIDE})"
    " AS known) AS pairs WHERE following > seq + 1 ORDER BY 1 LIMIT ?"
)


class Lost:
    """One a process; any thread. What was found whole stays so until it is `forget`ten: asking costs what has come since."""

    def __init__(self, store: Store) -> None:
        self._store, self._lock = store, threading.Lock()
        self._whole: dict[tuple[str, int], int] = {}  # by device and epoch: through which number

    def forget(self) -> None:
        """Count everything anew when asked next."""
        with self._lock:
            self._whole.clear()

    def of(self, device: str) -> list[tuple[int, int, int]]:
        """(epoch, first, last): inclusive ranges of numbers. Counts first: only where something is missing is it looked for."""
        everywhere = tuple(self._store.heads())
        found: list[tuple[int, int, int]] = []
        streams: list[Row] = self._store.read(
            "SELECT epoch, through FROM streams WHERE device = ? ORDER BY epoch", (device,)
        )
        for epoch, through in streams:
            whole = self._whole.get((device, epoch), 0)
            span = (device, epoch, whole, through)
            [(count,)] = self._store.read_within(everywhere, _COUNT, (*span * 3, device, epoch))
            if count < through - whole:
                room = MOST_RANGES - len(found)
                gaps = self._store.read_within(everywhere, _GAPS, (whole, through + 1, *span * 3, room))
                found += [(epoch, first, last) for first, last in gaps]
            else:
                with self._lock:
                    self._whole[device, epoch] = through
        return found
