"""What another gate has lent, and the withdrawals that it was lent in the knowledge of."""

from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from sqlite3 import connect
from types import SimpleNamespace

import pytest

from domain.consent import Purpose
from domain.people import Profile
from kiosk.known_time import KnownTime
from kiosk.residents.borrowed import Borrowed
from kiosk.residents.known import Residents
from kiosk.residents.lending import Lending, both
from offline.keys.identity import Identity
from offline.letters.lent import DROPPED, LEASE_MS, Lent, letter, seal_lent
from offline.node_clock import NodeClock
from tests.fakes.gatehouse import UNIT, Gatehouse
from tests.fakes.one_page import one_page, withdraws_and_agrees_again

ENGINE = ("sface", "1")
AGREED = (Purpose.FACE_AT_GATE, Purpose.FACE_AT_OTHER_GATES)


class North:
    """A gate that somebody agreed to be known at."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.house = folder, Gatehouse(folder)
        self.house.roster.register("p-li", Profile("李", "建国"))
        for purpose in AGREED:
            self.house.roster.consent("p-li", purpose, True, "2026-1", "p-li")
        self.matcher: list[str] = []
        self.borrowed = self.store()

    def store(self) -> Borrowed:
        return Borrowed(self.folder / "b.sqlite", self.house.keys, KnownTime(self.folder / "time", NodeClock()))

    def begin(self) -> Lending:
        house = self.house
        residents = Residents(
            house.journal, house.roster, house.templates, house.keys, ENGINE, borrowed=self.borrowed,
            gallery_changed=lambda gallery, _: self.matcher.__setitem__(slice(None), [person for person, _ in gallery]),
        )  # fmt: skip

        def no_line() -> None:
            raise AssertionError("nothing is lent")

        return Lending(
            house.journal, house.roster, house.templates, self.borrowed, Identity.create(), ENGINE, no_line,  # type: ignore[arg-type]
            residents.reload,
        )  # fmt: skip

    def lent(self) -> None:
        until = self.borrowed.now_ms() + LEASE_MS
        assert self.borrowed.save("p-li", ENGINE, UNIT, "south", until, both(self.house.roster)["p-li"])

    def hears(self, *purposes: Purpose) -> None:
        page = one_page(self.folder / "desk", self.house.keys, withdraws_and_agrees_again("p-li", *purposes))
        self.house.journal.absorb(page)


@pytest.fixture
def north(tmp_path: Path) -> Iterator[North]:
    with ExitStack() as stack:
        gate = North(tmp_path)
        stack.callback(gate.house.close)
        stack.callback(lambda: gate.borrowed.close())
        yield gate


@pytest.mark.parametrize("purpose", AGREED)
def test_a_withdrawal_takes_it_also_where_a_new_consent_comes_in_the_same_page(north: North, purpose: Purpose) -> None:
    north.lent()
    with closing(north.begin()) as lending:
        assert north.matcher == ["p-li"]
        north.hears(purpose)
        assert north.matcher == [], "at once"
        lending._thread.submit(lambda: None).result(5)
        assert north.borrowed.count() == 0
        assert [dict(f.payload or {}) for f in north.house.journal.facts(DROPPED)] == [{"why": "withdrawn"}]
        north.lent()  # anew, by the consent that holds
        assert (lending.expire(), north.borrowed.count()) == (0, 1)


def test_nor_does_it_outlive_a_program_that_ended_between_the_two(north: North) -> None:
    north.lent()
    north.hears(*AGREED)
    with closing(north.begin()) as lending:
        assert north.matcher == []
        lending.start()
        lending._thread.submit(lambda: None).result(5)
        assert north.borrowed.count() == 0


@pytest.mark.parametrize(("knows", "held"), [(False, 0), (True, 1), (None, 1)])
def test_a_letter_that_was_lent_before_a_withdrawal_is_refused_after_it(
    north: North, monkeypatch: pytest.MonkeyPatch, knows: bool | None, held: int
) -> None:
    """It was on its way, or its lender has not heard yet; one of an older program does not say."""
    north.hears(*AGREED)
    south, agreed = Identity.create(), both(north.house.roster)["p-li"]
    knew = None if knows is None else sorted(agreed) if knows else []
    with closing(north.begin()) as lending:
        card = SimpleNamespace(sign_key=south.sign_public)
        monkeypatch.setattr(lending, "_gates", lambda: {"south": card})
        until = north.borrowed.now_ms() + LEASE_MS
        lent = Lent("p-li", *ENGINE, UNIT.shape[1], UNIT.astype("<f4").tobytes(), until, knew)
        sealed = seal_lent(lent, "south", "gate-1", south.sign, lending._identity.box_public)
        lending.heard(letter("south", sealed))
        lending._thread.submit(lambda: None).result(5)
        assert north.borrowed.count() == held


def test_what_an_older_program_took_stays_until_the_next_withdrawal(north: North) -> None:
    """Somebody had withdrawn once, and agreed again."""
    withdraws_and_agrees_again("p-li", *AGREED)(north.house.roster)
    north.lent()
    north.borrowed.close()
    with closing(connect(north.folder / "b.sqlite")) as db:
        db.execute("ALTER TABLE borrowed DROP COLUMN knew")
    north.borrowed = north.store()
    with closing(north.begin()) as lending:
        assert north.matcher == ["p-li"]
        assert (lending.expire(), list(north.house.journal.facts(DROPPED))) == (0, [])
        north.hears(AGREED[1])
        assert north.matcher == []
        lending._thread.submit(lambda: None).result(5)
        assert north.borrowed.count() == 0
