from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from offline.journal.journal import Journal
from offline.node_clock import NodeClock
from offline.roster import RosterProjection
from tests.fakes.fake_district import FakeDistrict
from tests.offline import leases
from tests.offline.one_desk import Desk


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    opened = Journal(tmp_path / "journal.sqlite", NodeClock(), [RosterProjection()], sign=lambda head: head[::-1])
    opened.become("gate-1", 1, "jinxiu")
    yield opened
    opened.close()


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Callable[..., Desk]]:
    made: list[Desk] = []

    def desk(district: FakeDistrict, device: str = "d1") -> Desk:
        made.append(Desk(tmp_path / str(len(made)), district, device))
        return made[-1]

    yield desk
    for each in made:
        each.close()


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> leases.Desk:
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr("offline.line.lease.PasswordHasher", lambda: quick)
    return leases.Desk(tmp_path)
