"""One server a data folder: a lock that falls with the process that held it, and where that server is to be found."""

import json
import os
import sqlite3
from contextlib import suppress
from pathlib import Path

from offline.program import not_writable


class FolderLock:
    """An exclusive lock on a folder; the holder leaves its address beside it."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._address = folder / "serving.json"
        try:
            self._db = sqlite3.connect(folder / "lock.sqlite", isolation_level=None, timeout=0, check_same_thread=False)
        except sqlite3.OperationalError as e:
            raise not_writable(folder) from e

    def take(self) -> bool:
        """False where another process holds it. Raises Mendable `file_denied`, `disk_readonly`."""
        try:
            self._db.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as e:
            if e.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                raise not_writable(self._address.parent) from e
            return False
        return True

    def announce(self, url: str, pin: str = "") -> None:
        """Leave word where the server answers, and the pin of its TLS key ("" without TLS)."""
        told = json.dumps({"url": url, "pin": pin, "process": os.getpid()})
        fresh = self._address.with_suffix(".new")
        fresh.write_text(told, "utf-8")
        fresh.replace(self._address)

    def holder(self) -> dict[str, str] | None:
        """Where the server that holds the lock answers; None where that is not known."""
        try:
            found: dict[str, str] = json.loads(self._address.read_text("utf-8"))
        except (FileNotFoundError, ValueError):
            return None
        return found

    def close(self) -> None:
        if self._db.in_transaction:
            with suppress(OSError):  # a disk that broke under the server keeps it; whoever reads it finds nobody there
                self._address.unlink(missing_ok=True)
        self._db.close()
