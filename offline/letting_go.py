"""What a replica keeps ends when the district's own copy does, or with whom it is about: envelopes stay, and with them every
chain."""

from collections.abc import Mapping

from domain.retention import term_of
from offline.journal.journal import Journal
from offline.roster import ERASED

DAY_MS = 86_400_000
SLICE = 500  # others write between two of them
_DUE = (
    "SELECT facts.id FROM facts JOIN payloads ON payloads.fact = facts.rowid AND payloads.body IS NOT NULL"
    " WHERE facts.kind = ? AND (facts.subject IS NULL) = ? AND facts.at < ?"
    " AND (facts.device <> ? OR facts.epoch < ? OR facts.seq <= ?) LIMIT ?"
)
_ABOUT = (
    "SELECT facts.id FROM facts JOIN payloads ON payloads.fact = facts.rowid AND payloads.body IS NOT NULL"
    " WHERE subject = ? AND community = ? AND kind <> ? AND at >= ?"
)


def let_go_of(journal: Journal, person: str, community: str, since: int = 0) -> int:
    """Null what is said here of somebody who is erased there, of what happened from `since` (ms) on; how many payloads that was.

    The feed names what the district has of it, and not what was put aside there.
    """
    return journal.erase(row["id"] for row in journal.query(_ABOUT, (person, community, ERASED, since)))


def let_go_of_the_erased(journal: Journal) -> int:
    """Likewise of everybody, what was written here since."""
    said = "SELECT DISTINCT subject, community, at FROM facts JOIN places ON places.fact = facts.rowid WHERE kind = ?"
    return sum(
        let_go_of(journal, row["subject"], row["community"], row["at"] - DAY_MS)
        for row in journal.query(said, (ERASED,))
    )


def let_go(journal: Journal, days: Mapping[str, int], now: int) -> int:
    """Null payloads whose term (`domain.retention`, in `days`) is over at `now`, ms, and of the erased; how many that was.

    Of what has a term, what is not sent yet stays, and so does everything where the district named no terms.
    """
    gone = let_go_of_the_erased(journal)
    for row in journal.query("SELECT DISTINCT kind, subject IS NULL AS nobody FROM facts") if days else []:
        term = days.get(term_of(row["kind"], not row["nobody"]) or "")
        if term is None:
            continue
        own = (journal.device, journal.epoch, journal.acked_through)
        while due := journal.query(_DUE, (row["kind"], row["nobody"], now - term * DAY_MS, *own, SLICE)):
            gone += journal.erase(found["id"] for found in due)
    return gone
