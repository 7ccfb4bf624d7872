"""Two people change one plan: the first is taken, the other is told; offline edits build on each other; a crash answers once."""

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from district.ledger import StoreLedger
from district.store.sqlite import SqliteStore
from district.watching.plan_changes import PlanChanges
from domain.consent import Purpose
from domain.events import to_ms
from domain.incident_kinds import Kind
from tests.district_ladder.conftest import District
from watch.ledger import Seen
from watch.plans import NOT_THEIRS, PROPOSED, REFUSED, SET, SUPERSEDED, FactPlans, answer_id

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
HERE = "jinxiu"


class Desks:
    """The district's store, its fold over plans, and what comes from desks."""

    def __init__(self, folder: Path) -> None:
        self.store = SqliteStore(folder / "district.sqlite", "district", lambda: to_ms(NOW))
        self.ledger = StoreLedger(self.store)
        self.strangers: set[str] = set()
        self.now = NOW
        self.restart()

    def restart(self) -> None:
        self.plans = FactPlans()
        self.plans.recall(self.ledger)
        self.changes = PlanChanges(self.ledger, self.plans, lambda fact: fact.payload["by"] not in self.strangers)

    def proposed(self, base: str, by: str = "ann", **plan: Any) -> Seen:
        return self.ledger.add(PROPOSED, {"base": base, "by": by, **plan}, HERE, "p1", to_ms(NOW))

    def tell(self, *facts: Seen) -> None:
        for fact in facts:
            self.plans.heed(fact)
            self.changes.follow(fact, self.now)

    def answers(self) -> list[tuple[str, Any]]:
        told = self.ledger.about("p1", (SET, REFUSED))
        return [(f.kind, f.payload.get("because") or f.payload["revision"]) for f in told]


@pytest.fixture
def desks(tmp_path: Path) -> Iterator[Desks]:
    found = Desks(tmp_path)
    yield found
    found.store.close()


def test_the_first_of_two_changes_is_taken_and_the_other_is_told_what_stands(desks: Desks) -> None:
    first = desks.proposed("", windows=[], language="en")
    desks.tell(first)
    ann = desks.proposed(answer_id(first.id), "ann", return_watch_min=60)
    bo = desks.proposed(answer_id(first.id), "bo", return_watch_min=600)
    desks.tell(ann, bo)
    assert desks.answers() == [(SET, 1), (SET, 2), (REFUSED, SUPERSEDED)]
    plan = desks.plans.plan("p1")
    assert plan is not None
    assert (plan.revision, plan.return_watch) == (2, timedelta(hours=1))
    told = desks.ledger.about("p1", (REFUSED,))[0].payload
    assert (told["proposal"], told["standing"], told["revision"], told["by"]) == (bo.id, answer_id(ann.id), 2, "bo")


def test_changes_made_one_on_the_other_while_offline_are_taken_or_refused_together(desks: Desks) -> None:
    first = desks.proposed("")
    second = desks.proposed(answer_id(first.id), return_watch_min=60)
    rival = desks.proposed("", "bo")
    follows = desks.proposed(answer_id(rival.id), "bo")
    desks.tell(first, rival, second, follows)
    assert desks.answers() == [(SET, 1), (REFUSED, SUPERSEDED), (SET, 2), (REFUSED, SUPERSEDED)]


def test_a_window_drawn_in_the_afternoon_rings_for_no_morning_before_it(tmp_path: Path) -> None:
    district = District(tmp_path)
    windows = [{"id": "w1", "start": "09:00", "end": "11:00", "grace_min": 30}]
    district.tell(PROPOSED, base="", by="ann", windows=windows, backstops=[])  # at 16:00 in Shanghai
    district.tick()
    assert district.incidents() == []
    district.tick(timedelta(hours=19, minutes=31))
    assert district.incident().kind is Kind.MISSED_CHECKIN
    district.close()


def test_a_plan_counts_from_when_it_is_taken_and_a_window_that_changes_its_hours_from_then(desks: Desks) -> None:
    morning = {"id": "w1", "start": "09:00", "end": "11:00"}
    first = desks.proposed("", windows=[morning])
    desks.tell(first)
    begun = desks.plans.plan("p1")
    assert begun is not None
    assert (begun.since, begun.windows[0].since) == (NOW, None)
    desks.now = NOW + timedelta(hours=5)
    evening = {"id": "w2", "start": "18:00", "end": "20:00"}
    kept = {"id": "w1", "start": "09:00:00", "end": "11:00", "grace_min": 60}
    second = desks.proposed(answer_id(first.id), windows=[kept, evening, "noon"])
    desks.tell(second)
    desks.now += timedelta(hours=1)
    third = desks.proposed(answer_id(second.id), windows=[{**morning, "end": "12:00"}, evening])
    desks.tell(third)
    found = [
        (s.payload["since"], [w.get("since") for w in s.payload["windows"]]) for s in desks.ledger.about("p1", (SET,))
    ]
    at = [to_ms(NOW + timedelta(hours=h)) for h in (0, 5, 6)]
    assert found == [(at[0], [None]), (at[0], [None, at[1]]), (at[0], [at[2], at[1]])]


def test_a_change_by_somebody_who_may_not_is_refused_with_the_reason(desks: Desks) -> None:
    desks.strangers = {"gus"}
    desks.tell(desks.proposed("", "gus"))
    assert desks.answers() == [(REFUSED, NOT_THEIRS)]
    assert desks.plans.plan("p1") is None


def test_a_change_that_is_read_again_after_a_crash_is_answered_once(desks: Desks) -> None:
    first, rival = desks.proposed(""), desks.proposed("", "bo")
    desks.tell(first, rival)
    before = desks.answers()
    desks.restart()
    desks.tell(first, rival)
    assert desks.answers() == before
    assert desks.plans.standing("p1") == (answer_id(first.id), 1)


def test_a_change_that_was_erased_is_not_answered(desks: Desks) -> None:
    erased = Seen(1, "f" * 32, PROPOSED, HERE, "p1", 0, 0, True, {})
    desks.tell(erased)
    assert desks.answers() == []


WORDS = [
    ("consent.given", "g0", []), ("consent.withdrawn", "w1", None), ("consent.given", "g1", ["w1"]),
    ("consent.withdrawn", "w2", None),
]  # fmt: skip


@given(st.permutations(WORDS[:3]), st.booleans())
def test_consent_holds_the_same_in_whatever_order_its_words_come(words: list[Any], again: bool) -> None:
    """Agreed, withdrawn, agreed in the knowledge of that; and where it is withdrawn once more, nothing holds."""
    plans, count = FactPlans(), itertools.count(1)
    plans.heed(Seen(0, "plan", SET, HERE, "p1", 0, 0, True, {"revision": 1}))
    for kind, id, after in [*words, *([WORDS[3]] if again else []), *words]:
        payload: dict[str, Any] = {"purpose": "home_monitoring"}
        if after is not None:
            payload["after"] = after
        plans.heed(Seen(next(count), id, kind, HERE, "p1", 0, 0, True, payload))
    plan = plans.plan("p1")
    assert plan is not None
    assert (Purpose.HOME_MONITORING in plan.consents) is not again
