import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from domain.consent import Purpose
from domain.events import from_ms
from domain.passages import Direction
from kiosk.passages.facts import PASSAGE, WELL
from kiosk.passages.habits import habits
from kiosk.residents.known import REMINDER
from offline.letters.block_list import BLOCKED, UNBLOCKED
from offline.roster import ERASED
from tests.fakes.gatehouse import Gatehouse
from tests.fakes.one_page import one_page, withdraws_and_agrees_again
from tests.fakes.waiting import until


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Gatehouse]:
    opened = Gatehouse(tmp_path)
    yield opened
    opened.close()


def test_an_enrolled_resident_is_in_the_gallery_and_greeted_by_family_name(house: Gatehouse) -> None:
    house.enrol("p1", lives_alone=True)
    guest = house.residents.guest("p1")
    assert guest is not None
    assert guest.greeting == {"zh": "王奶奶", "en": "Mrs 王"}
    assert guest.elder
    assert house.galleries[-1] == ["p1"]


def test_an_elder_is_who_lives_alone_is_watched_over_or_is_old(house: Gatehouse) -> None:
    year = datetime.now(UTC).year
    people: dict[str, dict[str, Any]] = {
        "alone": {"lives_alone": True}, "old": {"born": f"{year - 82}-03-02"}, "young": {"born": f"{year - 40}-03-02"},
        "watched": {}, "unknown": {"born": "?"},
    }  # fmt: skip
    for person, told in people.items():
        house.enrol(person, **told)
    house.roster.consent("watched", Purpose.HOME_MONITORING, True, "2026-1", "watched")
    assert house.residents.elders() == {"alone", "old", "watched"}


def test_a_withdrawal_takes_the_template_out_and_erases_it_at_once(house: Gatehouse) -> None:
    house.enrol("p1")
    house.roster.consent("p1", Purpose.FACE_AT_GATE, False, "2026-1", "p1")
    assert house.galleries[-1] == []
    assert house.templates.people() == set()
    assert house.residents.guest("p1") is not None, "a card still opens for them"


def test_whoever_takes_back_the_photos_alone_is_still_known_and_the_photos_are_gone(house: Gatehouse) -> None:
    house.enrol("p-wang")
    house.roster.consent("p-wang", Purpose.ENROLMENT_PHOTOS, True, "2026-1", "p-wang")
    house.roster.consent("p-wang", Purpose.ENROLMENT_PHOTOS, False, "2026-1", "p-wang")
    assert house.templates.photos("p-wang") == []
    assert house.galleries[-1] == ["p-wang"]


def test_a_template_from_before_a_withdrawal_goes_though_a_new_consent_comes_in_the_same_page(
    house: Gatehouse, tmp_path: Path
) -> None:
    """The face that somebody agreed to have kept is the one that they took back; by the new consent they are enrolled anew."""
    house.enrol("p1")
    purposes = (Purpose.FACE_AT_GATE, Purpose.ENROLMENT_PHOTOS)
    house.journal.absorb(one_page(tmp_path / "desk", house.keys, withdraws_and_agrees_again("p1", *purposes)))
    assert house.roster.holds("p1", Purpose.FACE_AT_GATE)
    assert (house.templates.people(), house.galleries[-1]) == (set(), [])


def test_of_a_withdrawal_beside_the_face_the_face_is_left_alone(house: Gatehouse) -> None:
    house.enrol("p1")
    house.roster.consent("p1", Purpose.PASSAGE_PICTURE, False, "2026-1", "p1")
    assert (house.templates.photos("p1"), house.galleries[-1]) == ([b"photo"], ["p1"])


def test_a_gallery_that_was_read_before_a_withdrawal_is_not_handed_on_after_it(
    house: Gatehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A lent template came, or a key: whoever reads everybody anew meanwhile must not bring back who has just withdrawn."""
    house.enrol("p1")
    read, go_on, homes = threading.Event(), threading.Event(), house.residents.homes

    def slowly() -> dict[str, str]:
        if threading.current_thread() is reads:
            read.set()
            assert go_on.wait(60)
        return homes()

    monkeypatch.setattr(house.residents, "homes", slowly)
    reads = threading.Thread(target=house.residents.reload)
    withdraws = threading.Thread(target=house.roster.consent, args=("p1", Purpose.FACE_AT_GATE, False, "2026-1", "p1"))
    reads.start()
    assert read.wait(60)
    withdraws.start()
    until(lambda: not withdraws.is_alive() or house.journal.undisturbed().wanted)
    go_on.set()
    reads.join()
    withdraws.join()
    assert house.galleries[-1] == []


def test_an_erased_person_is_nobody_here(house: Gatehouse) -> None:
    house.enrol("p1")
    house.journal.append(ERASED, {}, subject="p1")
    assert house.residents.guest("p1") is None
    assert house.templates.people() == set()
    assert house.keys.find("p1") is None


def test_the_last_passage_is_the_newest_that_opened(house: Gatehouse) -> None:
    house.enrol("p1")
    for at, direction, did in ((3000, "in", "opened"), (2000, "out", "opened"), (9000, "out", "shut")):
        house.journal.append(PASSAGE, {"direction": direction, "gate_did": did}, subject="p1", at=at)
    last = house.residents.last("p1")
    assert last is not None
    assert last.direction is Direction.IN
    house.residents.reload()
    assert house.residents.last("p1") == last


def test_an_elder_who_was_not_heard_from_is_reminded_until_they_say_that_they_are_well(house: Gatehouse) -> None:
    house.enrol("p1")
    house.journal.append(REMINDER, {"window": "morning", "due": 5000, "by": "system"}, subject="p1")
    reminded = house.residents.guest("p1")
    assert reminded is not None
    assert (reminded.elder, reminded.awaited_until) == (True, from_ms(5000))
    assert house.residents.elders() == {"p1"}
    house.journal.append(WELL, {}, subject="p1")
    calm = house.residents.guest("p1")
    assert calm is not None
    assert calm.awaited_until is None
    assert house.residents.elders() == frozenset()


def test_the_block_list_follows_the_newest_word(house: Gatehouse) -> None:
    house.journal.append(BLOCKED, {}, subject="p9")
    assert house.residents.blocked() == {"p9"}
    house.journal.append(UNBLOCKED, {}, subject="p9")
    assert house.residents.blocked() == frozenset()


END_OF_THE_CALENDAR = 253_402_300_799_999  # ms; a moment later in China there is no date for it


@pytest.mark.parametrize(
    ("told", "at"),
    [
        ({"direction": "through"}, None),
        ({"direction": ["in"]}, None),
        ({}, None),
        ({"direction": "in"}, END_OF_THE_CALENDAR),
    ],
)
def test_a_passage_that_cannot_be_read_stops_no_withdrawal_no_block_list_and_no_start(
    house: Gatehouse, tmp_path: Path, told: dict[str, Any], at: int | None
) -> None:
    """Another gate of the community may run a newer program, or a clock of its own."""
    china = timezone(timedelta(hours=8))
    house.residents._zone = china
    house.enrol("p1")
    house.enrol("p2")
    house.journal.append(PASSAGE, {"gate_did": "opened", **told}, subject="p2", at=at)
    house.roster.consent("p1", Purpose.FACE_AT_GATE, False, "2026-1", "p1")
    house.journal.append(BLOCKED, {}, subject="p2")
    assert house.galleries[-1] == ["p2"]
    assert house.residents.blocked() == {"p2"}
    assert house.residents.last("p2") is not None, "which way they went is not known, that they did is"
    habits(house.journal, datetime.now(china))
    house.journal.append(PASSAGE, {"gate_did": "opened", "direction": "out"}, subject="p2")
    known = house.residents.last("p2")
    assert known is not None
    assert known.direction is Direction.OUT, "a passage from the future is not the newest for good"
    again = Gatehouse(tmp_path, house.keys.master)
    assert again.residents.blocked() == {"p2"}
    assert again.residents.last("p2") is not None
    again.close()


def test_whatever_fails_while_the_greetings_are_read_the_matcher_has_heard_of_the_withdrawal(
    house: Gatehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.enrol("p1")

    def fails(*_: object) -> None:
        raise OSError("the disk")

    monkeypatch.setattr(house.residents, "_read_guests", fails)
    monkeypatch.setattr(house.templates, "remove", fails)
    house.roster.consent("p1", Purpose.FACE_AT_GATE, False, "2026-1", "p1")
    house.journal.append(BLOCKED, {}, subject="p1")
    assert house.galleries[-1] == []
    assert house.residents.blocked() == {"p1"}
