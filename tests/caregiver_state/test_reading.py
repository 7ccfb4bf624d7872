"""What the window reads of its replica, and what becomes of a file that breaks under it."""

from contextlib import closing

import pytest

from caregiver.memory.reading import Reader
from caregiver.state import AppState
from domain.errors import Mendable
from offline.journal.database import Error
from offline.journal.writer import damage_mark


def test_damage_that_a_reader_meets_is_said_and_remembered_for_the_next_start(state: AppState) -> None:
    file = state.journal.file
    with closing(file.writer()) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (page,) = db.execute("SELECT rootpage FROM sqlite_master WHERE name = 'gatelog_passages'").fetchone()
        (size,) = db.execute("PRAGMA page_size").fetchone()
    with file.path.open("rb+") as raw:
        raw.seek((page - 1) * int(size))
        raw.write(b"\xff" * int(size))
    with closing(Reader(file)) as reader:
        assert reader.value("SELECT count(*) FROM incidents_now"), "what stands on whole pages is still to be read"
        assert not damage_mark(file.path).exists()
        for ask in (reader.rows, reader.query, reader.value):
            with pytest.raises(Mendable, match="journal_damaged"):
                ask("SELECT * FROM gatelog_passages")
    assert damage_mark(file.path).exists()


def test_a_mistake_of_ours_is_not_called_damage(state: AppState) -> None:
    with pytest.raises(Error):
        state.reader.rows("SELECT * FROM no_such_table")
    assert not damage_mark(state.journal.file.path).exists()
