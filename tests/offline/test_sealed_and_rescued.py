"""The journal sealed as a whole, and what becomes of one that cannot be used any more."""

import json
import shutil
import sqlite3
from dataclasses import asdict
from pathlib import Path

import pytest

from domain.errors import Mendable
from domain.people import Profile
from offline.journal.database import Database, is_plain
from offline.journal.journal import Journal
from offline.journal.rescue import Rescued
from offline.keys.seal import new_key
from offline.node import District, Node
from offline.node_clock import NodeClock

JOURNAL = "journal.sqlite"


def enrolled(folder: Path) -> None:
    """A node of a district, with two facts that are acknowledged and three that are not, opened once more since."""
    node = Node(folder)
    node.journal.become("desk-1", 2, "jinxiu")
    node.roster.register("p1", Profile("王", "秀兰"))
    node.journal.append("incident.acknowledged", {"n": 2})
    node.journal.acknowledged(2)
    for n in range(3):
        node.journal.append("incident.on_scene", {"n": n}, subject="p1", at=1_000 + n, id=f"{n}" * 32)
    node.close()
    known = District("https://d.example", "d", "", "")
    (folder / "district.json").write_text(json.dumps(asdict(known)), "utf-8")
    Node(folder).close()


def unsent(node: Node) -> list[tuple[str, str, int, str | None]]:
    return [(e.id, e.kind, e.at, e.subject) for e in node.journal.unsent(100)]


KEPT = [(f"{n}" * 32, "incident.on_scene", 1_000 + n, "p1") for n in range(3)]


def test_nothing_in_the_file_can_be_read_without_the_key(tmp_path: Path) -> None:
    enrolled(tmp_path)
    node = Node(tmp_path)
    files = [p.read_bytes() for p in tmp_path.glob(f"{JOURNAL}*")]
    node.close()
    assert files
    assert not any(word in raw for raw in files for word in (b"SQLite format", b"CREATE TABLE", b"incident", b"desk-1"))
    with pytest.raises(sqlite3.DatabaseError):
        sqlite3.connect(tmp_path / JOURNAL).execute("SELECT * FROM facts")


def test_a_plain_file_is_sealed_at_the_first_start_with_all_that_was_in_it(tmp_path: Path) -> None:
    plain, sealed, key = tmp_path / "plain.sqlite", tmp_path / "sealed.sqlite", new_key()
    journal = Journal(plain, NodeClock())
    journal.become("desk-1", 1, "jinxiu")
    facts = [journal.append("sign.seen", {"n": n}) for n in range(50)]
    shutil.copy(plain, sealed)  # as a power cut leaves it: the newest facts are in the WAL alone
    shutil.copy(f"{plain}-wal", f"{sealed}-wal")
    journal.close()
    (tmp_path / "sealed.sqlite.sealing").write_bytes(b"half of it, from a start that was cut short")
    again = Journal(sealed, NodeClock(), key=key)
    assert not is_plain(sealed)
    assert [f.envelope.id for f in again.facts()] == [f.envelope.id for f in facts]
    assert again.pending() == 50
    assert again.broken() == []
    again.append("sign.seen", {"n": 50})
    again.close()
    assert not list(tmp_path.glob("*.sealing"))
    assert len(Journal(sealed, NodeClock(), key=key).facts()) == 51


def test_a_plain_file_stays_in_use_where_there_is_no_room_to_seal_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / JOURNAL
    Journal(path, NodeClock()).close()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("offline.journal.database.seal_file", full)
    journal = Journal(path, NodeClock(), key=new_key())
    journal.append("sign.seen", {})
    with journal.file.reader() as db:
        assert db.execute("SELECT count(*) FROM facts").fetchone() == (1,)
    journal.close()
    assert is_plain(path)


def test_a_damaged_journal_is_begun_anew_with_what_was_not_sent(tmp_path: Path) -> None:
    enrolled(tmp_path)
    (tmp_path / "journal.damaged").touch()  # damage was met while the program ran
    node = Node(tmp_path)
    assert node.rescued is not None
    assert (node.rescued.why, node.rescued.kept, node.rescued.whole) == ("damaged", 3, True)
    assert unsent(node) == KEPT
    assert (node.journal.device, node.journal.epoch, node.journal.community) == ("desk-1", 3, "jinxiu")
    assert node.journal.cursor == "", "the feed is read from the beginning"
    node.close()
    assert not list(tmp_path.glob("*.damaged*"))
    again = Node(tmp_path)
    assert (again.rescued, unsent(again)) == (None, KEPT)
    again.close()


def test_damage_met_while_open_is_remembered_and_said(tmp_path: Path) -> None:
    enrolled(tmp_path)
    node = Node(tmp_path)
    with Database(tmp_path / JOURNAL, node.keys.secret("journal")).writer() as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        page = db.execute("SELECT rootpage FROM sqlite_master WHERE name = 'state'").fetchone()[0]
    node.close()
    with (tmp_path / JOURNAL).open("rb+") as file:
        file.seek((page - 1) * 4096)
        file.write(b"\xff" * 4096)
    again = Node(tmp_path)
    assert again.rescued is not None
    assert not again.rescued.whole, "without its state nobody knows what was sent"
    again.journal.append("sign.seen", {})
    again.close()
    assert (tmp_path / f"{JOURNAL}.damaged").exists(), "kept for somebody who knows about disks"


def test_what_stands_on_whole_pages_is_kept_where_others_are_lost(tmp_path: Path) -> None:
    enrolled(tmp_path)
    node = Node(tmp_path)
    node.journal.append_all([("visit.done", {"fill": "x" * 3000}, None, None, None) for _ in range(20)])
    node.close()
    raw = bytearray((tmp_path / JOURNAL).read_bytes())
    raw[-4096:] = b"\0" * 4096
    (tmp_path / JOURNAL).write_bytes(raw)
    (tmp_path / "journal.damaged").touch()
    again = Node(tmp_path)
    assert again.rescued is not None
    assert not again.rescued.whole
    assert 3 < again.rescued.kept < 23
    assert unsent(again)[:3] == KEPT
    again.close()


def test_a_journal_of_a_newer_program_gives_up_what_was_not_sent(tmp_path: Path) -> None:
    enrolled(tmp_path)
    key = Node(tmp_path).keys.secret("journal")
    with Database(tmp_path / JOURNAL, key).writer() as db:
        db.execute("PRAGMA user_version=99")
    node = Node(tmp_path)
    assert node.rescued is not None
    assert (node.rescued.why, node.rescued.whole) == ("newer", True)
    assert unsent(node) == KEPT
    node.close()


def test_a_lost_key_is_a_new_beginning(tmp_path: Path) -> None:
    enrolled(tmp_path)
    (tmp_path / "keys" / "master").unlink()
    node = Node(tmp_path)
    assert node.rescued is not None
    assert node.rescued == Rescued("keyless", 0, False), "nothing is damaged, and it is not said to be"
    assert (tmp_path / f"{JOURNAL}.keyless").exists(), "the key may be found again"
    assert (node.journal.device, node.journal.epoch) == ("desk-1", 3)
    node.roster.register("p2", Profile("李", "建国"))
    assert node.roster.profile("p2") == Profile("李", "建国")
    node.close()


def test_a_node_that_belongs_nowhere_says_what_to_do_with_a_damaged_file(tmp_path: Path) -> None:
    (tmp_path / JOURNAL).write_bytes(b"this is no database at all" * 400)
    with pytest.raises(Mendable, match="database_damaged"):
        Node(tmp_path)
    assert (tmp_path / JOURNAL).exists()
