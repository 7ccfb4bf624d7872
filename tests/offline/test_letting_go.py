"""A desk keeps nothing longer than the district does, and lets go of nothing that the district has not."""

from collections.abc import Mapping

import pytest

from caregiver.invented import Feed
from domain.events import from_ms
from offline.journal.journal import Journal
from offline.letting_go import DAY_MS, SLICE, let_go
from offline.roster import ERASED

NOW = 1_800_000_000_000
TERMS = {"passage": 30, "sign": 400, "operations": 90}
KINDS = (
    "passage.recorded",
    "verdict.given",
    "sign.motion",
    "visit.made",
    "device.silent",
    "incident.opened",
    "person.registered",
)


@pytest.fixture
def replica(journal: Journal) -> Journal:
    """Something of each kind, heard from others 100 days ago and yesterday."""
    feed = Feed("jinxiu", 1)
    for days in (100, 1):
        journal.absorb([feed.item(kind, {"n": days}, "p-wang", from_ms(NOW - days * DAY_MS)) for kind in KINDS])
    return journal


def kept(journal: Journal) -> list[tuple[str, int]]:
    return [(f.envelope.kind, f.payload["n"]) for f in journal.facts() if f.payload is not None]


def test_what_is_over_goes_and_the_envelope_stays(replica: Journal) -> None:
    assert let_go(replica, TERMS, NOW) == 3
    gone = {("passage.recorded", 100), ("verdict.given", 100), ("device.silent", 100)}
    assert kept(replica) == [(kind, days) for days in (100, 1) for kind in KINDS if (kind, days) not in gone]
    assert len(replica.facts()) == 2 * len(KINDS)
    assert let_go(replica, TERMS, NOW) == 0


def test_a_picture_of_a_visit_goes_with_the_signs_of_life_and_what_nobody_is_the_subject_of_with_operations(
    journal: Journal,
) -> None:
    feed, old = Feed("jinxiu", 1), from_ms(NOW - 401 * DAY_MS)
    journal.absorb([feed.item("photo.taken", {"n": n}, "p-wang", from_ms(NOW - n * DAY_MS)) for n in (401, 399)])
    journal.absorb(
        [feed.item("journal.altered", {"n": 401}, None, old), feed.item("person.registered", {"n": 1}, "p", old)]
    )
    assert let_go(journal, TERMS, NOW) == 2
    assert kept(journal) == [("photo.taken", 399), ("person.registered", 1)]


def test_what_is_written_of_the_erased_afterwards_goes_within_the_hour_sent_or_not(journal: Journal) -> None:
    """A page that stood open at the desk; the district keeps nothing of it, nor do we where it was put aside there."""
    feed = Feed("jinxiu", 1)
    journal.absorb([feed.item(ERASED, {"by": "chief"}, "p-wang", from_ms(NOW))])
    for subject in ("p-wang", "p-zhang"):
        journal.append("visit.made", {"n": 1}, subject=subject, at=NOW - DAY_MS + 1)  # by a clock that is behind
    assert let_go(journal, {}, NOW) == 1
    assert [(f.envelope.kind, f.envelope.subject) for f in journal.facts() if f.payload is not None] == [
        (ERASED, "p-wang"), ("visit.made", "p-zhang"),
    ]  # fmt: skip


def test_nobody_is_erased_by_a_fact_of_this_node_which_the_district_has_not_taken(journal: Journal) -> None:
    journal.append("visit.made", {"n": 1}, subject="p-wang")
    journal.append(ERASED, {"by": "chief"}, subject="p-wang")
    assert let_go(journal, {}, NOW) == 0


@pytest.mark.parametrize("terms", [{}, {"photographs": 1}])
def test_without_a_word_of_the_district_nothing_goes(replica: Journal, terms: Mapping[str, int]) -> None:
    assert let_go(replica, terms, NOW) == 0


def test_what_has_not_been_sent_stays_until_it_has(journal: Journal) -> None:
    fact = journal.append("visit.made", {"n": 500}, subject="p-wang", at=NOW - 500 * DAY_MS)
    assert let_go(journal, TERMS, NOW) == 0
    journal.acknowledged(fact.envelope.seq)
    assert let_go(journal, TERMS, NOW) == 1


def test_a_great_deal_goes_in_slices_that_leave_others_room(journal: Journal) -> None:
    feed, sizes = Feed("jinxiu", 1), list[int]()
    journal.absorb(
        [feed.item("passage.recorded", {"n": n}, "p-wang", from_ms(NOW - 40 * DAY_MS)) for n in range(SLICE + 20)]
    )
    journal.on_change(lambda facts: sizes.append(len(facts)))
    assert let_go(journal, TERMS, NOW) == SLICE + 20
    assert max(sizes) <= SLICE
