"""The machine of a gate is gone: another becomes that gate from a copy, and knows nobody who has withdrawn or was erased since."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from district.people.erasing import Why
from domain.consent import Purpose
from domain.people import Role
from kiosk.bootstrap import open_node, open_templates
from kiosk.config import KioskSettings
from kiosk.known_time import KnownTime
from kiosk.residents.known import Residents
from kiosk.upkeep.backup import back_up, restore, write_key
from tests.fakes.serving import Joined, Serving, register
from tests.fakes.staff import a_district, employ
from tests.fakes.there import there

ENGINE = ("sface", "1")
FACE = np.eye(1, 128, dtype=np.float32)


@pytest.fixture
def district(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Serving]:
    yield from a_district(tmp_path, monkeypatch)


class Machine:
    """What a gate knows, on a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.settings = KioskSettings(data=folder)
        self.node = open_node(self.settings)
        self.templates = open_templates(self.settings, self.node)
        self.residents = Residents(self.node.journal, self.node.roster, self.templates, self.node.keys, ENGINE)

    def known(self) -> set[str]:
        return {person for person, _ in self.residents.gallery()}

    def close(self) -> None:
        self.templates.close()
        self.node.close()


def test_another_machine_becomes_the_gate_from_a_copy(district: Serving, tmp_path: Path) -> None:
    old = Machine(tmp_path / "old")
    old.node.enrol(district.url, district.code(), "kiosk", "South gate")
    gate = Joined(old.node)
    stays, withdraws, leaves = (register(gate, watched=False) for _ in range(3))
    for person in (stays, withdraws, leaves):
        old.templates.save(person, *ENGINE, FACE, [b"photo"])
    gate.client.round()
    assert old.known() == {stays, withdraws, leaves}
    (tmp_path / "stick").mkdir()
    copy = back_up(old.node, tmp_path / "stick", KnownTime(tmp_path / "known_time", old.node.clock).known())
    write_key(old.node, tmp_path / "safe.key")

    gate.journal.append("passage.recorded", {"outcome": "identified"}, subject=stays)  # which no copy knows of
    gate.client.round()
    device = gate.journal.device
    old.close()
    sue, tom = (employ(district, name, Role.SUPERVISOR) for name in ("sue", "tom"))
    accounts = {a.person: a for a in district.office.accounts.accounts()}
    now = district.office.now_ms()
    district.office.erasing.erase(leaves, Why.MOVED_AWAY, accounts[sue], accounts[tom], now)
    desk = Machine(tmp_path / "desk")
    desk.node.enrol(district.url, district.code("caregiver"), "caregiver", "desk")
    at_desk = Joined(desk.node)
    at_desk.until(lambda: desk.node.roster.profile(withdraws))
    desk.node.roster.consent(withdraws, Purpose.FACE_AT_GATE, False, "v1", withdraws)
    at_desk.client.round()
    desk.close()

    restore(copy, tmp_path / "safe.key", tmp_path / "new")
    new = Machine(tmp_path / "new")
    assert there(new.node.rescued).why == "lost"
    assert new.known() == set(), "nobody before the district has said who consents"
    again = Joined(new.node)
    again.client.round()
    assert new.known() == {stays}
    assert new.templates.people() == {stays}
    assert new.node.keys.find(leaves) is None
    again.journal.append("passage.recorded", {"outcome": "identified"}, subject=stays)
    again.client.round()
    told = [i for i in district.office.store.told(["passage.recorded"]) if i.device == device]
    assert [(i.epoch, i.event.subject) for i in told] == [(1, stays), (2, stays)]
    assert district.office.store.counts()["quarantine"] == 0
    new.close()
