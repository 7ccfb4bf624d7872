"""What every SQLite file of a node has in common, sealed or not: how it fails, and how it is moved and deleted as a whole."""

import shutil
import sqlite3
from pathlib import Path

from domain.errors import Mendable

_SHM_BYTES = 32_768  # what SQLite asks at once for the index of a WAL
DAMAGE = (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT)
_NO_ROOM_EITHER = (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN)  # of the files beside one that is being opened
_SIDE_FILES = ("", "-wal", "-shm", "-journal")  # left beside another file, a journal would be played back into that


def code_of(error: sqlite3.Error) -> int:
    """SQLite's primary result code; 0 where the error carries none."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def disk_trouble(error: sqlite3.Error, folder: Path) -> Mendable | None:
    """What the disk does to a file in `folder`, as what somebody can do about it: no room, no right to write, or it fails (as does
    one that the kernel has found damaged and only lets read)."""
    code = code_of(error)
    if code == sqlite3.SQLITE_FULL or (code in _NO_ROOM_EITHER and _is_full(folder)):
        return Mendable("disk_full", path=folder)
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR):
        return Mendable("disk_readonly", path=folder)
    return None


def _is_full(folder: Path) -> bool:
    try:
        return shutil.disk_usage(folder).free < _SHM_BYTES
    except OSError:
        return False


def put_aside(path: Path, name: str) -> Path:
    """Move a file nobody has open, with what SQLite keeps beside it; where it is now."""
    aside = path.with_name(name)
    for side in _SIDE_FILES:
        try:
            path.with_name(path.name + side).replace(aside.with_name(aside.name + side))
        except FileNotFoundError:
            aside.with_name(aside.name + side).unlink(missing_ok=True)  # an older one's must not stand beside the newer
    return aside


def delete(path: Path) -> None:
    """A file nobody has open goes, with what SQLite keeps beside it."""
    for side in _SIDE_FILES:
        path.with_name(path.name + side).unlink(missing_ok=True)
