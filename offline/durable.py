"""Small files that must be there after a power cut: keys, who a node is to its district."""

import os
import sys
from contextlib import suppress
from pathlib import Path


def keep(path: Path, content: bytes, *, new: bool = False) -> None:
    """Put `content` at `path`, whole or not at all, readable by its owner alone; durable on return, the folder's entry as well.

    Raises OSError; where it is to be `new`, FileExistsError, and what is there stays.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if new:
            os.link(part, path)
        else:
            part.replace(path)
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)
    settle(path.parent)
    settle(path.parent.parent)  # the folder may be new as well


def settle(folder: Path) -> None:
    """Make the names in a folder last. Windows keeps a journal of them and lets no folder be opened."""
    if sys.platform != "win32":
        opened = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)
