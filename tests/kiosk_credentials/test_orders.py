"""A gate does what the district has put on record for it, says so, and lets nothing that was blocked in by the back door."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from caregiver.invented import Feed
from domain.passages import Method
from kiosk.credentials.books import Books, CredentialsProjection
from kiosk.credentials.desk import Desk
from kiosk.credentials.orders import AccessOrders
from kiosk.credentials.pins import Attempts, Pins
from kiosk.credentials.port import Presented
from kiosk.visit.events import CredentialAccepted, CredentialRefused
from offline.journal.journal import Journal
from offline.keys.identity import Identity
from offline.letters.access_orders import (
    APPLIED,
    CARD_ORDERED,
    CARD_REVOKED,
    LOST,
    PASS_ISSUED,
    PASS_REVOKED,
    PIN_CLEARED,
    PIN_ORDERED,
    PIN_SET,
    seal_for_gates,
)
from offline.node_clock import NodeClock
from offline.roster import ERASED
from offline.wire import FeedItem
from tests.fakes.waiting import until

NOW = datetime(2026, 11, 23, 9, 41, tzinfo=UTC)
GATE, OTHER = Identity.create(), Identity.create()
BOXES = {"gate-1": GATE.box_public, "gate-2": OTHER.box_public}


class Kiosk:
    def __init__(self, path: Path, device: str, identity: Identity) -> None:
        self.journal = Journal(path, NodeClock(), [CredentialsProjection()])
        self.journal.become(device, 1, "jinxiu")
        pins = Pins(device.encode(), memory_kib=64, passes=1)
        self.orders = AccessOrders(self.journal, identity.box, pins, device.encode(), lambda: None)
        books = Books(self.journal, lambda _: "3-2-501")
        self.desk = Desk(
            ("jinxiu", "south"), books, books, books, list, pins, Attempts(), device.encode()
        )  # fmt: skip

    def hears(self, *items: FeedItem) -> None:
        self.journal.absorb(list(items), f"c{self.journal.cursor}")
        self.orders.work()

    def receipts(self) -> list[tuple[str, str]]:
        return [(f.payload["order"], f.payload["refused"]) for f in self.journal.facts(APPLIED) if f.payload]

    def card(self, number: str = "04A1B2C3") -> CredentialAccepted | CredentialRefused:
        return self.desk.present(Presented(Method.CARD, number), NOW)

    def refusal(self) -> str:
        answer = self.card()
        assert isinstance(answer, CredentialRefused)
        return answer.why

    def pin(self, secret: str) -> CredentialAccepted | CredentialRefused:
        return self.desk.pin("32501", secret, NOW)


@pytest.fixture
def kiosk(tmp_path: Path) -> Iterator[Kiosk]:
    made = Kiosk(tmp_path / "one.sqlite", "gate-1", GATE)
    yield made
    made.orders.close()
    made.journal.close()


@pytest.fixture
def feed() -> Feed:
    return Feed("jinxiu", 1)


def card(feed: Feed, id: str = "c1", number: str = "04A1B2C3", **more: object) -> FeedItem:
    sealed = seal_for_gates(BOXES, CARD_ORDERED, id, "p1", number)
    return feed.item(CARD_ORDERED, {"card": id, "sealed": sealed, "by": "s1", **more}, "p1", NOW)


def pin(feed: Feed, id: str = "n1", secret: str = "4821") -> FeedItem:
    sealed = seal_for_gates(BOXES, PIN_ORDERED, id, "p1", secret)
    return feed.item(PIN_ORDERED, {"pin": id, "sealed": sealed, "by": "s1"}, "p1", NOW)


def test_an_ordered_card_opens_and_the_gate_says_that_it_will(kiosk: Kiosk, feed: Feed) -> None:
    order = card(feed)
    kiosk.hears(order)
    assert isinstance(kiosk.card("04-a1-b2-c3"), CredentialAccepted)
    assert kiosk.receipts() == [(order.event.id, "")]
    assert kiosk.orders.work() == 0  # done once


def test_a_lost_card_is_blocked_and_stays_so_however_late_its_order_comes(kiosk: Kiosk, feed: Feed) -> None:
    order = card(feed)
    blocked = feed.item(CARD_REVOKED, {"card": "c1", "why": LOST, "by": "s1"}, "p1", NOW)
    kiosk.hears(blocked)
    kiosk.hears(order)
    assert kiosk.refusal() == "card_unknown"
    assert {refused for _, refused in kiosk.receipts()} == {""}
    assert len(kiosk.receipts()) == 2


def test_a_card_for_a_time_ends_with_its_last_day(kiosk: Kiosk, feed: Feed) -> None:
    kiosk.hears(card(feed, last_day="2026-11-22"))
    assert kiosk.refusal() == "card_expired"


def test_a_new_pin_takes_the_old_ones_place_and_the_word_of_another_gate_does_not(kiosk: Kiosk, feed: Feed) -> None:
    kiosk.hears(pin(feed, "n1", "4821"))
    assert isinstance(kiosk.pin("4821"), CredentialAccepted)
    elsewhere = feed.item(PIN_SET, {"hash": "of another gate's own pepper"}, "p1", NOW, device="gate-2")
    kiosk.hears(elsewhere, pin(feed, "n2", "7305"))
    assert isinstance(kiosk.pin("7305"), CredentialAccepted)
    assert isinstance(kiosk.pin("4821"), CredentialRefused)


def test_what_was_cleared_after_an_order_stays_cleared(kiosk: Kiosk, feed: Feed) -> None:
    order = pin(feed)
    cleared = feed.item(PIN_CLEARED, {"by": "s1"}, "p1", NOW)
    kiosk.hears(cleared)
    kiosk.hears(order)
    assert isinstance(kiosk.pin("4821"), CredentialRefused)
    assert (order.event.id, "order_overtaken") in kiosk.receipts()


def test_what_cannot_be_opened_or_is_not_for_this_gate_is_refused_by_name(kiosk: Kiosk, feed: Feed) -> None:
    sealed = seal_for_gates({"gate-2": OTHER.box_public}, PIN_ORDERED, "n1", "p1", "4821")
    other = feed.item(PIN_ORDERED, {"pin": "n1", "sealed": sealed}, "p1", NOW)
    moved = seal_for_gates(BOXES, CARD_ORDERED, "c1", "p2", "04A1B2C3")  # sealed for another resident
    stolen = feed.item(CARD_ORDERED, {"card": "c1", "sealed": moved}, "p1", NOW)
    weak = pin(feed, "n3", "1111")
    kiosk.hears(other, stolen, weak)
    assert dict(kiosk.receipts()) == {
        other.event.id: "order_not_for_here", stolen.event.id: "seal_broken", weak.event.id: "pin_weak",
    }  # fmt: skip
    assert isinstance(kiosk.card(), CredentialRefused)


def test_a_revoked_pass_is_said_to_be_dead(kiosk: Kiosk, feed: Feed) -> None:
    over = feed.item(PASS_REVOKED, {"pass": "v1", "by": "s1"}, "p1", NOW)
    kiosk.hears(over)
    assert kiosk.receipts() == [(over.event.id, "")]


def test_a_visitors_pass_ends_with_the_resident_it_leads_to(kiosk: Kiosk, feed: Feed) -> None:
    books = Books(kiosk.journal, lambda _: "3-2-501")
    kiosk.hears(feed.item(PASS_ISSUED, {"pass": "v1", "by": "s1"}, "p1", NOW))
    kiosk.hears(feed.item(PASS_ISSUED, {"pass": "v2", "by": "s1"}, "p2", NOW))
    assert not books.spent("v1")
    kiosk.hears(feed.item(ERASED, {}, "p1", NOW))
    assert books.spent("v1")
    assert not books.spent("v2")


def test_an_order_that_came_while_the_program_was_down_is_done_at_its_start(kiosk: Kiosk, feed: Feed) -> None:
    kiosk.journal.absorb([card(feed)], "c1")  # nobody has worked yet
    kiosk.orders.start()
    until(lambda: bool(kiosk.receipts()))
    assert isinstance(kiosk.card(), CredentialAccepted)


def test_nothing_secret_is_in_the_facts(kiosk: Kiosk, feed: Feed) -> None:
    kiosk.hears(card(feed), pin(feed))
    said = "".join(str(f.payload) for f in kiosk.journal.facts())
    assert "04A1B2C3" not in said
    assert "4821" not in said
