"""The writer outlives its callers."""

import threading
from pathlib import Path

import pytest

from district.store.port import Fresh
from district.store.sqlite import SqliteStore
from district.store.writer import GroupWriter, Job


def test_a_caller_who_goes_away_neither_ends_the_writer_nor_has_anything_done_twice() -> None:
    begun, go_on, done = threading.Event(), threading.Event(), list[str]()

    def commit(jobs: list[Job], _seat: int) -> list[object]:
        begun.set()
        assert go_on.wait(5)
        return [job.work(None) for job in jobs]

    writer = GroupWriter(commit)
    try:
        futures = [writer.submit(Job(lambda _, name=name: done.append(name))) for name in ("one", "two", "three")]
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
