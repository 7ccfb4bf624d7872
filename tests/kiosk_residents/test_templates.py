from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from kiosk.residents.templates import TemplateStore
from offline.keys.keystore import Keystore
from offline.keys.seal import new_key

UNIT = np.eye(3, 128, dtype=np.float32)


@pytest.fixture
def keys(tmp_path: Path) -> Iterator[Keystore]:
    opened = Keystore(tmp_path / "keys.sqlite", new_key())
    yield opened
    opened.close()


@pytest.fixture
def store(tmp_path: Path, keys: Keystore) -> Iterator[TemplateStore]:
    opened = TemplateStore(tmp_path / "templates.sqlite", keys)
    yield opened
    opened.close()


def test_only_those_who_consent_reach_the_gallery(store: TemplateStore) -> None:
    for person in ("p1", "p2"):
        store.save(person, "sface", "1", UNIT)
    [(person, embeddings)] = store.gallery("sface", "1", {"p2", "nobody"})
    assert person == "p2"
    np.testing.assert_array_equal(embeddings, UNIT)


def test_each_engine_and_version_has_templates_of_its_own(store: TemplateStore) -> None:
    store.save("p1", "sface", "1", UNIT)
    store.save("p1", "sface", "1", UNIT[:2])
    assert [len(e) for _, e in store.gallery("sface", "1", {"p1"})] == [2]
    assert store.gallery("sface", "2", {"p1"}) == []
    assert store.gallery("face_recognition", "1", {"p1"}) == []


def test_removing_erases_template_and_photos(store: TemplateStore) -> None:
    store.save("p1", "sface", "1", UNIT, [b"jpeg one", b"jpeg two"])
    assert store.photos("p1") == [b"jpeg one", b"jpeg two"]
    assert store.remove("p1")
    assert not store.remove("p1")
    assert store.people() == set()
    assert store.photos("p1") == []


def test_without_the_persons_key_nothing_opens(store: TemplateStore, keys: Keystore) -> None:
    store.save("p1", "sface", "1", UNIT, [b"jpeg"])
    keys.destroy("p1")
    assert store.gallery("sface", "1", {"p1"}) == []
    assert store.photos("p1") == []


def test_neither_template_nor_photo_stands_on_the_disk_in_the_clear(store: TemplateStore, tmp_path: Path) -> None:
    store.save("p1", "sface", "1", UNIT, [b"a very recognisable photograph"])
    raw = (tmp_path / "templates.sqlite").read_bytes()
    assert b"recognisable" not in raw
    assert UNIT.tobytes()[:64] not in raw
