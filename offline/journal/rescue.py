"""A journal that cannot be used any more is begun anew: the district has everything but what this node had not sent yet, and that
is read out of the old file as far as it can be read.
"""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from domain.errors import Mendable
from offline.journal.database import Database, Error, is_plain
from offline.journal.journal import Journal
from offline.journal.projections import read_payload
from offline.journal.writer import damage_mark
from offline.sqlite_files import delete, put_aside

log = logging.getLogger(__name__)

LOOK_AT_IT_S = 30 * 86_400  # so long a file that was not read whole stays for somebody who knows about disks
Recorded = tuple[str, dict[str, Any], str | None, int | None, str | None]  # as `Journal.append_all` takes it


@dataclass(frozen=True, slots=True)
class Member:
    """Who a node is to its district, as remembered outside the journal."""

    device: str
    epoch: int
    community: str


@dataclass(frozen=True, slots=True)
class Rescued:
    """What became of the old file. `why`: damaged, newer, keyless, lost (not there). `kept`: own unsent facts
    taken over; `whole`: all of them."""

    why: str
    kept: int
    whole: bool


def open_journal(
    path: Path, open_: Callable[[], Journal], member: Member | None, key: bytes, *, keyless: bool = False
) -> tuple[Journal, Rescued | None]:
    """The journal at `path`, begun anew where it is gone, damaged or of a newer program, and what was rescued of it then.

    `keyless`: the key it was sealed under is known to be gone, and that is why it cannot be read.
    Raises Mendable as `Journal` does; of those two only where nobody remembers who this node is (`database_damaged` then).
    """
    mark = damage_mark(path)
    try:
        if mark.exists() and member is not None:
            raise Mendable("journal_damaged", path=path)
        journal = open_()
        if journal.device or member is None:
            return journal, None
        journal.become(member.device, member.epoch + 1, member.community)
        log.warning("%s was gone: begun anew", path)
        return journal, Rescued("lost", 0, False)
    except Mendable as e:
        if e.code not in ("journal_damaged", "database_newer"):
            raise
        if member is None:
            if e.code == "database_newer":
                raise
            raise Mendable("database_damaged", path=path) from e
        why = "newer" if e.code == "database_newer" else "keyless" if keyless and not is_plain(path) else "damaged"
    old = put_aside(path, f"{path.name}.{why}")
    facts, whole, epoch = _unsent(Database(old, None if is_plain(old) else key), member)
    journal = open_()
    journal.become(member.device, max(epoch, member.epoch) + 1, member.community)
    journal.append_all(facts)
    if whole:  # nothing else in it was this node's alone
        delete(old)
    mark.unlink(missing_ok=True)
    log.warning("%s was %s: begun anew with %d unsent facts, whole=%s", path, why, len(facts), whole)
    return journal, Rescued(why, len(facts), whole)


def forget_old(path: Path) -> None:
    """What was put aside long ago goes."""
    for old in (path.with_name(f"{path.name}.{why}") for why in ("damaged", "keyless")):
        if old.exists() and time.time() - old.stat().st_mtime > LOOK_AT_IT_S:
            delete(old)


def _unsent(file: Database, member: Member) -> tuple[list[Recorded], bool, int]:
    """Own facts that were not acknowledged, oldest first; whether those were all; the epoch they were recorded in."""
    try:
        with closing(file.reader()) as db:
            state = dict(db.execute("SELECT key, value FROM state").fetchall())
            epoch, acked = int(state.get("epoch") or member.epoch), int(state.get("acked") or 0)
            own = (str(state.get("device") or member.device), epoch)
            last = db.execute("SELECT coalesce(max(seq), 0) FROM facts WHERE device = ? AND epoch = ?", own).fetchone()[
                0
            ]
            found = list(_one_by_one(db.execute, own, acked, int(last)))
    except (Error, OSError, ValueError):
        log.warning("nothing can be read of %s", file.path, exc_info=True)
        return [], False, member.epoch
    return [fact for fact in found if fact is not None], None not in found, epoch


def _one_by_one(execute: Callable[..., Any], own: tuple[str, int], acked: int, last: int) -> Iterator[Recorded | None]:
    """One fact at a time, so that a page that is lost takes no more with it than was on it; None for one that is lost."""
    for seq in range(acked + 1, last + 1):
        try:
            row = execute(
                "SELECT kind, body, subject, at, id FROM facts LEFT JOIN payloads ON fact = facts.rowid"
                " WHERE device = ? AND epoch = ? AND seq = ? AND chain IS NOT NULL",
                (*own, seq),
            ).fetchone()
        except Error:
            yield None
            continue
        if row is not None and (payload := read_payload(row[1])) is not None:  # an erased one has nothing left to say
            yield row[0], payload, row[2], row[3], row[4]
