import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from domain.errors import Mendable
from offline.journal import Journal
from offline.node_clock import NodeClock


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real file system of 24 MiB."""
    if os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("mounting a small file system needs root")
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", tmp_path], capture_output=True)
    if mounted.returncode:
        pytest.skip(f"no tmpfs here: {mounted.stderr.decode().strip()}")
    yield tmp_path
    subprocess.run(["umount", "-l", tmp_path], check=True)


def test_a_full_disk_says_so_keeps_what_was_recorded_and_goes_on_once_there_is_room(small_disk: Path) -> None:
    journal = Journal(small_disk / "j.sqlite", NodeClock())
    journal.become("gate-1", 1, "jinxiu")
    hog = small_disk / "hog"
    with hog.open("wb") as file, pytest.raises(OSError, match="No space"):
        while True:
            file.write(bytes(65536))
            file.flush()
    recorded = 0
    with pytest.raises(Mendable, match="disk_full"):
        while True:
            journal.append("passage.recorded", {"fill": "x" * 100_000})
            recorded += 1
    assert recorded * 100_000 > 8_000_000, "the ballast gave way first"
    assert len(journal.facts()) == recorded
    hog.unlink()
    assert journal.append("passage.recorded", {}).envelope.seq == recorded + 1
    assert journal.verify_chain() is None
    journal.close()
