"""The time of what is lent: it never goes back, and none of it is lost while it is written down."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from kiosk.residents.borrowed import Borrowed
from offline.keys.keystore import Keystore
from offline.keys.seal import new_key


@pytest.fixture
def keys(tmp_path: Path) -> Iterator[Keystore]:
    with closing(Keystore(tmp_path / "keys.sqlite", new_key())) as opened:
        yield opened


def test_a_machine_that_sleeps_while_the_time_is_written_down_loses_none_of_it(tmp_path: Path, keys: Keystore) -> None:
    passed = [0.0]

    def sleeps() -> bool:
        passed[0] += 7200.0
        return True

    with closing(Borrowed(tmp_path / "b.sqlite", keys, lambda: 1_000, sleeps, lambda: passed[0])) as borrowed:
        borrowed.keep_only(())
        assert borrowed.now_ms() == 1_000 + 7_200_000
