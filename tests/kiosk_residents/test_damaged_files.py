"""What a gate can do without."""

from pathlib import Path
from typing import Any

import pytest

from kiosk.known_time import KnownTime
from kiosk.passages.pictures import PictureStore
from kiosk.residents.borrowed import Borrowed
from offline.keys.keystore import Keystore
from offline.keys.seal import new_key
from offline.node_clock import NodeClock


@pytest.mark.parametrize("name", ["borrowed.sqlite", "pictures.sqlite"])
def test_a_damaged_file_of_what_a_gate_can_do_without_is_begun_anew(tmp_path: Path, name: str) -> None:
    keys = Keystore(tmp_path / "keys.sqlite", new_key())
    path = tmp_path / name
    path.write_bytes(b"SQLite format 3\x00" + b"\xff" * 5000)
    opened: Any = (
        Borrowed(path, keys, KnownTime(tmp_path / "t", NodeClock()))
        if name.startswith("b")
        else PictureStore(path, keys)
    )
    assert opened.count() == 0
    opened.close()
    keys.close()
