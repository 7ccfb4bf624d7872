"""What is not taken as it is keeps nothing else waiting: it goes without what it says, people are told, and it is offered again."""

from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace

from offline.line.link import Link
from offline.line.pushing import WITHHELD, anew_id
from offline.transport.errors import Rejected
from offline.wire import Event
from tests.fakes.fake_district import FakeDistrict
from tests.fakes.there import there
from tests.offline.one_desk import Desk

REFUSALS = [400, 413, 422]
Fact = tuple[str, dict[str, Any], None, None, None]


def refusing(status: int) -> Callable[[Event], int]:
    return lambda event: status if event.payload is not None and b'"huge"' in bytes(event.payload) else 0


def fact(kind: str, n: int, **told: Any) -> Fact:
    return (kind, {"n": n, **told}, None, None, None)


def said(district: FakeDistrict) -> dict[int, bool]:
    """By number of what was kept: whether it says anything."""
    return {seq: event.payload is not None for (_, seq), event in sorted(district.kept.items())}


@pytest.mark.parametrize("status", REFUSALS)
@pytest.mark.parametrize("waiting", [3, 1200])
@pytest.mark.parametrize("kind", ["passage.recorded", "incident.feedback"])
def test_neither_lane_waits_for_a_fact_that_nobody_takes(
    make: Callable[..., Desk], status: int, waiting: int, kind: str
) -> None:
    district = FakeDistrict()
    desk = make(district)
    desk.client.round()
    desk.journal.append_all([fact("passage.recorded", n) for n in range(waiting)])
    huge = desk.journal.append(kind, {"huge": True})
    desk.journal.append_all([fact("incident.opened", n) for n in range(waiting)])
    last = desk.journal.append("incident.opened", {}).envelope.seq
    district.refuses = refusing(status)
    for _ in range(3):
        desk.service.poke()
        desk.service.tick()
        assert desk.link() is Link.CONNECTED
    assert desk.journal.pending() == 0
    assert len(district.batches) < 120, "split, and not one by one for ever"
    assert [seq for seq, says in said(district).items() if not says] == [huge.envelope.seq]
    (told,) = desk.journal.facts(WITHHELD)
    assert told.payload == {
        "device": "d1", "epoch": 1, "seq": huge.envelope.seq, "kind": kind, "because": f"http_{status}",
    }  # fmt: skip
    assert said(district)[told.envelope.seq]
    assert there(desk.journal.find(huge.envelope.id)).payload == {"huge": True}, "it stays here"
    assert last in said(district)


@pytest.mark.parametrize("status", REFUSALS)
def test_of_a_line_that_takes_nothing_nothing_is_withheld(make: Callable[..., Desk], status: int) -> None:
    district = FakeDistrict()
    desk = make(district)
    desk.journal.append_all([fact("sign.sos", n) for n in range(40)])
    district.refuses = lambda event: status if event.payload is not None else 0
    for _ in range(5):
        with pytest.raises(Rejected):
            desk.client.round()
    assert district.kept == {}
    assert desk.journal.withheld() == []
    assert len(desk.journal.facts(WITHHELD)) == 1, "of the one that stands before the others"
    district.refuses = lambda _: 0
    desk.client.round()
    assert all(said(district).values())
    assert desk.journal.pending() == 0


def test_a_line_that_comes_back_while_one_fact_is_tried_by_itself_withholds_nothing(make: Callable[..., Desk]) -> None:
    district = FakeDistrict()
    desk = make(district)
    told: list[str] = []

    def refuses(event: Event) -> int:
        told.extend([event.id] if event.kind == WITHHELD else [])
        return 0 if told or event.payload is None else 413

    district.refuses = refuses
    desk.journal.append("sign.button", {"device": "b"}, subject="p1")
    desk.client.round()
    assert told
    assert desk.journal.withheld() == []
    assert all(said(district).values())


def compared(desk: Desk) -> None:
    desk.client._compared = 0  # six hours are over
    desk.client.round()


def test_what_would_be_taken_by_now_is_recorded_anew_and_counts_once(make: Callable[..., Desk]) -> None:
    district = FakeDistrict()
    desk = make(district)
    district.refuses = refusing(413)
    huge = desk.journal.append("sign.button", {"huge": 1}).envelope
    desk.client.round()
    compared(desk)
    assert desk.journal.withheld() == [huge.id], "it is still not taken"
    district.refuses = lambda _: 0
    for _ in range(2):
        compared(desk)
    assert desk.journal.withheld() == []
    (again,) = desk.journal.facts("sign.button")
    assert (again.envelope.id, again.envelope.at, again.payload) == (anew_id(huge.id), huge.at, {"huge": 1})
    assert said(district)[again.envelope.seq]


def test_what_was_erased_since_is_not_offered_again(make: Callable[..., Desk]) -> None:
    district = FakeDistrict()
    desk = make(district)
    district.refuses = refusing(413)
    huge = desk.journal.append("sign.button", {"huge": 1}).envelope
    desk.client.round()
    desk.journal.erase([huge.id])
    district.refuses = lambda _: 0
    compared(desk)
    assert desk.journal.withheld() == []
    assert [f.envelope.id for f in desk.journal.facts("sign.button")] == [huge.id]


def test_what_the_district_has_lost_is_sent_again_past_what_it_does_not_take(make: Callable[..., Desk]) -> None:
    district = FakeDistrict()
    desk = make(district)
    desk.journal.append_all([fact("passage.recorded", n, **({"huge": 1} if n == 7 else {})) for n in range(150)])
    desk.client.round()
    district.kept.clear()
    district.refuses = refusing(413)
    desk.client._send_again(1, 1, 150)
    assert [seq for seq, says in said(district).items() if not says] == [8]
    assert len(district.kept) == 151


def test_once_a_line_that_took_nothing_takes_again_it_is_not_asked_one_by_one(make: Callable[..., Desk]) -> None:
    district = FakeDistrict()
    desk = make(district)
    desk.journal.append_all([fact("passage.recorded", n) for n in range(400)])
    district.refuses = lambda event: 413 if event.payload is not None else 0
    with pytest.raises(Rejected):
        desk.client.round()
    district.refuses = lambda _: 0
    desk.client.round()
    assert desk.journal.pending() == 0
    assert len(district.batches) < 20


def test_what_was_altered_while_it_waited_is_not_recorded_anew(
    make: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    district = FakeDistrict()
    desk = make(district)
    district.refuses = refusing(413)
    huge = desk.journal.append("sign.button", {"huge": 1}).envelope
    desk.client.round()
    district.refuses = lambda _: 0
    push = district.push
    # as a district answers what is not what its hash says
    monkeypatch.setattr(district, "push", lambda batch: replace(push(batch), quarantined=[huge.seq]))
    compared(desk)
    assert desk.journal.withheld() == [huge.id]
    assert [f.envelope.id for f in desk.journal.facts("sign.button")] == [huge.id]


@pytest.mark.parametrize(("community", "anew"), [("jinxiu", 1), ("west", 0)])
def test_what_waits_goes_on_with_a_node_that_is_enrolled_anew_and_never_to_another_community(
    make: Callable[..., Desk], community: str, anew: int
) -> None:
    district = FakeDistrict()
    desk = make(district)
    district.refuses = refusing(413)
    huge = desk.journal.append("sign.button", {"huge": 1}).envelope
    desk.client.round()
    desk.journal.become("d2", 1, community)
    district.kept.clear()
    desk.journal.append("passage.recorded", {})  # under the number that the other had
    district.refuses = lambda _: 0
    compared(desk)
    desk.client.round()
    assert desk.journal.withheld() == []
    told = [event for event in district.kept.values() if event.kind == "sign.button"]
    assert [event.id for event in told] == [anew_id(huge.id)] * anew


def test_what_is_recorded_anew_in_another_epoch_is_offered_once(make: Callable[..., Desk]) -> None:
    district = FakeDistrict()
    desk = make(district)
    district.refuses = refusing(413)
    desk.journal.append("sign.button", {"huge": 1})
    desk.client.round()
    desk.journal.take_back(0)  # the district was restored to before it
    desk.journal.fork(2)
    district.refuses = lambda _: 0
    for _ in range(2):
        compared(desk)
    assert desk.journal.withheld() == []
    assert len(desk.journal.facts("sign.button")) == 1
