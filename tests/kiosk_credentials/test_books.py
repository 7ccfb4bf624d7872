"""Cards, PINs and passes, folded from facts."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from domain.passages import Group, Method
from kiosk.credentials.books import STAFF_CLEARED, STAFF_SET, Books, CredentialsProjection
from kiosk.visit.effects import GateDid
from offline.journal.journal import Journal
from offline.letters.access_orders import CARD_ISSUED, CARD_REVOKED, LOST, PASS_REVOKED, PIN_CLEARED, PIN_SET
from offline.roster import ERASED
from tests.fakes.gate_records import gate_journal, passage, record
from tests.fakes.there import there


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with gate_journal(tmp_path, CredentialsProjection()) as opened:
        yield opened


@pytest.fixture
def books(journal: Journal) -> Books:
    flats = {"p1": "3-2-501", "p2": "3-2-501", "p3": "1-1-101"}
    return Books(journal, lambda person: flats.get(person, ""))


def become(journal: Journal, device: str) -> None:
    journal.acknowledged(journal.append("gate.described", {}).envelope.seq)
    journal.become(device, journal.epoch + 1, journal.community)


def test_a_card_belongs_to_whom_it_was_last_issued_until_it_is_revoked(journal: Journal, books: Books) -> None:
    journal.append(CARD_ISSUED, {"digest": "aa"}, subject="p1")
    journal.append(CARD_ISSUED, {"digest": "aa", "group": "staff", "last_day": "2026-12-31"}, subject="p2")
    holder = books.holder("aa")
    assert holder is not None
    assert (holder.person_id, holder.group, str(holder.last_day)) == ("p2", Group.STAFF, "2026-12-31")
    journal.append(CARD_REVOKED, {"digest": "aa"})
    assert books.holder("aa") is None
    assert books.holder("bb") is None


def test_no_gate_makes_a_lost_card_good_at_another_or_gives_it_to_somebody_else(journal: Journal, books: Books) -> None:
    """One that was stolen reads the digests of all."""
    here = journal.device

    def says(device: str, person: str) -> None:
        become(journal, device)
        journal.append(CARD_ISSUED, {"digest": "aa"}, subject=person)
        become(journal, here)

    journal.append(CARD_ISSUED, {"digest": "aa"}, subject="p1")
    says("stolen", "thief")
    assert there(books.holder("aa")).person_id == "p1"
    journal.append(CARD_REVOKED, {"digest": "aa", "why": LOST}, subject="p1")
    says("stolen", "p1")
    assert books.holder("aa") is None
    journal.append(CARD_ISSUED, {"digest": "aa"}, subject="p1")
    assert there(books.holder("aa")).person_id == "p1", "found again, and given out anew where it was lost"


def test_pins_are_looked_up_by_the_digits_of_the_flat(journal: Journal, books: Books) -> None:
    for person in ("p1", "p2", "p3"):
        journal.append(PIN_SET, {"hash": f"hash {person}"}, subject=person)
    assert books.residents("32501") == [("p1", "hash p1"), ("p2", "hash p2")]
    journal.append(PIN_CLEARED, {}, subject="p1")
    journal.append(ERASED, {}, subject="p2")
    assert books.residents("32501") == []
    journal.append(STAFF_SET, {"name": "Li", "hash": "h"})
    assert books.staff() == [("Li", "h")]


def test_somebody_of_the_staff_has_a_pin_at_each_gate_and_loses_all_of_them_at_once(
    journal: Journal, books: Books
) -> None:
    journal.append(STAFF_SET, {"name": "Li", "hash": "made here"})
    here = journal.device
    become(journal, "another gate")
    journal.append(STAFF_SET, {"name": "Li", "hash": "made there"})
    assert books.staff() == [("Li", "made there")]
    become(journal, here)
    assert books.staff() == [("Li", "made here")]
    become(journal, "another gate")
    journal.append(STAFF_CLEARED, {"name": "Li"})
    become(journal, here)
    assert books.staff() == []


def test_a_pass_for_one_time_is_spent_when_the_gate_has_opened_and_a_weekly_one_when_it_is_revoked(
    journal: Journal, books: Books
) -> None:
    record(journal, passage(method=Method.QR, credential="v1", once=True, gate=GateDid.FAILED))
    assert not books.spent("v1")
    record(journal, passage(method=Method.QR, credential="v1", once=True))
    record(journal, passage(method=Method.QR, credential="v2", once=False))
    assert books.spent("v1")
    assert not books.spent("v2")
    journal.append(PASS_REVOKED, {"pass": "v2"})
    assert books.spent("v2")
