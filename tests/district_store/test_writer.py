"""The writer outlives its callers."""

import shutil
import sqlite3
import threading
from functools import partial
from pathlib import Path

import pytest

from district.store.port import Fresh
from district.store.sqlite import CHECKPOINT_EVERY, SqliteStore
from district.store.writer import GroupWriter, Job
from tests.contracts.store_facts import batch, event


def _note(done: list[str], name: str, _db: object) -> None:
    done.append(name)


def test_a_caller_who_goes_away_neither_ends_the_writer_nor_has_anything_done_twice() -> None:
    begun, go_on, done = threading.Event(), threading.Event(), list[str]()

    def commit(jobs: list[Job], _seat: int) -> list[object]:
        begun.set()
        assert go_on.wait(5)
        return [job.work(None) for job in jobs]

    writer = GroupWriter(commit)
    try:
        futures = [writer.submit(Job(partial(_note, done, name))) for name in ("one", "two", "three")]
        assert begun.wait(5)
        for future in futures[:2]:
            future.cancel()
        go_on.set()
        for future in futures[2:]:
            future.result(5)
        assert writer.submit(Job(lambda _: "still here")).result(5) == "still here"
        assert done == ["one", "two", "three"]
    finally:
        go_on.set()
        writer.close()


def test_a_listener_that_fails_has_nothing_kept_twice(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    store = SqliteStore(tmp_path / "d.sqlite", "d0", lambda: 1_800_000_000_000)
    heard: list[Fresh] = []

    def fails(_fresh: Fresh) -> None:
        raise OSError("no room for the list of erasures")

    store.on_fresh(fails)
    store.on_fresh(heard.append)
    try:
        store.append_own("sign.sos", "jinxiu", "p1", 1_800_000_000_000, {"device": "pendant"})
        assert store.counts()["facts"] == 1
        assert len(heard) == 1
        assert "a listener of the store failed" in caplog.text
    finally:
        store.close()


def test_nobody_waits_for_what_is_tidied_after_a_commit() -> None:
    answered: list[bool] = []
    tidied = threading.Event()

    def tidy(_weight: int) -> None:
        answered.append(future.done())
        tidied.set()

    go_on = threading.Event()

    def commit(jobs: list[Job], _seat: int) -> list[object]:
        assert go_on.wait(5)
        return [None for _ in jobs]

    writer = GroupWriter(commit, tidy=tidy)
    try:
        future = writer.submit(Job(lambda _: None))
        go_on.set()
        assert tidied.wait(5)
        assert answered == [True]
    finally:
        writer.close()


def test_the_log_is_copied_into_the_file_by_and_by(tmp_path: Path) -> None:
    """A reader of the file alone, its log left out, finds what was written two turns ago."""
    path = tmp_path / "d.sqlite"
    store = SqliteStore(path, "d0")
    try:
        for n in range(2 * CHECKPOINT_EVERY // 500):
            first = n * 500 + 1
            store.append_batch(batch([event(first + i) for i in range(500)])).result(10)
        store.write(lambda _: None)  # its turn comes when the tidying is over
        alone = tmp_path / "alone.sqlite"
        shutil.copy(path, alone)
    finally:
        store.close()
    with sqlite3.connect(f"file:{alone}?immutable=1", uri=True) as db:
        assert db.execute("SELECT count(*) FROM facts").fetchone()[0] >= CHECKPOINT_EVERY
    db.close()
