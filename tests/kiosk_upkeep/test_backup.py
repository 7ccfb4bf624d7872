"""Copies of what a kiosk alone has."""

import json
import stat
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from domain.errors import Mendable
from kiosk.known_time import Known
from kiosk.residents.templates import TemplateStore
from kiosk.upkeep.backup import Backups, back_up, restore, write_key
from offline.node import District, Node

NOW = datetime(2026, 11, 27, 5, tzinfo=UTC)
KNOWN = District("https://district.example", "d1", "", "", device="v1", epoch=3, community="jinxiu")


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    opened = Node(tmp_path / "kiosk")
    opened._keep(KNOWN)
    store = TemplateStore(tmp_path / "kiosk" / "templates.sqlite", opened.keys)
    store.save("p1", "sface", "1", np.eye(1, 8, dtype=np.float32), [b"\xff\xd8 of p1"])
    yield opened
    store.close()
    opened.close()


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    folder = tmp_path / "stick"
    folder.mkdir()
    return folder


def at(least: datetime, *, heard: bool = True, sure: bool = True) -> Known:
    return Known(least, heard, sure)


def refused(code: str, *what: object) -> None:
    with pytest.raises(Mendable) as e:
        restore(*what)  # type: ignore[arg-type] # paths, one of them wrong
    assert e.value.code == code


def test_a_copy_and_its_key_make_the_same_kiosk_elsewhere(node: Node, stick: Path, tmp_path: Path) -> None:
    copy = back_up(node, stick, at(NOW))
    write_key(node, tmp_path / "key")
    assert stat.S_IMODE((tmp_path / "key").stat().st_mode) == 0o600
    restore(copy, tmp_path / "key", tmp_path / "new")
    again = Node(tmp_path / "new")
    store = TemplateStore(tmp_path / "new" / "templates.sqlite", again.keys)
    assert again.identity.sign_public == node.identity.sign_public
    assert (again.journal.device, again.journal.epoch, again.journal.community) == ("v1", 4, "jinxiu")
    assert store.photos("p1") == [b"\xff\xd8 of p1"]
    assert [person for person, _ in store.gallery("sface", "1", {"p1"})] == ["p1"]
    store.close()
    again.close()


def test_a_copy_tells_nothing_without_its_key(node: Node, stick: Path, tmp_path: Path) -> None:
    copy = back_up(node, stick, at(NOW))
    held = b"".join(path.read_bytes() for path in sorted(copy.iterdir()))
    private = json.loads((node.folder / "identity.json").read_text("utf-8"))
    secrets = [node.keys.master, node.keys.create("p1"), *(value.encode() for value in private.values())]
    assert not [secret for secret in [*secrets, b"of p1"] if secret in held]
    (tmp_path / "other").write_text("00" * 32)
    refused("backup_other_key", copy, tmp_path / "other", tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_copies_of_a_week_are_kept_and_nobody_elses_are_touched(node: Node, stick: Path) -> None:
    theirs = stick / "kiosk-v2-20200101T000000"
    theirs.mkdir()
    (stick / "kiosk-v1-holiday").mkdir()
    days = [NOW + timedelta(days=n) for n in range(10)]
    made = [back_up(node, stick, at(day)) for day in days]
    assert set(stick.iterdir()) == {theirs, stick / "kiosk-v1-holiday", *made[-8:]}
    assert Backups(node, stick, lambda: at(days[-1])).last() == days[-1]


def test_a_full_disk_keeps_no_copy_for_longer_than_a_week(
    node: Node, stick: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else it would stay full of them, and whoever was erased would stay on it."""
    back_up(node, stick, at(NOW))
    newer = back_up(node, stick, at(NOW + timedelta(days=2)))

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as disk:
        disk.setattr("kiosk.upkeep.backup.keep", full)
        Backups(node, stick, lambda: at(NOW + timedelta(days=8))).run()
    assert list(stick.iterdir()) == [newer]


def test_the_whole_copies_of_a_kiosk_whose_database_is_damaged_are_kept(node: Node, stick: Path) -> None:
    whole = back_up(node, stick, at(NOW))
    (node.folder / "templates.sqlite").write_bytes(b"no database" * 1000)
    with pytest.raises(Mendable, match="database_damaged"):
        back_up(node, stick, at(NOW + timedelta(days=9)))
    assert list(stick.iterdir()) == [whole]


def test_a_night_without_a_copy_is_made_good_at_the_next_start(node: Node, stick: Path) -> None:
    assert Backups(node, stick, lambda: at(NOW)).missed()
    back_up(node, stick, at(NOW))
    assert not Backups(node, stick, lambda: at(NOW + timedelta(hours=20))).missed()
    assert Backups(node, stick, lambda: at(NOW + timedelta(hours=30))).missed()


def test_a_night_without_the_stick_is_no_trouble_and_keeps_nothing_in_its_place(node: Node, tmp_path: Path) -> None:
    nightly = Backups(node, tmp_path / "not plugged in", lambda: at(NOW))
    nightly.run()
    assert nightly.last() is None
    assert not nightly.folder.exists()


def test_what_cannot_be_restored_changes_nothing(node: Node, stick: Path, tmp_path: Path) -> None:
    key, new = tmp_path / "key", tmp_path / "new"
    copy = back_up(node, stick, at(NOW))
    write_key(node, key)
    refused("restore_joined", copy, key, node.folder)
    refused("backup_none", stick, key, new)
    refused("backup_key_none", copy, tmp_path / "missing", new)
    (tmp_path / "short").write_text("abcd")
    refused("backup_key_none", copy, tmp_path / "short", new)
    with (copy / "templates.sqlite").open("ab") as file:
        file.write(b"x")
    refused("backup_not_whole", copy, key, new)
    (copy / "templates.sqlite").unlink()
    refused("backup_not_whole", copy, key, new)
    assert not new.exists()
    with pytest.raises(Mendable, match="backup_exists"):
        write_key(node, key)


def test_a_kiosk_that_has_joined_nowhere_has_nothing_to_copy(stick: Path, tmp_path: Path) -> None:
    alone = Node(tmp_path / "alone")
    with pytest.raises(Mendable, match="not_enrolled"):
        back_up(alone, stick, at(NOW))
    alone.close()
