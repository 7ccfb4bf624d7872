"""What a replica keeps ends when the district's own copy does: envelopes stay, and with them every chain."""

from collections.abc import Mapping

from domain.retention import TERM_OF
from offline.journal import Journal

DAY_MS = 86_400_000
SLICE = 500  # others write between two of them
_DUE = (
    "SELECT facts.id FROM facts JOIN payloads ON payloads.fact = facts.rowid AND payloads.body IS NOT NULL"
    " WHERE facts.kind = ? AND facts.at < ? AND (facts.device <> ? OR facts.epoch < ? OR facts.seq <= ?) LIMIT ?"
)


def let_go(journal: Journal, days: Mapping[str, int], now: int) -> int:
    """Null payloads whose term (`domain.retention`, in `days`) is over at `now`, ms; how many that was.

    What is not sent yet stays, and so does everything where the district named no terms.
    """
    gone = 0
    for row in journal.query("SELECT DISTINCT kind FROM facts") if days else []:
        term = days.get(TERM_OF.get(row["kind"].partition(".")[0], ""))
        if term is None:
            continue
        own = (journal.device, journal.epoch, journal.acked_through)
        while due := journal.query(_DUE, (row["kind"], now - term * DAY_MS, *own, SLICE)):
            gone += journal.erase(found["id"] for found in due)
    return gone
