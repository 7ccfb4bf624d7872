"""A fact whose words are sound and that a database still cannot keep keeps no other waiting, and no server busy for ever."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from district.config import DistrictSettings
from district.store import people
from district.store.port import SUBJECT, Row, Unkeepable
from district.upkeep.quarantine import listed, replay
from domain.errors import Mendable
from offline.node import Node
from offline.transport.errors import TryAgain
from tests.fakes.serving import GENEROUS, Joined, Serving, run_district

HARD: dict[str, tuple[str, dict[str, Any]]] = {
    "nul in a device's name": ("home.device_registered", {"device": "b\x001", "kind": "button"}),
    "nul in a place": ("home.device_registered", {"device": "b2", "place": "\x00", "kind": "button"}),
    "a name longer than an index takes": ("home.device_registered", {"device": "b" * 20_000, "kind": "button"}),
    "a place that is a number": ("home.device_registered", {"device": "b3", "place": 1e300, "kind": "button"}),
    "a name that is no name": ("home.device_removed", {"device": {"a": ["\x00"]}}),
    "nul in the name of one that goes": ("home.device_removed", {"device": "\x00"}),
    "consent after numbers": ("consent.withdrawn", {"purpose": "home_monitoring", "after": [1, {"a": 2}, "\x00"]}),
    "consent after nonsense": ("consent.given", {"purpose": "home_monitoring", "after": {"x": 1}}),
    "consent to a list": ("consent.given", {"purpose": ["home_monitoring"]}),
    "erasure of nobody": ("person.registered", {"profile": "\x00", "revision": 1 << 70}),
}


@pytest.fixture(params=["sqlite", "postgresql"])
def served(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Serving]:
    url = "" if request.param == "sqlite" else request.getfixturevalue("empty_database")()
    settings = DistrictSettings(port=0, data=tmp_path / "d", database=url, limits=GENEROUS, trust_desks=True)
    with contextmanager(run_district)(settings) as district:
        yield district


@pytest.fixture
def desk(served: Serving, tmp_path: Path) -> Iterator[Joined]:
    node = Node(tmp_path / "node")
    node.enrol(served.url, served.code("caregiver"), "caregiver", "desk")
    yield Joined(node)
    node.close()


def test_nothing_that_a_payload_says_is_beyond_a_database(served: Serving, desk: Joined) -> None:
    for kind, told in HARD.values():
        desk.journal.append("passage.recorded", {"before": kind})
        desk.journal.append(kind, told, subject="p1")
    desk.journal.append("home.device_registered", {"device": "卧室 1", "place": "卧室"}, subject="p1")
    desk.client.round()
    assert desk.journal.pending() == 0
    assert len(served.office.store.told(["passage.recorded"])) == len(HARD)
    assert listed(served.office)["quarantine"] == []
    homes = served.office.store.read("SELECT name, place FROM homes ORDER BY name")
    assert homes == [("b2", ""), ("b3", ""), ("卧室 1", "卧室")]


@pytest.mark.parametrize("fault", [Unkeepable("x"), OverflowError("y"), UnicodeEncodeError("utf-8", "z", 0, 1, "w")])
def test_what_cannot_be_kept_all_the_same_is_put_aside_and_the_rest_is_kept(
    served: Serving, desk: Joined, monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    learn = people.learn

    def learned(fact: Row, *given: Any) -> str | None:
        if fact[SUBJECT] == "bad":
            raise fault
        return learn(fact, *given)

    monkeypatch.setattr(people, "learn", learned)
    for n in range(30):
        desk.journal.append("person.registered", {}, subject="bad" if n in (7, 8, 29) else f"p{n}")
    desk.client.round()
    assert desk.journal.pending() == 0
    assert len(served.office.store.told(["person.registered"])) == 27
    rows = listed(served.office)["quarantine"]
    assert {row["seq"] for row in rows} == {8, 9, 30}
    desk.until(lambda: len(desk.journal.facts("district.put_aside")) == 3)
    assert replay(served.office)["kept"] == 0
    monkeypatch.setattr(people, "learn", learn)
    assert replay(served.office) == {"kept": 3, "still": []}


@pytest.mark.parametrize(
    "bug", [KeyError("x"), TypeError("y"), ValueError("z"), AttributeError("w"), ZeroDivisionError()]
)
def test_a_fault_of_ours_puts_nothing_aside_and_the_sender_keeps_what_it_has(
    served: Serving, desk: Joined, monkeypatch: pytest.MonkeyPatch, bug: Exception
) -> None:
    def learned(*_: Any) -> str | None:
        raise bug

    desk.client.round()
    monkeypatch.setattr(people, "learn", learned)
    desk.journal.append_all([("person.registered", {}, f"p{n}", None, None) for n in range(9)])
    with pytest.raises(TryAgain, match="internal"):
        desk.client.round()
    assert desk.journal.pending() == 9
    assert listed(served.office)["quarantine"] == []
    monkeypatch.undo()
    desk.client.round()
    assert len(served.office.store.told(["person.registered"])) == 9


def test_a_database_that_is_down_puts_nothing_aside(
    served: Serving, desk: Joined, monkeypatch: pytest.MonkeyPatch
) -> None:
    def learned(*_: Any) -> str | None:
        raise Mendable("database_down", what="it is")

    desk.client.round()
    monkeypatch.setattr(people, "learn", learned)
    desk.journal.append_all([("person.registered", {}, f"p{n}", None, None) for n in range(9)])
    with pytest.raises(TryAgain):
        desk.client.round()
    monkeypatch.undo()
    desk.client.round()
    assert len(served.office.store.told(["person.registered"])) == 9
    assert listed(served.office)["quarantine"] == []
