"""Small files that must be there after a power cut: whole or not at all, and the first one stands where it is to be new."""

import errno
import os
from pathlib import Path

import pytest

from offline.durable import keep


@pytest.fixture(params=["links", "no links, as on FAT"], autouse=True)
def disk(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param != "links":

        def refuse(part: Path, path: Path) -> None:
            raise PermissionError(errno.EPERM, "Operation not permitted", str(part), None, str(path))

        monkeypatch.setattr(os, "link", refuse)


def test_what_is_new_is_there_alone_and_for_its_owner(tmp_path: Path) -> None:
    keep(tmp_path / "keys" / "master", b"secret", new=True)
    assert (tmp_path / "keys" / "master").read_bytes() == b"secret"
    assert (tmp_path / "keys" / "master").stat().st_mode & 0o777 == 0o600
    assert [p.name for p in (tmp_path / "keys").iterdir()] == ["master"]


def test_what_is_there_stays_where_something_was_to_be_new(tmp_path: Path) -> None:
    keep(tmp_path / "master", b"first", new=True)
    with pytest.raises(FileExistsError):
        keep(tmp_path / "master", b"second", new=True)
    assert (tmp_path / "master").read_bytes() == b"first"
    keep(tmp_path / "master", b"third")
    assert [p.read_bytes() for p in tmp_path.iterdir()] == [b"third"]
