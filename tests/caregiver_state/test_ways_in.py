"""Cards, PINs and passes as the desk folds them."""

from datetime import date, datetime, time, timedelta, timezone

import pytest

from caregiver.residents.access import PassForm, new_pin
from caregiver.residents.pass_words import for_maker, for_visitor, made
from caregiver.residents.ways_in import Told, WaysIn, told_of, ways_in
from caregiver.state import AppState
from domain.errors import Mendable
from offline.letters.access_orders import (
    APPLIED,
    CARD_ISSUED,
    CARD_ORDERED,
    CARD_REVOKED,
    LOST,
    PASS_ISSUED,
    PIN_CLEARED,
    PIN_ORDERED,
    PIN_SET,
)
from qtkit.i18n import Language

ZONE = timezone(timedelta(hours=8))
TODAY = date(2026, 11, 23)
GATES = ("north", "south")


def fold(*facts: Told) -> WaysIn:
    return ways_in(facts, GATES)


def card(id: str = "c1", gates: tuple[str, ...] = GATES, **more: object) -> Told:
    return Told(
        f"f-{id}", CARD_ORDERED, "district", 1, {"card": id, "sealed": dict.fromkeys(gates, "x"), "by": "s", **more}
    )


def done(order: str, gate: str, refused: str = "") -> Told:
    return Told(f"r-{order}-{gate}", APPLIED, gate, 2, {"order": order, "refused": refused})


def test_a_card_is_pending_until_each_gate_it_was_sealed_for_has_answered() -> None:
    [one] = fold(card(), done("f-c1", "north")).cards
    assert (one.state(TODAY), one.given.waits) == ("pending", ("south",))
    [both] = fold(card(), done("f-c1", "north"), done("f-c1", "south")).cards
    assert both.state(TODAY) == "good"
    [gone] = ways_in([card(), done("f-c1", "north")], ["north"]).cards
    assert gone.state(TODAY) == "good", "a gate out of service is not waited for"
    [refused] = fold(card(), done("f-c1", "north"), done("f-c1", "south", "seal_broken")).cards
    assert (refused.state(TODAY), dict(refused.given.refused)) == ("refused", {"south": "seal_broken"})


def test_a_blocked_card_is_ending_until_every_gate_knows_whichever_fact_came_first() -> None:
    lost = Told("b", CARD_REVOKED, "desk", 3, {"card": "c1", "why": LOST, "by": "s"})
    for facts in ((card(), lost), (lost, card())):
        [one] = fold(*facts).cards
        assert (one.state(TODAY), one.why) == ("ending", LOST)
    [one] = fold(card(), lost, done("b", "north"), done("b", "south")).cards
    assert one.state(TODAY) == "ended"


def test_a_card_of_a_gates_own_terminal_is_listed_and_may_be_ended_and_given_again() -> None:
    own = Told("i", CARD_ISSUED, "north", 1, {"digest": "d1"})
    ended = Told("e", CARD_REVOKED, "desk", 2, {"digest": "d1", "why": "ended"})
    [one] = fold(own).cards
    assert (one.terminal, one.state(TODAY)) == (True, "good")
    assert fold(own, ended).cards[0].state(TODAY) == "ending"
    assert fold(own, ended, own).cards[0].state(TODAY) == "good"
    stolen = Told("t", CARD_ISSUED, "south", 3, {"digest": "d1"})
    assert fold(own, ended, stolen).cards[0].state(TODAY) == "ending", "a digest is one gate's, and no other's word"
    [ordered] = fold(card(), Told("j", CARD_ISSUED, "north", 2, {"digest": "d2", "card": "c1"})).cards
    assert not ordered.terminal, "a gate's answer to an order is no card of its own"


def test_a_card_for_a_time_runs_out() -> None:
    [one] = fold(card(last_day="2026-11-22")).cards
    assert one.state(TODAY) == "expired"


def test_the_last_word_on_a_pin_counts() -> None:
    new = Told("n", PIN_ORDERED, "district", 1, {"pin": "n1", "sealed": dict.fromkeys(GATES, "x")})
    gates_own = Told("s", PIN_SET, "north", 2, {"hash": "h", "pin": "n1"})
    found = fold(new, gates_own, done("n", "north"))
    assert found.pin is not None
    assert (found.pin_set, found.pin.waits) == (True, ("south",))
    cleared = fold(new, Told("c", PIN_CLEARED, "desk", 3, {"by": "s"}))
    assert cleared.pin is not None
    assert (cleared.pin_set, cleared.pin.waits) == (False, GATES)


def test_a_pass_is_early_good_and_expired() -> None:
    told = {"pass": "v1", "kind": "once", "not_before": 100, "expires": 200, "days": [], "start": 0, "end": 1440}
    [one] = fold(Told("p", PASS_ISSUED, "district", 1, told)).passes
    assert [one.state(at) for at in (99, 100, 199, 200)] == ["early", "good", "good", "expired"]


@pytest.mark.parametrize(
    ("form", "begins", "ends"),
    [
        (PassForm("once", TODAY, TODAY, time(9), time(18)), "2026-11-23T09:00", "2026-11-23T18:00"),
        (PassForm("once", TODAY, TODAY, time(9), time(0)), "2026-11-23T09:00", "2026-11-24T00:00"),
        (
            PassForm("weekly", TODAY, date(2026, 12, 20), time(8), time(12), (0, 2)),
            "2026-11-23T00:00",
            "2026-12-21T00:00",
        ),
    ],
)
def test_a_pass_begins_and_ends_by_the_clock_of_the_place(form: PassForm, begins: str, ends: str) -> None:
    asked = form.asked(datetime(2026, 11, 23, 8, tzinfo=ZONE))
    spoken = [
        datetime.fromtimestamp(asked[key], ZONE).isoformat(timespec="minutes")[:16] for key in ("not_before", "expires")
    ]
    assert spoken == [begins, ends]
    if form.kind == "weekly":
        assert (asked["days"], asked["start"], asked["end"]) == ([0, 2], 480, 720)


@pytest.mark.parametrize(
    ("form", "code"),
    [
        (PassForm("once", TODAY, TODAY, time(8), time(20)), "access_pass_over"),  # it is 23:19
        (PassForm("once", TODAY, date(2026, 11, 22), time(8), time(20)), "access_pass_backwards"),
        (PassForm("once", TODAY, TODAY, time(20), time(8)), "access_pass_backwards"),
        (PassForm("weekly", TODAY, date(2026, 12, 20), time(20), time(8), (0,)), "access_pass_overnight"),
        (PassForm("weekly", TODAY, date(2026, 11, 25), time(8), time(20), (6,)), "access_pass_never"),
        (
            PassForm("weekly", TODAY, date(2026, 11, 24), time(8), time(20), (0,)),
            "access_pass_never",
        ),  # its Monday is over
        (PassForm("weekly", TODAY, date(2026, 11, 22), time(8), time(20)), "access_pass_backwards"),
    ],
)
def test_a_pass_that_would_open_nothing_is_not_made(form: PassForm, code: str) -> None:
    with pytest.raises(Mendable, match=code):
        form.asked(datetime(2026, 11, 23, 23, 19, tzinfo=ZONE))


def test_new_pins_are_digits_that_a_gate_takes() -> None:
    from kiosk.credentials.pins import Pins

    pins = Pins(b"pepper", memory_kib=64, passes=1)
    made = {new_pin() for _ in range(50)}
    assert len(made) > 45
    for pin in made:
        assert pins.matches(pins.hash(pin), pin)


def test_what_is_erased_is_folded_no_more(state: AppState) -> None:
    person = state.elders.board.rows()[0].id
    state.journal.append(CARD_REVOKED, {"card": "c1", "by": "s"}, subject=person)
    state.journal.append("sign.door", {"open": True}, subject=person)
    assert [t.kind for t in told_of(state.reader, person)] == [CARD_REVOKED]
    state.journal.erase(f.envelope.id for f in state.journal.facts(CARD_REVOKED))
    assert told_of(state.reader, person) == []


@pytest.mark.parametrize("hour", [9, 20])
def test_whoever_makes_a_pass_reads_when_it_opens_and_that_it_does_not_yet(hour: int) -> None:
    tongue = Language("en")
    now = datetime(2026, 11, 23, hour, 40, tzinfo=ZONE)
    tomorrow = TODAY + timedelta(days=1)
    later = PassForm("once", tomorrow, tomorrow, time(8), time(20))
    assert for_maker(tongue, later, now) == "Opens the gate: tomorrow 08:00–20:00. Not before."
    assert "from tomorrow 08:00 on" in made(tongue, later, now)
    tonight = PassForm("once", TODAY, tomorrow, time(8), time(9))
    assert for_maker(tongue, tonight, now) == "Opens the gate: today 08:00 – 11-24 09:00."
    assert "from" not in made(tongue, tonight, now)


def test_a_weekly_pass_opens_next_on_its_next_day_and_the_visitor_reads_on_which() -> None:
    form = PassForm("weekly", TODAY, date(2026, 12, 20), time(8), time(0), (0, 2))  # the 23rd is a Monday
    assert form.opens(datetime(2026, 11, 24, 9, tzinfo=ZONE)) == datetime(2026, 11, 25, 8, tzinfo=ZONE)
    assert for_visitor(Language("en"), form) == "Mon Wed 08:00–24:00 · 2026-11-23 – 2026-12-20"
