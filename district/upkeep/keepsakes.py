"""Are the files that a district cannot do without there, and are they what they should be? Read, and nothing is made or mended."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from district.store.sqlite_schema import VERSION
from district.upkeep.finding import Finding
from offline.keys.aside import asides
from offline.keys.identity import unb64
from offline.keys.keystore import person_context
from offline.keys.seal import KEY_BYTES, SealBroken, unseal

IDENTITY, MASTER, KEYS, DATABASE = "identity.json", "keys/master", "keys/keys.sqlite", "district.sqlite"


def keepsakes(data: Path, begun: bool) -> Iterator[Finding]:
    """`begun`: whether there is a database; before that nothing need be there."""
    if (data / DATABASE).exists():
        yield _database(data / DATABASE)
    for name, is_whole in ((IDENTITY, _identity), (MASTER, _master), (KEYS, _keys)):
        path = data / name
        if path.exists():
            yield Finding(is_whole(path), "whole", {"path": path})
        elif begun:
            yield Finding(False, "missing", {"path": path})
    for aside in asides(data / KEYS):
        yield Finding(False, "keys_aside", {"path": aside})


def _database(path: Path) -> Finding:
    """Whether it opens, and is not of a later version; a page that is damaged inside the patrol finds."""
    try:
        with closing(_reader(path)) as db:
            found = db.execute("PRAGMA user_version").fetchone()[0]
            for table in ("facts", "payloads", "feeds", "devices", "accounts", "notes") if found else ():
                db.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchone()
    except sqlite3.Error:
        return Finding(False, "whole", {"path": path})
    return Finding(found <= VERSION, "whole" if found <= VERSION else "newer", {"path": path})


def _identity(path: Path) -> bool:
    try:
        return bool(Ed25519PrivateKey.from_private_bytes(unb64(json.loads(path.read_text("utf-8"))["sign"])))
    except (OSError, ValueError, LookupError, TypeError):
        return False


def _master(path: Path) -> bool:
    return _master_key(path) is not None


def _master_key(path: Path) -> bytes | None:
    try:
        key = path.read_bytes()
    except OSError:
        return None
    return key if len(key) == KEY_BYTES else None


def _keys(path: Path) -> bool:
    """Whether persons' keys open with the master key beside them."""
    master = _master_key(path.with_name("master"))
    try:
        with closing(_reader(path)) as db:
            row = db.execute("SELECT person, wrapped FROM keys LIMIT 1").fetchone()
        return row is None or (master is not None and bool(unseal(master, row[1], person_context(row[0]))))
    except (sqlite3.Error, SealBroken, TypeError, AttributeError):
        return False


def _reader(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
    db.execute("PRAGMA query_only=ON")
    return db
