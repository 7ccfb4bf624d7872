"""How a node opens its SQLite files: one driver for all of them, and a file that has a key is sealed as a whole.

SQLCipher's pages: AES-256 in CBC with an HMAC-SHA-512 each, under a raw key, so that no passphrase is stretched at every opening.
"""

import logging
import os
import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self, cast

from sqlcipher3 import dbapi2 as driver

from offline.durable import settle

log = logging.getLogger(__name__)

# The standard library's interface, and not its classes; each carries `sqlite_errorcode` as they do.
Error: type[sqlite3.DatabaseError] = driver.DatabaseError
BAD_VALUE: tuple[type[sqlite3.Error], ...] = (
    driver.ProgrammingError, driver.InterfaceError, driver.IntegrityError, driver.DataError,
)  # fmt: skip

_PLAIN = b"SQLite format 3\0"
_CACHE_KIB = 16_384  # pages are decrypted once while they are in it


@dataclass(frozen=True, slots=True)
class Database:
    """One file; `key` of 32 bytes, None where it is not sealed. Connections commit by themselves and may be used by any thread."""

    path: Path
    key: bytes | None = field(default=None, repr=False)

    @classmethod
    def sealed(cls, path: Path, key: bytes | None) -> Self:
        """The file under `key`: a plain one that is there is sealed now, and stays plain where the disk has no room for that."""
        if key is None or not is_plain(path):
            return cls(path, key)
        try:
            seal_file(path, key)
        except (Error, OSError):
            log.warning("%s could not be sealed and is used as it is", path, exc_info=True)
            return cls(path)
        log.info("%s is sealed now", path)
        return cls(path, key)

    def writer(self) -> sqlite3.Connection:
        """The one connection that writes. Raises Error."""
        return self._open(self.path.absolute().as_uri())

    def reader(self) -> sqlite3.Connection:
        """A connection of the caller's own that cannot write. Raises Error."""
        db = self._open(f"{self.path.absolute().as_uri()}?mode=ro")
        db.execute("PRAGMA query_only=ON")
        return db

    def _open(self, uri: str) -> sqlite3.Connection:
        db = cast(sqlite3.Connection, driver.connect(uri, uri=True, isolation_level=None, check_same_thread=False))
        db.execute("PRAGMA cipher_log_level=NONE")  # an error is raised and told by us; nothing goes to the terminal
        if self.key is not None:
            db.execute(f"PRAGMA key = {_quoted(self.key)}")
        db.execute(f"PRAGMA cache_size=-{_CACHE_KIB}")
        return db


def is_plain(path: Path) -> bool:
    """Whether a file is there and can be read without a key."""
    try:
        with path.open("rb") as file:
            return file.read(len(_PLAIN)) == _PLAIN
    except FileNotFoundError:
        return False


def seal_file(path: Path, key: bytes) -> None:
    """Turn a plain file into a sealed one, all or nothing; the file is nobody else's meanwhile. Raises Error, OSError."""
    part = path.with_name(path.name + ".sealing")
    part.unlink(missing_ok=True)
    try:
        with closing(Database(path).writer()) as db:
            db.execute("PRAGMA journal_mode=DELETE")  # what is in the WAL comes into the file, and the WAL goes
            db.execute(f"ATTACH DATABASE ? AS sealed KEY {_quoted(key)}", (str(part),))
            db.execute("PRAGMA sealed.journal_mode=OFF")
            db.execute("PRAGMA sealed.synchronous=OFF")  # synced once, below
            db.execute("SELECT sqlcipher_export('sealed')").fetchall()
            db.execute(f"PRAGMA sealed.user_version={int(db.execute('PRAGMA user_version').fetchone()[0])}")
            db.execute("DETACH DATABASE sealed")
        with part.open("rb+") as file:
            os.fsync(file.fileno())
        part.replace(path)
        settle(path.parent)
    finally:
        part.unlink(missing_ok=True)


def _quoted(key: bytes) -> str:
    return f"\"x'{key.hex()}'\""
