"""Real file systems of a test's own: one that is soon full, one that breaks. Both take root, and are skipped without."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def small_disk(at: Path, mib: int) -> Iterator[Path]:
    """A tmpfs of so many MiB, mounted at a folder."""
    _mount(["-t", "tmpfs", "-o", f"size={mib}m", "tmpfs", str(at)])
    try:
        yield at
    finally:
        subprocess.run(["umount", "-l", at], check=True)


def fill(disk: Path) -> Path:
    """Leave no room; the file that takes it."""
    hog = disk / "hog"
    with hog.open("wb", buffering=0) as file, pytest.raises(OSError, match="No space"):
        while True:
            file.write(bytes(65536))
    return hog


@contextmanager
def frail_disk(folder: Path) -> Iterator[tuple[Path, Callable[[], None], Callable[[], None]]]:
    """An ext4 in a file: where it is mounted, what makes it find itself damaged (the kernel writes nothing more to it, whoever has
    files open there), and what mounts it anew once nobody has."""
    image, at = folder / "disk.img", folder / "disk"
    at.mkdir()
    with image.open("wb") as file:
        file.truncate(96 * 1024 * 1024)
    if shutil.which("mkfs.ext4") is None:
        pytest.skip("there is no mkfs.ext4")
    subprocess.run(["mkfs.ext4", "-q", image], check=True)
    options = ["-o", "loop,errors=remount-ro", str(image), str(at)]
    _mount(options)

    def breaks() -> None:
        source = subprocess.run(
            ["findmnt", "-no", "SOURCE", at], check=True, capture_output=True, text=True
        ).stdout.strip()
        Path("/sys/fs/ext4", Path(source).name, "trigger_fs_error").write_text("1")

    def anew() -> None:
        subprocess.run(["umount", at], check=True)
        subprocess.run(["fsck.ext4", "-p", image], check=False, capture_output=True)
        _mount(options)

    try:
        yield at, breaks, anew
    finally:
        subprocess.run(["umount", "-l", at], check=True)


def _mount(arguments: list[str]) -> None:
    if os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("mounting a file system of one's own needs root")
    mounted = subprocess.run(["mount", *arguments], capture_output=True)
    if mounted.returncode:
        pytest.skip(f"it cannot be mounted here: {mounted.stderr.decode().strip()}")
