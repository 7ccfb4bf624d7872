"""The persons' keys of one node, wrapped by the node's own, in a file apart from the journal and from ordinary backups.

To destroy a key is to erase everything that was ever sealed under it, in every copy.
"""

import logging
import os
import re
import sqlite3
import threading
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import keyring
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from keyring.errors import KeyringError

from domain.errors import Mendable
from offline.durable import keep
from offline.keys.aside import asides, erase, is_whole, lay_aside, rows
from offline.keys.seal import KEY_BYTES, SealBroken, new_key, seal, unseal
from offline.sqlite_files import DAMAGE, code_of, delete

log = logging.getLogger(__name__)

_SERVICE = "shouwang"
_HEX = re.compile(r"(?:[0-9a-fA-F]{2})+")


def person_context(person: str) -> bytes:
    """What binds a person's key to the person, wherever it is wrapped or sealed."""
    return b"person-key|" + person.encode()


def master_key(path: Path, use_keyring: bool = False) -> bytes:
    """The key that wraps the others: from the system's keyring, or from a file its owner alone may read; made where missing.

    Raises Mendable: `keyring_silent` where the keyring was asked for and does not answer, `master_key_broken`.
    """
    if use_keyring:
        try:
            held = keyring.get_password(_SERVICE, str(path))
            if held is None:
                held = new_key().hex()
                keyring.set_password(_SERVICE, str(path), held)
        except KeyringError as e:
            raise Mendable("keyring_silent") from e
        return _checked(bytes.fromhex(held) if _HEX.fullmatch(held) else b"", "keyring")
    try:
        key = path.read_bytes()
    except FileNotFoundError:
        key = new_key()
        keep(path, key, new=True)
    return _checked(key, str(path))


def hold_master(path: Path, key: bytes, use_keyring: bool = False) -> None:
    """Put a master key where `master_key` looks for it, in place of what is there. Raises Mendable `keyring_silent`."""
    if not use_keyring:
        keep(path, key)
        return
    try:
        keyring.set_password(_SERVICE, str(path), key.hex())
    except KeyringError as e:
        raise Mendable("keyring_silent") from e


def secret_of(master: bytes, purpose: str) -> bytes:
    """A key of 32 bytes for one purpose of a node's own, the same every time."""
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=b"node|" + purpose.encode()).derive(master)


def _checked(key: bytes, where: str) -> bytes:
    """A new one is never made in place of what is there: everything sealed under it would be lost."""
    if len(key) != KEY_BYTES:
        raise Mendable("master_key_broken", where=where)
    return key


class Keystore:
    """Safe to use from any thread."""

    def __init__(self, path: Path, master: bytes) -> None:
        self.master, self._lock = master, threading.Lock()
        self._listeners: list[Callable[[list[str]], None]] = []
        path.parent.mkdir(parents=True, exist_ok=True)
        self._db = self._connect(path)
        self.begun_anew = not self._opens()
        if self.begun_anew:
            self._db.close()
            log.error("the keys in %s are damaged, or wrapped by a master key that is gone: beginning anew", path)
            lay_aside(path)
            self._db = self._connect(path)
            self._opens()
        self._asides = [aside for aside in asides(path) if not self._took_all(aside)]

    @staticmethod
    def _connect(path: Path) -> sqlite3.Connection:
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        return sqlite3.connect(path, isolation_level=None, check_same_thread=False)

    def _opens(self) -> bool:
        """Whether this is a database, and the master key the one that wrapped what is in it."""
        db = self._db
        try:
            db.execute("PRAGMA synchronous=FULL")
            db.execute("PRAGMA secure_delete=ON")
            db.execute(
                "CREATE TABLE IF NOT EXISTS keys (person TEXT PRIMARY KEY, wrapped BLOB, shared INTEGER DEFAULT 0)"
            )
            row = db.execute("SELECT person, wrapped FROM keys LIMIT 1").fetchone()
            return is_whole(db) and (row is None or self._is_ours(*row))
        except sqlite3.DatabaseError as e:
            if code_of(e) in DAMAGE:
                return False
            raise

    def _is_ours(self, person: str, wrapped: bytes) -> bool:
        try:
            return bool(unseal(self.master, wrapped, person_context(person)))
        except (SealBroken, TypeError, AttributeError):  # the last two of a row that is damaged
            return False

    def _took_all(self, aside: Path) -> bool:
        """Take what still opens of a file that was put aside: part of it is damaged, or its master key was put back. It goes then,
        where that was all."""
        found = list(rows(aside))
        ours = [row for row in found if row is not None and self._is_ours(row[0], row[1])]
        with self._db:
            self._db.execute("BEGIN")
            self._db.executemany("INSERT OR IGNORE INTO keys VALUES (?, ?, ?)", ours)
        log.warning("%d keys of %s are here again", len(ours), aside)
        if len(ours) < len(found):
            return False
        delete(aside)
        return True

    @property
    def incomplete(self) -> bool:
        """Whether keys were lost that have not all come again."""
        return bool(self._asides)

    def complete(self) -> None:
        """Everybody's key is here: what was put aside is good for nothing any more."""
        with self._lock:
            lying, self._asides = self._asides, []
        for aside in lying:
            log.info("%s goes: nobody's key is missing", aside)
            delete(aside)

    def find(self, person: str) -> bytes | None:
        with self._lock:
            row = self._db.execute("SELECT wrapped FROM keys WHERE person = ?", (person,)).fetchone()
        return None if row is None else unseal(self.master, row[0], person_context(person))

    def create(self, person: str) -> bytes:
        """The person's key; made now where there is none."""
        held = self.find(person)
        return self.create_all([person])[person] if held is None else held

    def create_all(self, people: Iterable[str]) -> dict[str, bytes]:
        """New keys for people who have none, in one write: a table of residents is not a thousand of them."""
        made = {person: new_key() for person in people}
        with self._lock, self._db:
            self._db.execute("BEGIN")
            self._db.executemany(
                "INSERT INTO keys VALUES (?, ?, 0)",
                [(person, seal(self.master, key, person_context(person))) for person, key in made.items()],
            )
        return made

    def take(self, keys: Mapping[str, bytes], shared: bool = True) -> None:
        """Keep keys that arrived, and tell whoever listens whose they are. `shared` False: they are to go on upstream."""
        with self._lock, self._db:
            self._db.execute("BEGIN")
            self._db.executemany(
                "INSERT OR REPLACE INTO keys VALUES (?, ?, ?)",
                [(person, seal(self.master, key, person_context(person)), int(shared)) for person, key in keys.items()],
            )
        for listener in list(self._listeners):
            listener(list(keys))

    def on_arrival(self, listener: Callable[[list[str]], None]) -> Callable[[], None]:
        """Call `listener` with the people whose keys arrived, on the arriving thread. Returns what stops it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def unshared(self) -> list[str]:
        """Persons whose keys were made here and are not at the district yet."""
        with self._lock:
            return [row[0] for row in self._db.execute("SELECT person FROM keys WHERE shared = 0 ORDER BY person")]

    def mark_shared(self, people: Iterable[str]) -> None:
        with self._lock, self._db:
            self._db.execute("BEGIN")
            self._db.executemany("UPDATE keys SET shared = 1 WHERE person = ?", [(person,) for person in people])

    def destroy(self, person: str) -> bool:
        """Erase the person's key for good; False where there was none."""
        with self._lock:
            for aside in self._asides:
                erase(aside, person)
            self._asides = [aside for aside in self._asides if aside.exists()]
            return self._db.execute("DELETE FROM keys WHERE person = ?", (person,)).rowcount > 0

    def secret(self, purpose: str) -> bytes:
        """`secret_of` this node."""
        return secret_of(self.master, purpose)

    def close(self) -> None:
        with self._lock:
            self._db.close()
