"""Copies of what a kiosk alone has: the faces, the persons' keys, and who it is. All else the district tells it again.

A copy is a folder. What is in it is sealed under the master key, which is in a file of its own (`write_key`): who holds one of the
two has nothing. A copy brings back nobody who was erased or has withdrawn, for a restored kiosk begins with an empty journal and
recognises nobody before the district has told it who consents.
"""

import hashlib
import json
import logging
import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from domain.errors import Mendable
from kiosk.known_time import Known
from offline.durable import keep, settle
from offline.keys.keystore import hold_master, secret_of
from offline.keys.seal import KEY_BYTES, SealBroken, seal, unseal
from offline.node import Node
from offline.sqlite_files import disk_trouble

log = logging.getLogger(__name__)

KEPT = timedelta(days=7)  # what is erased has left every copy by then
_DATABASES = ("templates.sqlite", "keys/keys.sqlite")
_NODE = ("identity.json", "district.json")
_SEALED, _CONTENTS = "node.sealed", "contents.json"
_CONTEXT = b"kiosk backup"
_STAMP = "%Y%m%dT%H%M%S"
_PART = ".part"  # a copy that is being made, or was when the power went


def back_up(node: Node, folder: Path, now: Known) -> Path:
    """Make a copy in `folder` while the kiosk works, and let go of its older ones; where it is. Raises Mendable, OSError.

    It is dated by what time it is at least: none is taken for younger than it is, and none goes because a clock was put ahead.
    """
    district = node.district
    if district is None:
        raise Mendable("not_enrolled")
    if not folder.is_dir():  # a stick that is not plugged in: nothing is to be kept in its place
        raise Mendable("backup_folder", path=folder)
    made = folder / f"kiosk-{district.device}-{now.least.astimezone(UTC):{_STAMP}}"
    part = made.with_name(made.name + _PART)
    shutil.rmtree(part, ignore_errors=True)
    damaged = False
    try:
        part.mkdir(mode=0o700)
        for name in _DATABASES:
            _snapshot(node.folder / name, part / Path(name).name)
        told = {name: (node.folder / name).read_text("utf-8") for name in _NODE}
        keep(part / _SEALED, seal(node.keys.secret("backup"), json.dumps(told).encode(), _CONTEXT))
        digests = {path.name: _digest(path) for path in sorted(part.iterdir())}
        keep(part / _CONTENTS, json.dumps(digests, indent=1).encode())
        part.rename(made)
        settle(folder)
    except sqlite3.DatabaseError as e:
        trouble = disk_trouble(e, folder)
        damaged = trouble is None
        raise trouble or Mendable("database_damaged", path=node.folder) from e
    finally:
        shutil.rmtree(part, ignore_errors=True)
        # a full disk would stay full of them, and of whoever was erased; of a damaged kiosk they are all that is whole
        if not damaged:
            for old in _over(folder, district.device, now) - {made}:
                shutil.rmtree(old)
    return made


def write_key(node: Node, path: Path) -> None:
    """What opens every copy of this kiosk, those to come as well; readable by its owner alone. Raises Mendable, OSError."""
    try:
        keep(path, node.keys.master.hex().encode() + b"\n", new=True)
    except FileExistsError as e:
        raise Mendable("backup_exists", path=path) from e


def restore(copy: Path, key_file: Path, data: Path, use_keyring: bool = False) -> None:
    """Put a copy into the folder of a kiosk that has joined no district yet. Raises Mendable."""
    if (data / "district.json").exists():
        raise Mendable("restore_joined", path=data)
    if not (copy / _CONTENTS).is_file():
        raise Mendable("backup_none", path=copy)
    master = _read_key(key_file)
    told = _read(copy, master)
    for side in ("", "-wal", "-shm"):  # of a kiosk that was started and has joined nowhere: nothing is lost with them
        for name in (*_DATABASES, "journal.sqlite"):
            (data / (name + side)).unlink(missing_ok=True)
    for name in _DATABASES:
        into = data / name
        into.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        keep(into, (copy / into.name).read_bytes())
    hold_master(data / "keys" / "master", master, use_keyring)
    for name in _NODE:  # last the district: with it the kiosk is who it was
        keep(data / name, told[name].encode())


@dataclass(frozen=True, slots=True)
class Backups:
    """The nightly copy."""

    node: Node
    folder: Path
    now: Callable[[], Known]

    def run(self) -> None:
        try:
            log.info("backed up to %s", back_up(self.node, self.folder, self.now()))
        except (Mendable, OSError):  # the maintenance screen tells how old the newest copy is
            log.warning("no backup in %s", self.folder, exc_info=True)

    def last(self) -> datetime | None:
        """When the newest copy of this kiosk in the folder was made; one that is dated in the future may be of any age."""
        district, now = self.node.district, self.now().least
        copies = [] if district is None else _copies(self.folder, district.device)
        return max((at for path, at in copies if at <= now and path.suffix != _PART), default=None)

    def hindrance(self) -> str:
        """Why no copy can be made now: the folder's disk is `gone`, or it is `closed` to this user; "" where one can."""
        if not self.folder.is_dir():
            return "gone"
        return "" if os.access(self.folder, os.W_OK | os.X_OK) else "closed"

    def missed(self) -> bool:
        """Whether a night has gone by without a copy, and one can be made now."""
        return self.node.district is not None and self.folder.is_dir() and self.now().missed(self.last())


def _snapshot(database: Path, into: Path) -> None:
    """As it stands at one moment, while others write."""
    with closing(sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True)) as source:
        into.touch(0o600)
        with closing(sqlite3.connect(into)) as target:
            source.backup(target)
            target.execute("PRAGMA journal_mode=DELETE")


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _copies(folder: Path, device: str) -> list[tuple[Path, datetime]]:
    """Each with when it was made, those that were begun among them."""
    found = []
    for path in folder.glob(f"kiosk-{device}-*") if folder.is_dir() else ():
        try:
            stamp = path.name.removesuffix(_PART).rpartition("-")[2]
            found.append((path, datetime.strptime(stamp, _STAMP).replace(tzinfo=UTC)))
        except ValueError:
            continue  # somebody else's file
    return found


def _over(folder: Path, device: str, now: Known) -> set[Path]:
    """The copies whose time is over."""
    first, last = now.stays(KEPT)
    return {path for path, at in _copies(folder, device) if not first <= at <= last}


def _read_key(path: Path) -> bytes:
    try:
        key = bytes.fromhex(path.read_text("ascii"))
    except (OSError, ValueError) as e:
        raise Mendable("backup_key_none", path=path) from e
    if len(key) != KEY_BYTES:
        raise Mendable("backup_key_none", path=path)
    return key


def _read(copy: Path, master: bytes) -> dict[str, str]:
    """Read a copy through; what is in its sealed part."""
    try:
        digests = json.loads((copy / _CONTENTS).read_text("utf-8"))
        whole = set(digests) == {*(Path(n).name for n in _DATABASES), _SEALED}
        if not whole or any(_digest(copy / name) != digest for name, digest in digests.items()):
            raise Mendable("backup_not_whole", path=copy)
        sealed = (copy / _SEALED).read_bytes()
    except (OSError, ValueError, TypeError) as e:
        raise Mendable("backup_not_whole", path=copy) from e
    try:
        told: dict[str, str] = json.loads(unseal(secret_of(master, "backup"), sealed, _CONTEXT))
    except SealBroken as e:
        raise Mendable("backup_other_key", path=copy) from e
    return told
