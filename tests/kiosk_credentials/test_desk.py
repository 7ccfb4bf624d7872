from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Mendable
from domain.passages import Direction, Group, Method
from kiosk.credentials.desk import Desk, card_digest
from kiosk.credentials.pass_reader import codes
from kiosk.credentials.pins import Attempts, Pins, Tally
from kiosk.credentials.port import CardHolder, Presented
from kiosk.visit.events import CredentialAccepted, CredentialRefused, StaffAccepted
from offline.letters.passes import Kind, Pass, Unreadable, issue, minutes, new_pass_id, read
from tests.fakes.books import MemoryBooks
from tests.fakes.readers import picture_of

NOW = datetime(2026, 11, 23, 9, 41, tzinfo=timezone(timedelta(hours=8)))

KEY, STRANGER = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
PINS = Pins(b"pepper", memory_kib=64, passes=1)
CARD_KEY = b"card key"


@pytest.fixture
def books() -> MemoryBooks:
    return MemoryBooks()


@pytest.fixture
def desk(books: MemoryBooks) -> Desk:
    keys = [KEY.public_key()]
    return Desk(("jinxiu", "south"), books, books, books, lambda: keys, PINS, Attempts(), CARD_KEY)


def passed(**changes: object) -> Pass:
    plain: dict[str, Any] = {
        "id": "v1", "community": "jinxiu", "person_id": "p-helper", "group": Group.VISITOR, "kind": Kind.ONCE,
        "not_before": int(NOW.timestamp()) - 60, "expires": int(NOW.timestamp()) + 3600,
    }  # fmt: skip
    return Pass(**(plain | changes))


def show(desk: Desk, text: str, now: datetime = NOW) -> CredentialAccepted | CredentialRefused:
    return desk.present(Presented(Method.QR, text), now)


# ---------------------------------------------------------------- cards


def test_a_card_is_its_holders_however_the_reader_writes_it(desk: Desk, books: MemoryBooks) -> None:
    books.cards[card_digest("04a1b2c3", CARD_KEY)] = CardHolder("p-li")
    for written in ("04A1B2C3", "04:a1:b2:c3", "0004A1B2C3"):
        answer = desk.present(Presented(Method.CARD, written, Direction.OUT), NOW)
        assert isinstance(answer, CredentialAccepted)
        assert (answer.person_id, answer.side) == ("p-li", Direction.OUT)
        assert "A1B2" not in answer.reference.upper()


def test_unknown_and_expired_cards_are_refused(desk: Desk, books: MemoryBooks) -> None:
    books.cards[card_digest("77", CARD_KEY)] = CardHolder("p-li", last_day=date(2026, 11, 22))
    refusals = [desk.present(Presented(Method.CARD, number), NOW) for number in ("123456", "77")]
    assert [r.why for r in refusals if isinstance(r, CredentialRefused)] == ["card_unknown", "card_expired"]
    assert desk.present(Presented(Method.CARD, "77"), NOW - timedelta(days=1)) == CredentialAccepted(
        Method.CARD, "p-li", card_digest("77", CARD_KEY)[:12], card=card_digest("77", CARD_KEY)
    )


# ---------------------------------------------------------------- passes


def test_a_pass_shown_to_the_camera_opens_for_its_holder(desk: Desk) -> None:
    text = issue(passed(), KEY)
    assert codes(picture_of(text, scale=5)) == [text]
    answer = show(desk, text)
    assert answer == CredentialAccepted(Method.QR, "p-helper", "v1", group=Group.VISITOR, once=True)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"community": "elsewhere"}, "pass_elsewhere"),
        ({"gates": ("north",)}, "pass_elsewhere"),
        ({"expires": int(NOW.timestamp())}, "pass_expired"),
        ({"not_before": int(NOW.timestamp()) + 1}, "pass_early"),
        ({"id": "used"}, "pass_used"),
        ({"kind": Kind.WEEKLY, "days": (1,)}, "pass_hours"),
        ({"kind": Kind.WEEKLY, "days": (0,), "end": minutes(time(9, 41))}, "pass_hours"),
        ({"kind": Kind.WEEKLY, "days": (0,), "start": minutes(time(9, 41))}, ""),
        ({"gates": ("north", "south")}, ""),
    ],
)
def test_when_and_where_a_pass_is_good(desk: Desk, books: MemoryBooks, changes: dict[str, object], why: str) -> None:
    books.used.add("used")
    answer = show(desk, issue(passed(**changes), KEY))
    assert (answer.why if isinstance(answer, CredentialRefused) else "") == why


def test_a_pass_of_another_key_or_meaning_is_unreadable(desk: Desk) -> None:
    for text in (issue(passed(), STRANGER), "SW1", "SW1!!!!", "https://example.org", issue(passed(), KEY)[:-9]):
        assert show(desk, text) == CredentialRefused(Method.QR, "pass_unreadable")


@given(st.integers(min_value=3), st.integers(1, 31))
def test_a_pass_with_one_changed_character_is_unreadable(at: int, by: int) -> None:
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
    text = issue(passed(), KEY)
    at = 3 + at % (len(text) - 4)  # the last character may hold bits that mean nothing
    changed = text[:at] + alphabet[(alphabet.index(text[at]) + by) % 32] + text[at + 1 :]
    with pytest.raises(Unreadable):
        read(changed, [KEY.public_key()])


def test_a_one_time_pass_is_spent_once_it_has_opened_whatever_becomes_of_the_record(desk: Desk) -> None:
    text = issue(passed(), KEY)
    assert isinstance(show(desk, text), CredentialAccepted)
    desk.spend("v1")
    assert show(desk, text) == CredentialRefused(Method.QR, "pass_used", "v1")


def test_ids_of_passes_tell_nothing() -> None:
    assert len({new_pass_id() for _ in range(100)}) == 100


# ---------------------------------------------------------------- PINs


def test_a_pin_tells_who_of_the_flat(desk: Desk, books: MemoryBooks) -> None:
    books.flats["32501"] = [("p-li", PINS.hash("9081")), ("p-wang", PINS.hash("4417"))]
    assert desk.pin("32501", "4417", NOW) == CredentialAccepted(Method.PIN, "p-wang", "")
    assert desk.pin("32502", "4417", NOW) == CredentialRefused(Method.PIN, "pin_wrong", "32502", 0)


def test_after_three_wrong_tries_the_flat_waits_ever_longer(desk: Desk, books: MemoryBooks) -> None:
    books.flats["32501"] = [("p-li", PINS.hash("9081"))]
    waits, now = [], NOW
    for _ in range(6):
        answer = desk.pin("32501", "0000", now)
        assert isinstance(answer, CredentialRefused)
        waits.append(answer.wait_s)
        now += timedelta(seconds=answer.wait_s)
    assert waits == [0, 0, 30, 60, 120, 240]
    assert desk.pin("32501", "9081", now) == CredentialAccepted(Method.PIN, "p-li", "")
    assert desk.pin("32501", "0000", now) == CredentialRefused(Method.PIN, "pin_wrong", "32501", 0)


def test_while_waiting_even_the_right_pin_is_not_looked_at(desk: Desk, books: MemoryBooks) -> None:
    books.flats["32501"] = [("p-li", PINS.hash("9081"))]
    for _ in range(3):
        desk.pin("32501", "0000", NOW)
    assert desk.pin("32501", "9081", NOW) == CredentialRefused(Method.PIN, "pin_wait", "32501", 30)


def test_one_pin_tried_in_every_flat_stops_the_whole_gate(desk: Desk, books: MemoryBooks) -> None:
    books.flats["own"] = [("p-thief", PINS.hash("7070"))]
    for n in range(12):
        desk.pin(f"flat{n}", "2580", NOW)
        desk.pin("own", "7070", NOW)  # knowing one PIN does not reset the count
    answer = desk.pin("flat99", "2580", NOW)
    assert isinstance(answer, CredentialRefused)
    assert (answer.why, answer.wait_s) == ("pin_wait", 30)


def test_tries_are_forgotten_after_half_a_day_and_survive_a_restart() -> None:
    kept: dict[str, Tally] = {}
    for _ in range(3):
        Attempts(kept).failed("1", NOW)
    assert Attempts(kept).wait("1", NOW) == timedelta(seconds=30)
    assert Attempts(kept).wait("1", NOW + timedelta(hours=13)) == timedelta(0)


def test_no_wait_is_longer_than_a_quarter_of_an_hour() -> None:
    attempts = Attempts()
    for _ in range(200):
        attempts.failed("1", NOW)
    assert attempts.wait("1", NOW) == timedelta(minutes=15)


@pytest.mark.parametrize("weak", ["123", "123456789", "1111", "1234", "8765", "12a4", ""])
def test_weak_pins_are_refused(weak: str) -> None:
    with pytest.raises(Mendable, match="pin_weak"):
        PINS.hash(weak)


def test_a_hash_without_the_kiosks_key_is_worthless() -> None:
    stored = PINS.hash("9081")
    assert PINS.matches(stored, "9081")
    assert not Pins(b"other", memory_kib=64, passes=1).matches(stored, "9081")
    assert not PINS.matches(None, "nobody's")


def test_the_staff_sign_in(desk: Desk, books: MemoryBooks) -> None:
    books.crew.append(("张工", PINS.hash("908172")))
    assert desk.staff("908172", NOW) == StaffAccepted("张工")
    assert desk.staff("908173", NOW) == CredentialRefused(Method.PIN, "staff_wrong", "staff", 0)


def test_times_of_a_pass_are_utc_whatever_the_gates_zone(desk: Desk) -> None:
    text = issue(passed(), KEY)
    assert isinstance(show(desk, text, NOW.astimezone(UTC)), CredentialAccepted)
