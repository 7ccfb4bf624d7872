"""Work on all cores ends when it is asked to, and leaves no process behind."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from evaluate._pool import each
from tests.fakes.waiting import until

ROOT = Path(__file__).resolve().parents[2]
ENDLESS = "from tests.evaluate_faces.test_pool import endless; endless({folder!r})"


def nap(_: int) -> int:
    time.sleep(0.05)
    return 1


def sign_in(folder: str) -> None:
    (Path(folder) / str(os.getpid())).touch()


def endless(folder: str) -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job is born deaf to it
    for _ in each(nap, range(100_000), start=sign_in, args=(folder,), processes=2):
        pass


@pytest.fixture
def working(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], list[int]]]:
    """A program in the middle of its work, and its workers."""
    command = [sys.executable, "-c", ENDLESS.format(folder=str(tmp_path))]
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL)
    until(lambda: len(list(tmp_path.iterdir())) == 2, seconds=60)
    yield process, [int(path.name) for path in tmp_path.iterdir()]
    if process.poll() is None:
        process.kill()
    process.wait()


def runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_however_it_is_ended_its_workers_end_too(
    working: tuple[subprocess.Popen[bytes], list[int]], how: signal.Signals
) -> None:
    process, workers = working
    process.send_signal(how)
    until(lambda: process.poll() is not None, seconds=30)
    until(lambda: not any(map(runs, workers)), seconds=30)
