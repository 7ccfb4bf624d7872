"""However many incidents are open, a tick asks for those that are due and no more; `./run bench ladder` says what it costs."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from bench.ladder import NOW, waiting
from district.store.sqlite import SqliteStore
from domain.events import to_ms


class Counting(SqliteStore):
    """Remembers what it was asked."""

    def __init__(self, path: Path) -> None:
        self.asked: list[tuple[str, Sequence[Any]]] = []
        super().__init__(path, "district", lambda: to_ms(NOW))

    def read(self, sql: str, parameters: Sequence[Any] = ()) -> list[Any]:
        self.asked.append((sql, parameters))
        return super().read(sql, parameters)


@pytest.mark.parametrize("count", [1, 10_000])
def test_with_nothing_due_a_tick_asks_one_index_once(tmp_path: Path, count: int) -> None:
    store = Counting(tmp_path / "district.db")
    runner = waiting(store, count)
    store.asked.clear()
    runner.tick(NOW)
    ((sql, parameters),) = store.asked
    assert store.read(sql, parameters) == []
    plan = " ".join(str(row[3]) for row in store.read(f"EXPLAIN QUERY PLAN {sql}", parameters))
    store.close()
    assert "ladder_rows_due" in plan
    assert "SCAN" not in plan
