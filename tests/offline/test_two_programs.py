"""The command line beside the window: two programs of one node write to one journal, in turn."""

from pathlib import Path

import pytest

from offline.journal.journal import Journal
from offline.node_clock import NodeClock


def opened(path: Path) -> Journal:
    return Journal(path, NodeClock(), key=bytes(32))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    first = opened(tmp_path / "journal.sqlite")
    first.become("gate-1", 1, "jinxiu")
    first.close()
    return tmp_path / "journal.sqlite"


def test_both_number_their_facts_in_one_line(path: Path) -> None:
    window, command = opened(path), opened(path)
    for n in range(3):
        window.append("passage.recorded", {"n": n})
        command.append_all([("credential.set", {"n": n}, None, None, None)] * 2)
    assert [e.seq for e in window.unsent(20)] == list(range(1, 10))
    assert window.broken() == []
    window.acknowledged(9)
    command.append("credential.set", {})
    assert [e.seq for e in command.unsent(20)] == [10]
    for each in (window, command):
        each.look()
        assert each.pending() == 1
        each.close()


def test_each_hears_once_of_what_the_other_wrote_before_its_own_next_or_when_it_looks(path: Path) -> None:
    window, command = opened(path), opened(path)
    heard: list[str] = []
    window.on_change(lambda facts: heard.extend(f.envelope.kind for f in facts))
    window.append("a.mine", {})
    command.append("b.theirs", {})
    window.look()
    window.look()
    assert heard == ["a.mine", "b.theirs"]
    command.append("c.theirs", {})
    window.append("d.mine", {})
    window.look()
    assert heard == ["a.mine", "b.theirs", "c.theirs", "d.mine"]
    for each in (window, command):
        each.close()


def test_what_the_other_wrote_is_heard_though_our_own_next_fails(path: Path) -> None:
    window, command = opened(path), opened(path)
    heard: list[str] = []
    window.on_change(lambda facts: heard.extend(f.envelope.kind for f in facts))
    command.append("a.theirs", {})
    with pytest.raises(TypeError):
        window.append("b.mine", {"no": object()})
    window.append("c.mine", {})
    assert heard == ["a.theirs", "c.mine"]
    assert [e.seq for e in window.unsent(9)] == [1, 2]
    assert window.broken() == []
    for each in (window, command):
        each.close()


def test_what_the_other_writes_is_heard_after_our_own_has_failed_half_way(path: Path) -> None:
    """What was put in and taken out again had the very row that the other's fact has now."""
    window, command = opened(path), opened(path)
    heard: list[str] = []
    window.on_change(lambda facts: heard.extend(f.envelope.kind for f in facts))
    with pytest.raises(TypeError):
        window.append_all([("a.mine", {}, None, None, None), ("b.mine", {"no": object()}, None, None, None)])
    command.append("c.theirs", {})
    window.look()
    assert heard == ["c.theirs"]
    for each in (window, command):
        each.close()


def test_a_node_that_joins_elsewhere_by_command_goes_on_there(path: Path) -> None:
    window, command = opened(path), opened(path)
    window.append("sign.button", {"n": 1})
    command.become("gate-1", 2, "jinxiu")
    window.append("sign.button", {"n": 2})
    assert (window.device, window.epoch) == ("gate-1", 2)
    assert [e.seq for e in window.unsent(9)] == [1, 2]
    assert window.broken() == []
    for each in (window, command):
        each.close()
