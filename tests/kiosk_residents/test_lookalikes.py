from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from kiosk.faces.gallery import Gallery
from kiosk.residents.lookalikes import FOUND, Radar
from offline.journal.journal import Journal
from tests.fakes.gate_records import gate_journal


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with gate_journal(tmp_path) as opened:
        yield opened


def gallery(**people: tuple[float, float]) -> Gallery:
    return Gallery([(who, np.array([at], np.float32)) for who, at in people.items()], dim=2)


def said(journal: Journal) -> list[tuple[str | None, list[str]]]:
    return [(f.envelope.subject, f.payload["others"]) for f in journal.facts(FOUND) if f.payload]


def test_a_likeness_is_told_of_both_and_once(journal: Journal) -> None:
    radar, alike = Radar(journal, "sface 1"), gallery(an=(1.0, 0.0), bo=(0.99, 0.1), chen=(0.0, 1.0))
    assert radar.sweep(alike, 0.9) == 2
    assert said(journal) == [("an", ["bo"]), ("bo", ["an"])]
    assert radar.sweep(alike, 0.9) == 0


def test_it_is_taken_back_when_one_of_them_is_gone(journal: Journal) -> None:
    radar = Radar(journal, "sface 1")
    radar.sweep(gallery(an=(1.0, 0.0), bo=(0.99, 0.1)), 0.9)
    assert radar.sweep(gallery(an=(1.0, 0.0)), 0.9) == 2
    assert said(journal)[2:] == [("an", []), ("bo", [])]


def test_a_newcomer_like_nobody_is_no_news(journal: Journal) -> None:
    radar = Radar(journal, "sface 1")
    assert not radar.tell("an", [])
    assert radar.tell("an", ["bo"])
    assert not radar.tell("an", ["bo"])
    assert said(journal) == [("an", ["bo"])]
