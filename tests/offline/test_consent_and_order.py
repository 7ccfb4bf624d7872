"""What clocks and cut lines must not decide: whose word on consent stands, and what order an incident's steps are in."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from caregiver.incidents.projection import IncidentsProjection
from domain.consent import ConsentEvent, Purpose, ledger
from domain.events import SCHEMA, Clock, payload_digest
from offline.journal.journal import Journal
from offline.keys.identity import b64
from offline.keys.keystore import Keystore
from offline.keys.seal import new_key
from offline.node_clock import NodeClock
from offline.roster import Roster, RosterProjection
from offline.wire import Event, FeedItem

DAY_MS = 86_400_000
NOW = 1_800_000_000_000


class Node:
    """A journal whose machine's clock is `ahead_ms` ahead of the truth."""

    def __init__(self, folder: Path, device: str, ahead_ms: int = 0) -> None:
        self.clock = NodeClock(wall=lambda: (NOW + ahead_ms) / 1000, monotonic=lambda: 0.0)
        self.journal = Journal(folder / f"{device}.sqlite", self.clock, [RosterProjection(), IncidentsProjection()])
        self.journal.become(device, 1, "jinxiu")
        self.keys = Keystore(folder / f"{device}.keys", new_key())
        self.roster = Roster(self.journal, self.keys)

    def holds(self) -> bool:
        return self.roster.holds("p1", Purpose.FACE_AT_GATE)

    def says(self, given: bool) -> None:
        self.roster.consent("p1", Purpose.FACE_AT_GATE, given, "v1", "p1")

    def tells(self, other: "Node", first: int = 1) -> None:
        """The other takes in what this one recorded, as the feed brings it."""
        other.journal.absorb(
            [FeedItem(first + n, self.journal.device, 1, event, NOW) for n, event in enumerate(self.journal.unsent(99))]
        )

    def close(self) -> None:
        self.journal.close()
        self.keys.close()


@pytest.fixture
def kiosk(tmp_path: Path) -> Iterator[Node]:
    made = Node(tmp_path, "kiosk", ahead_ms=DAY_MS)
    yield made
    made.close()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Node]:
    made = Node(tmp_path, "desk")
    yield made
    made.close()


def test_a_consent_recorded_with_a_clock_a_day_ahead_does_not_outlast_its_withdrawal(kiosk: Node, desk: Node) -> None:
    kiosk.says(True)
    kiosk.tells(desk)
    assert desk.holds()
    desk.says(False)
    assert not desk.holds()
    desk.tells(kiosk)
    assert not kiosk.holds()


def test_what_is_agreed_to_anew_after_a_withdrawal_holds_whatever_the_clocks_say(kiosk: Node, desk: Node) -> None:
    kiosk.says(True)
    kiosk.says(False)  # "tomorrow"
    kiosk.tells(desk)
    assert not desk.holds()
    desk.says(True)
    assert desk.holds()


def test_a_consent_given_without_knowing_of_the_withdrawal_does_not_undo_it(kiosk: Node, desk: Node) -> None:
    kiosk.says(True)
    kiosk.tells(desk)
    desk.says(False)
    kiosk.says(True)  # offline: the kiosk has not heard
    kiosk.tells(desk)
    desk.tells(kiosk)
    assert (kiosk.holds(), desk.holds()) == (False, False)


@given(st.permutations(range(4)), st.permutations(range(4)))
def test_every_node_comes_to_the_same_word_in_whatever_order_it_hears(one: list[int], other: list[int]) -> None:
    words = [
        ConsentEvent("p", Purpose.FACE_AT_GATE, True, "1", "p", 1, ("9", "a", 1), "g1", frozenset()),
        ConsentEvent("p", Purpose.FACE_AT_GATE, False, "1", "p", 2, ("1", "b", 1), "w1"),
        ConsentEvent("p", Purpose.FACE_AT_GATE, True, "2", "p", 3, ("2", "b", 2), "g2", frozenset({"w1"})),
        ConsentEvent("p", Purpose.FACE_AT_GATE, True, "0", "p", 4, ("8", "c", 1), "g3", frozenset()),
    ]
    assert ledger(words[i] for i in one) == ledger(words[i] for i in other)
    assert ledger(words)["p", Purpose.FACE_AT_GATE].version == "2"


def fact(kind: str, payload: dict[str, object], seq: int) -> Event:
    body, salt = msgspec.json.encode(payload), bytes(16)
    return Event(
        seq, f"{seq:032x}", kind, SCHEMA, "jinxiu", NOW + seq, Clock.SYNCED, f"{NOW:012x}.{seq:04x}",
        payload_digest(salt, body), "e1", b64(salt), msgspec.Raw(body),
    )  # fmt: skip


def test_a_desk_that_was_cut_off_comes_round_to_the_districts_order(desk: Node) -> None:
    opened = {"incident": "i1", "elder": "e1", "kind": "sos", "severity": 1, "confirmed": True, "ladder": []}
    desk.journal.absorb([FeedItem(1, "district", 1, fact("incident.opened", opened, 1), NOW)])
    desk.journal.append("incident.acknowledged", {"incident": "i1", "by": "me"}, subject="e1")  # the line is down
    mine = desk.journal.unsent(1)[0]
    others = fact("incident.acknowledged", {"incident": "i1", "by": "her"}, 2)

    def leader() -> str:
        return str(desk.journal.query("SELECT leader FROM incidents_now")[0]["leader"])

    assert leader() == "me"
    told: list[str] = []
    desk.journal.on_change(lambda facts: told.extend(f.envelope.id for f in facts))
    desk.journal.absorb([FeedItem(2, "other", 1, others, NOW)])
    assert leader() == "me", "as this desk knows it"
    desk.journal.absorb([FeedItem(3, "desk", 1, mine, NOW)])
    assert leader() == "her"
    assert mine.id in told, "screens fold it again"
    desk.journal.rebuild()
    assert leader() == "her", "and so it stays when everything is folded anew"
