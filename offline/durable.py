"""Small files that must be there after a power cut: keys, who a node is to its district."""

import errno
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
            _claim(part, path)
        else:
            part.replace(path)
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)
    settle(path.parent)
    settle(path.parent.parent)  # the folder may be new as well


def _claim(part: Path, path: Path) -> None:
    """Give `part` the name `path`, which must be free. FAT and its like know no second name of a file, so there two programs that
    begin in the same instant on the same folder could both think that they were first."""
    try:
        os.link(part, path)
    except OSError as e:
        if e.errno not in (errno.EPERM, errno.ENOTSUP, errno.ENOSYS):
            raise
        if path.exists():
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path)) from e
        part.replace(path)


def settle(folder: Path) -> None:
    """Make the names in a folder last. Windows keeps a journal of them and lets no folder be opened."""
    if sys.platform != "win32":
        opened = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)
