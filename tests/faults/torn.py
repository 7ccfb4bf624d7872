"""SQLite's own hook for faults (`xSetSystemCall` of its VFS): a process that dies in the middle of writing a page of a file."""

import ctypes
import ctypes.util
from collections.abc import Callable
from pathlib import Path

POINTER = ctypes.c_void_p
WRITES = (b"write", b"pwrite", b"pwrite64")  # which of them is used was decided when SQLite was compiled
_keep: list[object] = []  # what SQLite may call must not be collected


class _Vfs(ctypes.Structure):
    """`sqlite3_vfs` of version 3 (sqlite3.h)."""

    _fields_ = [
        ("iVersion", ctypes.c_int), ("szOsFile", ctypes.c_int), ("mxPathname", ctypes.c_int), ("pNext", POINTER),
        ("zName", ctypes.c_char_p), ("pAppData", POINTER), *((f"x{n}", POINTER) for n in range(12)),
        ("xCurrentTimeInt64", POINTER),
        ("xSetSystemCall", ctypes.CFUNCTYPE(ctypes.c_int, POINTER, ctypes.c_char_p, POINTER)),
        ("xGetSystemCall", ctypes.CFUNCTYPE(POINTER, POINTER, ctypes.c_char_p)),
        ("xNextSystemCall", POINTER),
    ]  # fmt: skip


def half_written(name: str, now: Callable[[], bool], then: Callable[[], None]) -> None:
    """Ask `now` before each write into the file of this name; where it says so, half of it is written, and `then` is called."""
    library = ctypes.CDLL(ctypes.util.find_library("sqlite3"))
    library.sqlite3_vfs_find.restype = ctypes.POINTER(_Vfs)
    vfs = library.sqlite3_vfs_find(None)
    for call in WRITES:
        if usual := vfs.contents.xGetSystemCall(vfs, call):
            shape = ctypes.CFUNCTYPE(
                ctypes.c_ssize_t, ctypes.c_int, POINTER, ctypes.c_size_t, *([ctypes.c_int64] * (call != b"write"))
            )
            hook = shape(_halving(shape(usual), name, now, then))
            _keep.append(hook)
            vfs.contents.xSetSystemCall(vfs, call, ctypes.cast(hook, POINTER))


def _halving(
    usual: Callable[..., int], name: str, now: Callable[[], bool], then: Callable[[], None]
) -> Callable[..., int]:
    def write(fd: int, data: int, size: int, *at: int) -> int:
        if Path(f"/proc/self/fd/{fd}").readlink().name == name and now():
            usual(fd, data, size // 2, *at)
            then()
        return usual(fd, data, size, *at)

    return write
