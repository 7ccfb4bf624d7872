"""Backup of a running district on SQLite, and its restore. Keys of persons are not in it: they have a backup of their own.

A restored database knows nothing of later erasures; `Erasures.reapply` puts that right before anything is served.
"""

import hashlib
import json
import sqlite3
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from domain.errors import Mendable
from offline.durable import keep, settle

_TABLES = ("facts", "payloads", "quarantine", "evidence", "devices", "accounts", "audit")


@dataclass(frozen=True, slots=True)
class Backup:
    """What a backup holds; `digest` is over every envelope's hash in the order of rows, hex."""

    path: str
    counts: dict[str, int]
    digest: str


def backup(database: Path, into: Path) -> Backup:
    """Copy the database as it stands at one moment, while others write. `into` must not exist. Raises Mendable."""
    if not database.exists():
        raise Mendable("backup_nothing", path=database)
    if into.exists():
        raise Mendable("backup_exists", path=into)
    part = into.with_name(into.name + ".part")
    part.unlink(missing_ok=True)
    part.touch(0o600)  # as private as what it is a copy of; a folder that is not there or not ours is told as such
    try:
        with closing(_reader(database)) as source, closing(sqlite3.connect(part)) as target:
            source.backup(target, pages=4096, sleep=0.001)
            target.execute("PRAGMA journal_mode=DELETE")
        made = inspect(part)
        part.replace(into)
        settle(into.parent)
    except sqlite3.DatabaseError as e:
        raise Mendable("database_damaged", path=database) from e
    except OSError as e:
        raise Mendable("disk_full", path=into.parent) from e
    finally:
        part.unlink(missing_ok=True)
    told = {"counts": made.counts, "digest": made.digest, "made": int(time.time())}
    keep(into.with_name(into.name + ".json"), json.dumps(told, indent=1).encode())
    return Backup(str(into), made.counts, made.digest)


def inspect(path: Path) -> Backup:
    """Read a backup through: its integrity, counts and digest. Raises Mendable `database_damaged`."""
    try:
        with closing(_reader(path)) as db:
            if db.execute("PRAGMA integrity_check").fetchone()[0] != "ok":
                raise Mendable("database_damaged", path=path)
            counts = {t: db.execute(f"SELECT count(*) FROM {t}").fetchone()[0] for t in _TABLES}
            digest = hashlib.sha256()
            for (content,) in db.execute("SELECT hash FROM facts ORDER BY row"):
                digest.update(content)
    except sqlite3.DatabaseError as e:
        raise Mendable("database_damaged", path=path) from e
    return Backup(str(path), counts, digest.hexdigest())


def restore(source: Path, database: Path) -> Backup:
    """Put a backup in the place of the database, which is kept beside it. No server may run. Raises Mendable."""
    if not source.is_file():
        raise Mendable("backup_none", path=source)
    try:
        found = inspect(source)
    except Mendable as e:
        raise Mendable("backup_damaged", path=source) from e
    told = source.with_name(source.name + ".json")
    if told.exists() and json.loads(told.read_text("utf-8"))["digest"] != found.digest:
        raise Mendable("backup_damaged", path=source)
    database.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = database.with_name(database.name + ".new")
    fresh.unlink(missing_ok=True)
    fresh.touch(0o600)
    with closing(_reader(source)) as read, closing(sqlite3.connect(fresh)) as written:
        read.backup(written)
    if inspect(fresh).digest != found.digest:
        raise Mendable("database_damaged", path=fresh)
    aside = f".before-{int(time.time())}"
    for suffix in ("", "-wal", "-shm"):
        old = database.with_name(database.name + suffix)
        if old.exists():
            old.replace(old.with_name(database.name + aside + suffix))
    fresh.replace(database)
    settle(database.parent)
    return found


def _reader(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    db.execute("PRAGMA query_only=ON")
    return db
