"""The kiosks of a community's gates as sources: one that sees keeps the watch, one that cannot recognise anybody shows nobody."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from domain.events import to_ms
from domain.watched import FOREVER, unseen
from offline.letters.gate_card import GATE_DESCRIBED, GATE_REMOVED
from watch.ledger import Seen
from watch.signs import FACES_BACK, FACES_LOST, KIOSK_SILENT, REGISTERED, REMOVED, kiosks, sources

T0 = datetime(2026, 11, 28, 6, tzinfo=UTC)
NORTH, SOUTH = "k-north", "k-south"
_NUMBERS = count(1)


def at(minute: int) -> datetime:
    return T0 + timedelta(minutes=minute)


def told(
    kind: str, minute: int, subject: str | None = None, device: str = "district", trusted: bool = True, late: int = 0,
    **payload: Any,
) -> Seen:  # fmt: skip
    n = next(_NUMBERS)
    said, came = to_ms(at(minute)), to_ms(at(minute + late))
    return Seen(n, f"f{n}", kind, "jinxiu", subject, said, came, trusted, payload, "", device)


def described(kiosk: str) -> Seen:
    return told(GATE_DESCRIBED, 0, device=kiosk)


def silent(kiosk: str, since: int, on: bool = True) -> Seen:
    return told(KIOSK_SILENT, since, kiosk, silent=on, since=to_ms(at(since)))


def lost(kiosk: str, since: int, **more: Any) -> Seen:
    return told(FACES_LOST, since + 10, kiosk, kiosk, since=to_ms(at(since)), **more)


def back(kiosk: str, minute: int, **more: Any) -> Seen:
    return told(FACES_BACK, minute, kiosk, kiosk, **more)


def test_a_second_gate_that_is_heard_keeps_the_watch_over_those_of_a_silent_one() -> None:
    assert unseen(kiosks([described(NORTH), described(SOUTH), silent(SOUTH, 5)])) == []
    assert unseen(kiosks([described(SOUTH), silent(SOUTH, 5)])) == [(at(5), FOREVER)]
    gone = replace(told(GATE_REMOVED, 6), payload={"device": NORTH})
    assert unseen(kiosks([described(NORTH), described(SOUTH), silent(SOUTH, 5), gone])) == [(at(5), FOREVER)]


def test_that_a_gate_recognises_nobody_is_its_own_word_alone() -> None:
    by_another = replace(lost(SOUTH, 20), device=NORTH)
    assert unseen(kiosks([described(SOUTH), by_another])) == []
    assert unseen(kiosks([described(SOUTH), lost(SOUTH, 20), replace(back(SOUTH, 90), device="a hub")])) == [
        (at(20), at(90))
    ], "and that it does again is heard of whoever hands it on"


def test_a_gate_that_recognises_nobody_shows_nobody_from_when_that_began_until_it_is_over() -> None:
    (south,) = kiosks([described(SOUTH), lost(SOUTH, 20), lost(SOUTH, 25), back(SOUTH, 90), lost(SOUTH, 200)])
    assert south.spans() == [(at(20), at(90)), (at(200), FOREVER)]
    assert south.kiosk, "its trouble calls a technician to the gate, and nobody to a home"


def test_silence_and_blindness_of_one_kiosk_add_up() -> None:
    (south,) = kiosks(
        [described(SOUTH), lost(SOUTH, 20), silent(SOUTH, 60), silent(SOUTH, 120, on=False), back(SOUTH, 130)]
    )
    assert south.spans() == [(at(20), at(130))]


def test_a_kiosk_whose_clock_nobody_can_correct_is_blind_from_when_its_word_came() -> None:
    (south,) = kiosks(
        [lost(SOUTH, -900_000, trusted=False, late=900_030), back(SOUTH, -800_000, trusted=False, late=800_090)]
    )
    assert south.spans() == [(at(40), at(90))]


def test_a_silence_that_is_over_is_over_though_an_older_one_is_given_back_meanwhile() -> None:
    """Else whoever is awaited at that gate alone was watched by nobody from then on."""
    older = [silent(SOUTH, 5), silent(SOUTH, 20, on=False)]
    (south,) = kiosks([described(SOUTH), silent(SOUTH, 60), *older, silent(SOUTH, 90, on=False)])
    assert south.spans() == [(at(5), at(20)), (at(60), at(90))]


GONE_AND_BACK = [
    described(NORTH), described(SOUTH), lost(SOUTH, 2), back(SOUTH, 30), silent(SOUTH, 40), lost(SOUTH, 50),
    replace(told(GATE_REMOVED, 65), payload={"device": NORTH}), silent(SOUTH, 70, on=False), back(SOUTH, 80),
    silent(SOUTH, 90),
]  # fmt: skip


@given(st.permutations(GONE_AND_BACK))
def test_kiosks_are_the_same_in_whatever_order_what_is_said_of_them_comes(facts: list[Seen]) -> None:
    (south,) = kiosks(facts)
    assert south.spans() == [(at(2), at(30)), (at(40), at(80)), (at(90), FOREVER)]


def test_an_older_word_that_comes_late_takes_no_device_out_of_a_home_and_puts_none_there() -> None:
    def word(kind: str, minute: int, device: str) -> Seen:
        return replace(told(kind, minute, "p1"), payload={"device": device, "kind": "motion"})

    stands = [word(REMOVED, 5, "b3"), word(REGISTERED, 9, "b3")]
    gone = [word(REGISTERED, 5, "b4"), word(REMOVED, 9, "b4")]
    assert [s.id for s in sources([*reversed(stands), *reversed(gone)])] == ["b3"]


def blind(minute: int, by: str, sees: int | None = None) -> Seen:
    """That a device could not be heard since `minute`, or that it is heard at `sees`."""
    word = told("device.blind", minute if sees is None else sees, "p1", by)
    return replace(word, payload={"device": "b3", "blind": sees is None, "since": to_ms(at(minute))})


STANDS = replace(told(REGISTERED, 0, "p1"), payload={"device": "b3", "kind": "motion"})


@given(st.permutations([STANDS, blind(5, "district"), blind(7, "district"), blind(7, "district", sees=20)]))
def test_a_server_that_was_put_back_and_told_of_one_silence_twice_ends_it_once(facts: list[Seen]) -> None:
    (device,) = sources(facts)
    assert sorted(device.gaps) == [(at(5), at(20)), (at(7), at(20))]


@given(st.permutations([STANDS, blind(5, "hub"), blind(7, "district"), blind(7, "district", sees=20)]))
def test_what_the_district_says_of_a_silent_hub_ends_no_silence_that_the_hub_has_told_of(facts: list[Seen]) -> None:
    (device,) = sources(facts)
    assert sorted(device.gaps, key=lambda gap: gap[0]) == [(at(5), None), (at(7), at(20))]
