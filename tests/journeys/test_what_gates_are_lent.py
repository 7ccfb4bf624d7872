"""What one gate takes from another, and what becomes of letters that are forged, lost or late."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from domain.consent import Purpose
from offline.letters.lent import DROPPED, HELD, LEASE_MS, Lent, seal_lent
from offline.node import Node
from offline.transport.errors import Rejected
from tests.fakes.serving import Serving
from tests.journeys.lending_gates import ENGINE, FACE, HOUR, Gate, knows, lend, until


def test_what_is_not_lent_by_a_gate_of_the_community_to_this_one_is_refused(gate_of: Callable[..., Gate]) -> None:
    south, north, east = gate_of("south"), gate_of("north"), gate_of("east")
    south.enrol("p-li", Purpose.FACE_AT_OTHER_GATES)
    lend(south, north)
    me, mine, now = north.node.journal.device, north.node.identity, north.node.clock.now_ms()
    good = Lent("p-li", *ENGINE, 128, FACE.tobytes(), now + LEASE_MS + 1000)
    line = south.node.line()

    def refused(lent: Lent, signer: Gate = south, to: str = me, origin: str = south.node.journal.device) -> bool:
        before, count = north.borrowed.until("p-li"), len(north.letters)
        line.lend(me, seal_lent(lent, origin, to, signer.node.identity.sign, mine.box_public))
        until(lambda: len(north.letters) > count)
        north.settle()
        return north.borrowed.until("p-li") == before

    def changed(**fields: Any) -> Lent:
        return Lent(**({k: getattr(good, k) for k in Lent.__struct_fields__} | fields))

    assert refused(changed(until=now + LEASE_MS * 2))
    assert refused(changed(until=now - 1))
    assert refused(changed(rows=FACE.tobytes()[:-1]))
    assert refused(changed(dim=0))
    assert refused(changed(version="2"))
    assert refused(changed(person="p-unknown"))
    south.enrol("p-wu")  # known at this gate too, and agreed to be known by face at the south gate alone
    until(lambda: north.node.roster.profile("p-wu"), meanwhile=north.poke)
    assert refused(changed(person="p-wu"))
    assert not north.borrowed.until("p-wu")
    assert refused(good, signer=east)  # signed by another than the district says it is from
    assert refused(good, to="somebody else")
    assert not refused(good)  # and the whole thing, as it should be, is taken


def test_the_district_hands_on_only_from_gate_to_gate_of_one_community(
    gate_of: Callable[..., Gate], district: Serving, tmp_path: Path
) -> None:
    south, north = gate_of("south"), gate_of("north")
    elsewhere, desk = Node(tmp_path / "elsewhere"), Node(tmp_path / "desk")
    try:
        elsewhere.enrol(district.url, district.code("kiosk", "yulan"), "kiosk", "yulan")
        desk.enrol(district.url, district.code("caregiver", gate_log=True), "caregiver", "desk")

        def refused(node: Node, to: str, body: bytes = b"sealed") -> str:
            with pytest.raises(Rejected) as caught:
                node.line().lend(to, body)
            return caught.value.code

        me = south.node.journal.device
        assert refused(elsewhere, me) == "out_of_scope"
        assert refused(desk, me) == "out_of_scope"
        assert refused(south.node, me) == "out_of_scope"
        assert refused(south.node, "nobody") == "out_of_scope"
        assert refused(south.node, north.node.journal.device, b"x" * (128 * 1024 + 1)) == "too_large"
        north.node.stop()
        until(lambda: not district.office.hub.hand(north.node.journal.device, b"{}", "template"))
        assert refused(south.node, north.node.journal.device) == "kiosk_not_listening"
    finally:
        elsewhere.close()
        desk.close()


def test_gates_with_another_engine_are_lent_nothing_and_ones_own_template_comes_first(
    gate_of: Callable[..., Gate],
) -> None:
    south, north = gate_of("south"), gate_of("north")
    other = gate_of("other", engine=("face_recognition", "1"))
    south.enrol("p-li", Purpose.FACE_AT_OTHER_GATES)
    until(lambda: other.node.journal.device in south.lending._gates())
    lend(south, north)
    assert other.letters == []
    mine = np.roll(FACE, 7, axis=1)
    north.templates.save("p-li", *ENGINE, mine)
    assert np.array_equal(dict(north.residents.gallery())["p-li"], mine)


def test_a_letter_that_was_lost_is_sent_again_and_one_that_comes_twice_counts_once(
    gate_of: Callable[..., Gate],
) -> None:
    """A stream that breaks, a gate that is switched off as it reads: half an hour later it goes once more."""
    south, north = gate_of("south"), gate_of("north")
    south.enrol("p-wang", Purpose.FACE_AT_OTHER_GATES)
    lend(south, north, "p-wang")  # the two are on the line and know each other
    north.poke()
    until(lambda: bool(south.node.journal.facts(HELD)))
    lost: list[bytes] = []
    stream = north.node.stream
    assert stream is not None
    arrives, stream.lent = stream.lent, lost.append
    assert arrives is not None
    south.enrol("p-li", Purpose.FACE_AT_OTHER_GATES)

    def poke() -> None:
        south.poke()
        north.poke()

    until(knows(north, "p-li"), meanwhile=poke)
    until(lambda: bool(lost), meanwhile=south.lending.offer)
    assert south.lending.offer() == 0  # it may still be on its way
    assert north.matcher == ["p-wang"]
    south.ahead = north.ahead = HOUR // 2 + 1000
    stream.lent = arrives
    assert south.lending.offer() == 1
    until(lambda: north.matcher == ["p-li", "p-wang"])
    north.settle()
    held = len(north.told(HELD))
    arrives(north.letters[-1])
    arrives(lost[0])  # and what was thought lost comes after all, with the shorter lease
    north.settle()
    assert len(north.told(HELD)) == held
    assert north.borrowed.count() == 2


def test_a_gate_that_lost_what_it_was_lent_says_so_and_is_lent_it_again(gate_of: Callable[..., Gate]) -> None:
    """Its own last word was that it holds the face for days: without another the lender would wait until the lease is old."""
    south, north = gate_of("south"), gate_of("north")
    south.enrol("p-li", Purpose.FACE_AT_OTHER_GATES)
    lend(south, north)
    north.poke()
    until(lambda: bool(south.node.journal.facts(HELD)))
    north.shut()
    (north.folder / "borrowed.sqlite").unlink()
    north.open()
    assert north.matcher == []
    until(lambda: [dropped["why"] for dropped in north.told(DROPPED)] == ["lost"])
    until(lambda: bool(south.node.journal.facts(DROPPED)), meanwhile=north.poke)
    south.ahead = north.ahead = HOUR  # the next round but one
    until(lambda: north.matcher == ["p-li"], meanwhile=south.lending.offer)
    north.settle()
    assert north.lending.own_up() == 0
