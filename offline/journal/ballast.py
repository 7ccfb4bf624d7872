"""A full disk blocks even DELETE: a file kept for that day, to be given up so that what matters still fits."""

import os
from pathlib import Path

SIZE = 16 * 1024 * 1024


class Ballast:
    def __init__(self, path: Path, size: int = SIZE) -> None:
        self._path, self._size = path, size

    def lay(self) -> bool:
        """Make sure the file is there at its size; False where the disk has no room for it."""
        if self._path.exists() and self._path.stat().st_size == self._size:
            return True
        try:
            with self._path.open("wb") as file:
                os.posix_fallocate(file.fileno(), 0, self._size) if hasattr(os, "posix_fallocate") else file.write(
                    bytes(self._size)
                )
        except OSError:
            self._path.unlink(missing_ok=True)
            return False
        return True

    def release(self) -> bool:
        """Give the room back; False where there was none to give."""
        try:
            self._path.unlink()
        except FileNotFoundError:
            return False
        return True
