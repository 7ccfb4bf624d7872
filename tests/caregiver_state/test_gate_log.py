"""The gate log over a real replica: keys, filters, verdicts, figures."""

import csv
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets.words import LANGUAGES, catalogue
from caregiver.gatelog.log import GateFilter, Passage, export, figures, labelled, page, waiting
from caregiver.gatelog.rates import exact
from caregiver.invented import Feed
from caregiver.memory.reading import Reader
from caregiver.state import AppState
from domain.passages import Method, Ruling
from domain.verdicts import VERDICTS
from kiosk.passages.facts import passage_payload
from kiosk.visit.effects import GateDid
from tests.fakes.gate_records import DECISION
from tests.fakes.gate_records import passage as gate_passage


def test_pages_by_key_meet_every_passage_once(state: AppState) -> None:
    seen, before = [], None
    while rows := page(state.reader, GateFilter(), before, limit=37):
        seen += [p.fact for p in rows]
        before = (rows[-1].at, rows[-1].fact)
    assert len(seen) == len(set(seen)) == 600


@pytest.mark.parametrize(
    ("field", "value"), [("gate", "gate-south"), ("method", "card"), ("outcome", "unknown"), ("reason", "no_match")]
)
def test_a_filter_shows_only_and_all_of_its_kind(state: AppState, field: str, value: str) -> None:
    wanted: dict[str, Any] = {field: value}
    rows = page(state.reader, GateFilter(**wanted), limit=1000)
    assert {getattr(p, field) for p in rows} == {value}
    assert len(rows) == state.reader.value(f"SELECT count(*) FROM gatelog_passages WHERE {field} = ?", (value,))


def also(state: AppState, p: Passage, verdict: str, by: str = "p-other") -> None:
    """Another reader's verdict, come down the feed as theirs."""
    id = state.reader.value("SELECT id FROM facts WHERE rowid = ?", (p.fact,))
    state.journal.append("verdict.given", {"passage": id, "by": by, "verdict": verdict})


def test_only_what_two_readers_agree_on_counts_and_a_third_decides_between_them(state: AppState) -> None:
    face = page(state.reader, GateFilter(method="face", outcome="identified"), limit=10)
    for p in face:
        state.review.judge(p, "right")
    assert figures(state.reader).fnir.trials == 0, "one reader settles nothing"
    also(state, face[0], "wrong_person")
    for p in face[1:5]:
        also(state, p, "right")
    found = figures(state.reader)
    assert (found.reviewed, found.settled, found.disputed) == (10, 4, 1)
    assert (found.fnir.errors, found.fnir.trials) == (0, 4)
    assert [p.fact for p in page(state.reader, GateFilter(review="disputed"))] == [face[0].fact]
    also(state, face[0], "wrong_person", "p-third")
    found = figures(state.reader)
    assert (found.settled, found.disputed, found.fnir.errors, found.fnir.trials) == (5, 0, 1, 5)
    assert len(page(state.reader, GateFilter(review="settled"))) == 5


def test_a_reader_is_shown_no_verdict_but_their_own_until_it_is_settled(state: AppState) -> None:
    p = page(state.reader, GateFilter(method="face"), limit=1)[0]
    also(state, p, "attack")
    mine = GateFilter(review="mine", reader="p-me")
    [waiting_] = page(state.reader, mine)
    assert (waiting_.seen_by("p-me"), waiting_.settled) == ((), "")
    assert waiting(state.reader, "p-me") == 1
    assert waiting(state.reader, "p-other") == 0, "nobody reads twice"
    also(state, p, "right", "p-me")
    [disputed] = page(state.reader, GateFilter(review="disputed"))
    assert disputed.seen_by("p-me") == (("p-me", "right"),)
    assert not disputed.open_to("p-me")
    assert disputed.open_to("p-third")
    also(state, p, "right", "p-third")
    [settled] = page(state.reader, GateFilter(review="settled"))
    assert len(settled.seen_by("p-me")) == 3
    assert not settled.open_to("p-fourth")
    assert page(state.reader, mine) == []


def test_not_this_person_tightens_that_residents_margin_and_stores_no_stranger(state: AppState) -> None:
    p = page(state.reader, GateFilter(method="face", outcome="identified"), limit=1)[0]
    state.review.judge(p, "wrong_person")
    tightened = state.journal.facts("margin.tightened")
    assert [f.envelope.subject for f in tightened] == [p.person]
    assert set(tightened[0].payload or {}) == {"passage", "by"}


def margins(state: AppState) -> list[tuple[str, bool]]:
    """What the kiosks were told: the end of each kind, and whether it speaks for all readers."""
    facts = [f for f in state.journal.facts() if f.envelope.kind.startswith("margin.")]
    return [(f.envelope.kind.partition(".")[2], "settled" in (f.payload or {})) for f in facts]


def test_whoever_used_a_residents_card_says_nothing_of_the_residents_face(state: AppState) -> None:
    card = next(p for p in page(state.reader, GateFilter(method="card"), limit=99) if p.person)
    state.review.judge(card, "stranger_in")
    assert margins(state) == []


def test_readers_who_settle_that_it_was_the_resident_end_the_doubt(state: AppState) -> None:
    p = page(state.reader, GateFilter(method="face", outcome="identified"), limit=1)[0]
    also(state, p, "wrong_person")
    also(state, p, "right", "p-second")
    state.review.judge(p, "right")
    assert margins(state) == [("released", True)]
    state.review.judge(p, "")
    assert margins(state) == [("released", True), ("tightened", False)], "it is disputed again: the safe side"


@pytest.mark.parametrize(
    ("method", "outcome", "fitting"),
    [
        ("face", "identified", {"right", "wrong_person", "stranger_in", "attack", "unsure"}),
        ("face", "unknown", {"right", "resident_refused", "attack", "unsure"}),
        ("card", "", {"right", "wrong_person", "stranger_in", "unsure"}),
    ],
)
def test_only_what_can_be_said_of_a_passage_is_taken(
    state: AppState, method: str, outcome: str, fitting: set[str]
) -> None:
    p = next(p for p in page(state.reader, GateFilter(method=method, outcome=outcome)) if p.person or not p.named)
    assert {verdict for verdict in VERDICTS if p.takes(verdict)} == fitting


def test_what_could_not_be_said_of_a_passage_counts_in_no_rate(state: AppState) -> None:
    """As desks of former versions took it."""
    nobody = page(state.reader, GateFilter(method="face", outcome="unknown"), limit=1)[0]
    for by in ("p-one", "p-two"):
        also(state, nobody, "wrong_person", by)
    found = figures(state.reader)
    assert (found.settled, found.fnir.trials, found.fpir.trials) == (1, 0, 0)


def test_a_verdict_taken_back_releases_the_margin_and_counts_no_more(state: AppState) -> None:
    p = page(state.reader, GateFilter(method="face", outcome="identified"), limit=1)[0]
    state.review.judge(p, "wrong_person")
    state.review.judge(p, "stranger_in")  # still not this person: nothing is tightened twice
    state.review.judge(p, "")
    told = [f.envelope.kind for f in state.journal.facts() if f.envelope.kind.startswith("margin.")]
    assert told == ["margin.tightened", "margin.released"]
    assert page(state.reader, GateFilter(review="open"), limit=1)[0].fact == p.fact
    assert figures(state.reader).reviewed == 0


def test_an_erased_verdict_is_gone_at_once(state: AppState) -> None:
    p = page(state.reader, GateFilter(method="face", outcome="identified"), limit=1)[0]
    state.review.judge(p, "right")
    state.journal.erase(f.envelope.id for f in state.journal.facts("verdict.given"))
    assert figures(state.reader).reviewed == 0


def test_figures_of_a_period_leave_out_what_came_after_it(state: AppState) -> None:
    newest = page(state.reader, GateFilter(method="face"), limit=1)[0]
    state.review.judge(newest, "right")
    assert figures(state.reader, 0, newest.at).reviewed == 0
    assert figures(state.reader, newest.at).reviewed == 1


def test_strangers_and_attacks_count_where_they_should(state: AppState) -> None:
    unknown = page(state.reader, GateFilter(method="face", outcome="unknown"), limit=4)
    named = page(state.reader, GateFilter(method="face", outcome="identified"), limit=2)
    for p, verdict in zip(unknown, ("right", "right", "resident_refused", "attack"), strict=True):
        state.review.judge(p, verdict)
    for p, verdict in zip(named, ("stranger_in", "attack"), strict=True):
        state.review.judge(p, verdict)
        also(state, p, verdict)
    for p, verdict in zip(unknown, ("right", "right", "resident_refused", "attack"), strict=True):
        also(state, p, verdict)
    found = figures(state.reader)
    assert (found.fpir.errors, found.fpir.trials) == (1, 3)
    assert (found.fnir.errors, found.fnir.trials) == (1, 1)
    assert (found.apcer.errors, found.apcer.trials) == (1, 2)


def test_the_labelled_set_leaves_out_whoever_withdrew(state: AppState, tmp_path: Path) -> None:
    from domain.consent import Purpose

    kept, *others = page(state.reader, GateFilter(method="face", outcome="identified"), limit=200)
    gone = next(p for p in others if p.person != kept.person)
    for p in (kept, gone):
        state.review.judge(p, "right")
    state.roster.consent(gone.person or "", Purpose.FACE_AT_GATE, given=False, version="", by="x")
    assert export(state.reader, tmp_path / "set.csv") == 1
    rows = list(csv.DictReader((tmp_path / "set.csv").read_text("utf-8").splitlines()))
    assert rows[0]["verdict"] == "right"
    assert "person" not in rows[0]


def test_exact_intervals_are_those_of_clopper_and_pearson() -> None:
    found = exact(3, 100)  # R: binom.test(3, 100) 0.006229972 0.085176053
    assert found.low == pytest.approx(0.006229972, abs=1e-8)
    assert found.high == pytest.approx(0.085176053, abs=1e-8)
    assert exact(0, 300).high == pytest.approx(1 - 0.025 ** (1 / 300), abs=1e-9)
    with pytest.raises(ValueError, match="errors"):
        exact(5, 3)


@given(st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_an_interval_holds_its_rate(pair: tuple[int, int]) -> None:
    found = exact(*pair)
    assert found.rate is not None
    assert 0 <= found.low <= found.rate <= found.high <= 1


@pytest.mark.parametrize(
    ("changes", "kept_out"),
    [
        ({"ruling": Ruling.OUTSIDE_HOURS, "gate": GateDid.SHUT}, "outside_hours"),
        ({"ruling": Ruling.BLOCKED, "gate": GateDid.SHUT}, "blocked"),
        ({"ruling": Ruling.GRANTED, "gate": GateDid.FAILED}, "gate_failed"),
        ({"ruling": Ruling.GRANTED, "gate": GateDid.OPENED}, ""),
        ({"ruling": Ruling.FIRE, "gate": GateDid.OPENED}, ""),
        ({"gate": GateDid.SHUT, "method": Method.CARD, "decision": None, "refused": "card_unknown"}, "card_unknown"),
    ],
)
def test_whoever_was_known_and_not_let_in_stands_apart_with_the_gates_own_reason(
    state: AppState, changes: dict[str, Any], kept_out: str
) -> None:
    """As a gate records it; before, a face refused by a rule was listed as identified and nothing else."""
    told = passage_payload(gate_passage(**{"decision": DECISION} | changes), "gate-north")
    feed = Feed("jinxiu", 17)
    state.journal.absorb([feed.item("passage.recorded", told, None, state.now() + timedelta(hours=1), "kiosk-17")])
    newest = page(state.reader, GateFilter(gate="gate-north"), limit=1)[0]
    assert newest.kept_out == kept_out
    assert newest.end == ("kept_out" if kept_out else "identified")
    listed = {p.fact for p in page(state.reader, GateFilter(outcome="kept_out"), limit=1000)}
    assert listed == ({newest.fact} if kept_out else set())
    assert newest.fact not in {p.fact for p in page(state.reader, GateFilter(outcome="identified"))} or not kept_out


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_a_gate_may_say_of_a_passage_has_words_at_the_desk(language: str) -> None:
    words = catalogue(language)
    refused = {key.rpartition(".")[2] for key in words if key.startswith("kiosk.refused.")} - {"next", "card_later"}
    for code in refused | (set(Ruling) - {Ruling.GRANTED, Ruling.FIRE}):
        assert f"caregiver.kept_out.{code}" in words
    for did in (GateDid.SHUT, GateDid.OPENED, GateDid.FAILED):
        assert f"caregiver.gate_did.{did}" in words


def test_the_rates_begin_with_the_few_passages_that_were_read(state: AppState, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not with a million that passed: they stand beside every verdict, and the next page waits behind them."""
    plans: list[str] = []
    rows = type(state.reader).rows

    def told(reader: Reader, sql: str, parameters: Any = ()) -> Any:
        plans.append(rows(reader, f"EXPLAIN QUERY PLAN {sql}", parameters)[0][3])
        return rows(reader, sql, parameters)

    monkeypatch.setattr(type(state.reader), "rows", told)
    figures(state.reader, 1, 2)
    list(labelled(state.reader))
    assert [plan.split()[:2] for plan in plans] == [["SCAN", "s"], ["SCAN", "v"]]
