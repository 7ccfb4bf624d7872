"""A kiosk whose machine is a day ahead or a day behind is neither locked out, nor does it silence an elder's alarm."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from offline.node import Node
from offline.node_clock import NodeClock
from tests.fakes.serving import Joined, Serving, register
from tests.fakes.waiting import until

DAY_S = 86_400


@pytest.fixture(params=[DAY_S, -DAY_S], ids=["a day ahead", "a day behind"])
def kiosk(
    request: pytest.FixtureRequest, tmp_path: Path, district: Serving, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Joined]:
    import time

    off = request.param
    monkeypatch.setattr("offline.node.NodeClock", lambda: NodeClock(wall=lambda: time.time() + off))
    node = Node(tmp_path / "kiosk")
    node.enrol(district.url, district.code("kiosk"), "kiosk", "gate")
    node.close()
    again = Node(tmp_path / "kiosk")  # it has just started: it knows no time but its machine's
    assert abs(again.clock.now_ms() - district.office.now_ms() - off * 1000) < 60_000
    yield Joined(again)
    again.close()


def test_a_call_for_help_recorded_before_the_time_was_known_opens_an_incident(kiosk: Joined, district: Serving) -> None:
    elder = register(kiosk)
    kiosk.journal.append("sign.sos", {"source": "button", "device": "b1"}, subject=elder)
    kiosk.client.round()
    assert kiosk.journal.pending() == 0, "it is not locked out"
    opened = until(lambda: district.office.store.told(["incident.opened"]))
    assert [item.event.subject for item in opened] == [elder]


def test_what_it_records_once_it_knows_the_time_is_believed(kiosk: Joined, district: Serving) -> None:
    kiosk.journal.append("kiosk.started", {})
    kiosk.client.round()
    kiosk.journal.append("kiosk.heartbeat", {})
    kiosk.client.round()
    before, after = (district.office.store.told([kind])[0] for kind in ("kiosk.started", "kiosk.heartbeat"))
    assert not before.trusted, "evidence, never an all-clear"
    assert after.trusted
    assert abs(after.event.at - district.office.now_ms()) < 60_000
