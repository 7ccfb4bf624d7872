"""A file of persons' keys that does not open: what is saved of it, who is erased from it, and when it goes."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from offline.keys.aside import asides
from offline.keys.keystore import Keystore
from offline.keys.seal import new_key

MASTER = new_key()
PEOPLE = [f"person-{n:04}" for n in range(400)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The keys of 400 people."""
    path = tmp_path / "keys.sqlite"
    keys = Keystore(path, MASTER)
    keys.create_all(PEOPLE)
    keys.close()
    return path


def held(path: Path) -> set[str]:
    keys = Keystore(path, MASTER)
    here = {person for person in PEOPLE if keys.find(person) is not None}
    keys.close()
    return here


def spoil(path: Path, share: float) -> None:
    """A page in the middle, or the first one."""
    with closing(sqlite3.connect(path)) as db:
        pages, size = (db.execute(f"PRAGMA {what}").fetchone()[0] for what in ("page_count", "page_size"))
    with path.open("r+b") as file:
        file.seek(int(share * pages) * size)
        file.write(b"\xa5" * size)


def test_what_can_still_be_read_of_a_damaged_file_is_saved(path: Path) -> None:
    spoil(path, 0.5)
    keys = Keystore(path, MASTER)
    assert keys.begun_anew
    assert keys.incomplete
    saved = [person for person in PEOPLE if keys.find(person) is not None]
    assert {PEOPLE[0], PEOPLE[-1]} <= set(saved), "from both its ends"
    assert 300 < len(saved) < 400
    assert keys.unshared() == saved, "and that they are still to go up"
    keys.close()


def test_an_index_that_is_damaged_costs_nobody_their_key(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        root = db.execute("SELECT rootpage FROM sqlite_master WHERE type = 'index'").fetchone()[0]
        size = db.execute("PRAGMA page_size").fetchone()[0]
    with path.open("r+b") as file:
        file.seek((root - 1) * size)
        file.write(bytes(size))
    assert held(path) == set(PEOPLE)
    assert asides(path) == [], "nothing is missing: it went"


@pytest.mark.parametrize("share", [0.0, 0.5])
def test_whoever_is_erased_leaves_what_was_put_aside_of_a_damaged_file(path: Path, share: float) -> None:
    """Else master key and file would bring back what is sealed in every copy."""
    spoil(path, share)
    keys = Keystore(path, MASTER)
    assert asides(path)
    keys.destroy("person-0007")
    assert asides(path) == [], "out of a damaged one nobody can be cut for sure"
    assert not keys.incomplete
    keys.close()
    assert "person-0007" not in held(path)


def test_whoever_is_erased_is_cut_out_of_a_file_whose_master_key_is_lost_and_all_others_come_back_with_it(
    path: Path,
) -> None:
    lost = Keystore(path, new_key())
    assert lost.begun_anew
    lost.create("newcomer")
    lost.destroy("person-0007")
    lost.close()
    assert b"person-0007" not in b"".join(aside.read_bytes() for aside in asides(path))
    assert held(path) == set(PEOPLE) - {"person-0007"}
    assert held(path) == set(PEOPLE) - {"person-0007"}


def test_nobody_who_has_a_newer_key_is_given_the_old_one_back(path: Path) -> None:
    old = path.read_bytes()
    keys = Keystore(path, MASTER)
    keys.take({"person-0001": (newer := new_key())})
    keys.close()
    path.with_suffix(".unreadable").write_bytes(old)
    keys = Keystore(path, MASTER)
    assert keys.find("person-0001") == newer
    keys.close()


def test_what_was_put_aside_goes_when_nobodys_key_is_missing(path: Path) -> None:
    spoil(path, 0.0)
    keys = Keystore(path, MASTER)
    again = Keystore(path, MASTER)
    assert (keys.incomplete, again.incomplete) == (True, True), "it is said again at every start"
    keys.complete()
    assert not keys.incomplete
    assert asides(path) == []
    keys.close()
    again.close()
