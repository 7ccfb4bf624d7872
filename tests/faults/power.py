"""A disk in memory whose power can be cut: what was not synced is gone, or half there. An apsw VFS."""

import random
from typing import Any

import apsw


class _File:
    """Content as the program sees it, and as the disk would have it after a power cut."""

    def __init__(self) -> None:
        self.now = bytearray()
        self.durable = b""
        self.pending: list[tuple[int, bytes | None]] = []  # (offset, data) or (size, None) for a truncation

    def write(self, data: bytes, at: int) -> None:
        _write(self.now, data, at)
        self.pending.append((at, bytes(data)))

    def truncate(self, size: int) -> None:
        del self.now[size:]
        self.pending.append((size, None))

    def sync(self) -> None:
        self.durable = bytes(self.now)
        self.pending.clear()

    def after_cut(self, chance: random.Random) -> "_File":
        found = _File()
        found.now = bytearray(self.durable)
        for at, data in self.pending:
            if chance.random() < 0.5:  # the drive had written some of it, in any order
                if data is None:
                    del found.now[at:]
                else:
                    _write(found.now, data[: chance.choice((len(data), len(data) // 2))], at)
        found.sync()
        return found


def _write(content: bytearray, data: bytes, at: int) -> None:
    if len(content) < at:
        content.extend(bytes(at - len(content)))
    content[at : at + len(data)] = data


class Disk(apsw.VFS):
    """Use `open`; `cut` gives the disk that the next start finds."""

    _count = 0

    def __init__(self, files: dict[str, _File] | None = None) -> None:
        Disk._count += 1
        self.name = f"disk{Disk._count}"
        self.files = files or {}
        super().__init__(self.name, base="")

    def open(self) -> apsw.Connection:
        db = apsw.Connection("d.sqlite", vfs=self.name)
        db.execute("PRAGMA locking_mode=EXCLUSIVE")  # WAL without shared memory
        return db

    def cut(self, chance: random.Random) -> "Disk":
        return Disk({name: file.after_cut(chance) for name, file in self.files.items()})

    def xOpen(self, name: Any, flags: list[int]) -> Any:
        path = name.filename() if isinstance(name, apsw.URIFilename) else (name or f"temp{random.random()}")
        flags[1] = flags[0]
        return Handle(self.files.setdefault(path, _File()))

    def xDelete(self, name: str, syncdir: bool) -> None:
        self.files.pop(name, None)

    def xAccess(self, name: str, flags: int) -> bool:
        return name in self.files

    def xFullPathname(self, name: str) -> str:
        return name

    def xRandomness(self, size: int) -> bytes:
        return random.randbytes(size)

    def xCurrentTime(self) -> float:
        return 2461000.5

    def xSleep(self, microseconds: int) -> int:
        return microseconds


class Handle:
    def __init__(self, file: _File) -> None:
        self._file = file

    def xRead(self, amount: int, offset: int) -> bytes:
        return bytes(self._file.now[offset : offset + amount])

    def xWrite(self, data: bytes, offset: int) -> None:
        self._file.write(data, offset)

    def xTruncate(self, size: int) -> None:
        self._file.truncate(size)

    def xSync(self, flags: int) -> None:
        self._file.sync()

    def xFileSize(self) -> int:
        return len(self._file.now)

    def xLock(self, level: int) -> None: ...

    def xUnlock(self, level: int) -> None: ...

    def xCheckReservedLock(self) -> bool:
        return False

    def xFileControl(self, op: int, pointer: int) -> bool:
        return False

    def xSectorSize(self) -> int:
        return 4096

    def xDeviceCharacteristics(self) -> int:
        return 0

    def xClose(self) -> None: ...
