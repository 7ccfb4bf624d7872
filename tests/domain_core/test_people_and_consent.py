from dataclasses import replace
from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from domain.consent import Consent, ConsentEvent, Purpose, ledger, may_consent
from domain.people import Profile, new_person_id


def event(given_: bool, stamp: int, purpose: Purpose = Purpose.FACE_AT_GATE) -> ConsentEvent:
    return ConsentEvent("p1", purpose, given_, "2026-1", "p1", stamp, (f"{stamp:04}", "gate-1", stamp))


def test_the_screen_greets_by_family_name_and_title_only() -> None:
    wang = Profile("王", "秀兰", title_zh="奶奶", title_en="Mrs", flat="3-2-501")
    assert wang.greeting("zh") == "王奶奶"
    assert wang.greeting("en") == "Mrs 王"
    assert wang.full_name == "王秀兰"
    assert Profile("Obama", "Barack").full_name == "Barack Obama"
    assert Profile("", "Barack").full_name == "Barack"
    assert Profile("𠀀", "明").full_name == "𠀀明", "a rare surname, beyond the basic plane"
    assert Profile("O王", "明").full_name == "O王明"


def test_pseudonyms_do_not_repeat() -> None:
    assert len({new_person_id() for _ in range(1000)}) == 1000


def test_consent_holds_from_its_grant_until_its_withdrawal_and_each_purpose_stands_alone() -> None:
    given_, withdrawn = event(True, 1), event(False, 2)
    other = event(True, 1, Purpose.HOME_MONITORING)
    assert ("p1", Purpose.FACE_AT_GATE) in ledger([given_])
    assert set(ledger([given_, withdrawn, other])) == {("p1", Purpose.HOME_MONITORING)}
    assert set(ledger([given_, withdrawn, event(True, 3)])) == {("p1", Purpose.FACE_AT_GATE)}


def test_a_withdrawal_of_the_same_moment_wins() -> None:
    assert ledger([event(False, 5), event(True, 5)]) == {}


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 3)), max_size=5))
def test_the_ledger_does_not_depend_on_the_order_of_arrival(lines: list[tuple[bool, int]]) -> None:
    events = [event(g, s) for g, s in lines]
    assert len({frozenset(ledger(p)) for p in permutations(events)}) == 1


def test_a_grant_stands_against_the_withdrawals_it_knew_of_and_no_other_whatever_the_clocks_say() -> None:
    known, unheard = replace(event(False, 8), id="w1"), replace(event(False, 9), id="w2")
    grant = replace(event(True, 7), after=frozenset({"w1"}))
    late = replace(event(True, 99), after=frozenset({"w1"}))
    assert ledger([known, grant]) != {}
    assert ledger([known, unheard, grant]) == {}
    assert ledger([known, unheard, late]) == {}, (
        "given by a clock far ahead, and in no knowledge of the second withdrawal"
    )


def test_a_child_needs_the_guardian() -> None:
    assert not may_consent(13, by_guardian=False)
    assert may_consent(13, by_guardian=True)
    assert may_consent(14, by_guardian=False)


def test_of_two_consents_that_hold_the_newer_says_to_which_version_and_since_when() -> None:
    told = [
        ConsentEvent("p1", Purpose.FACE_AT_GATE, True, v, "p1", at, (f"{at:04}", "gate-1", at))
        for v, at in (("2026-1", 1), ("2027-1", 9))
    ]
    for order in (told, told[::-1]):
        assert ledger(order)[("p1", Purpose.FACE_AT_GATE)] == Consent("2027-1", "p1", 9)
