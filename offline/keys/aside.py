"""A file of persons' keys that did not open, put aside: the erased are erased from it too, and it goes when nothing is missing."""

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from offline.sqlite_files import delete, put_aside

log = logging.getLogger(__name__)

Row = tuple[str, bytes, int]  # of the table `keys`


def asides(path: Path) -> list[Path]:
    """What was put aside of the keys at `path`, the newest last."""
    first = path.with_suffix(".unreadable")
    return [each for each in (first, *sorted(path.parent.glob(f"{first.name}[0-9]"))) if each.exists()]


def lay_aside(path: Path) -> None:
    """Never in the place of an older one: that may open again once the master key is put back."""
    name = path.with_suffix(".unreadable").name
    free = (name, *(f"{name}{n}" for n in range(2, 10)))
    put_aside(path, next((each for each in free if not path.with_name(each).exists()), free[-1]))


def rows(aside: Path) -> Iterator[Row | None]:
    """What can still be read of it, from both its ends; None where that is not all."""
    for order in ("ASC", "DESC"):
        try:
            with closing(sqlite3.connect(aside)) as db:
                yield from db.execute(f"SELECT person, wrapped, shared FROM keys ORDER BY rowid {order}")
            return
        except sqlite3.DatabaseError:
            yield None


def is_whole(db: sqlite3.Connection) -> bool:
    """Whether every page can be read. Raises sqlite3.DatabaseError where not even that can be told."""
    return bool(db.execute("PRAGMA quick_check(1)").fetchone()[0] == "ok")


def erase(aside: Path, person: str) -> None:
    """From a damaged one nobody can be cut out for sure: it goes as a whole."""
    try:
        with closing(sqlite3.connect(aside)) as db:
            db.execute("PRAGMA secure_delete=ON")
            if is_whole(db):
                with db:
                    db.execute("DELETE FROM keys WHERE person = ?", (person,))
                return
    except sqlite3.DatabaseError:
        log.info("%s cannot be written", aside, exc_info=True)
    log.warning("%s is damaged, and somebody is erased: it goes", aside)
    delete(aside)
