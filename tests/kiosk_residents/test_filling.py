"""A gate that was restored from a copy has everybody's templates already, and hears page by page who still consents."""

from pathlib import Path

import pytest

from domain.consent import Purpose
from offline.keys.identity import Identity
from offline.keys.seal import KEY_BYTES
from offline.line.link import SyncService
from offline.line.sync import SyncClient
from offline.node_clock import NodeClock
from offline.transport.errors import TryAgain
from offline.wire import FeedPage
from tests.fakes.fake_district import FakeDistrict
from tests.fakes.gatehouse import UNIT, Gatehouse
from tests.offline.one_desk import Desk

FACE = Purpose.FACE_AT_GATE


class Shaky(FakeDistrict):
    """Its line drops after so many pages of two."""

    page_count = 100

    def feed(self, cursor: str, wait_s: float) -> FeedPage:
        if self.page_count == 0:
            raise TryAgain("the line dropped")
        self.page_count -= 1
        return super().feed(cursor, wait_s)


class Gate(Gatehouse):
    """A gate that is joined to a district, with what it handed on to its recogniser."""

    def __init__(self, folder: Path, district: FakeDistrict) -> None:
        super().__init__(folder, b"k" * KEY_BYTES, joined=True)
        identity = Identity.create()
        district.box, clock = identity.box_public, NodeClock()
        client = SyncClient(self.journal, district, clock, identity, self.keys, lambda: district.identity.box_public)
        self.sync = SyncService(client, self.journal, clock, filling=self.journal.filling)
        self.sync.on_status(lambda _: self.residents.filled())

    def round(self) -> None:
        self.sync.poke()
        self.sync.tick()


@pytest.fixture
def district(tmp_path: Path) -> Shaky:
    """Two have consented on the first page, and one of them has withdrawn on the second."""
    made = Shaky()
    desk = Desk(tmp_path / "desk", made)
    for person, given in (("p1", True), ("p2", True), ("p1", False), ("p3", True)):
        desk.roster.consent(person, FACE, given, "2026-1", person)
    desk.client.round()
    desk.close()
    made.page, made.device = 2, "v1"
    return made


def opened(folder: Path, district: FakeDistrict) -> Gate:
    folder.mkdir(exist_ok=True)
    return Gate(folder, district)


def test_nobody_is_known_before_the_whole_past_has_come_also_over_a_restart(tmp_path: Path, district: Shaky) -> None:
    gate = opened(tmp_path / "gate", district)
    for person in ("p1", "p2"):
        gate.templates.save(person, "sface", "1", UNIT, [b"photo"])
    district.page_count = 1
    gate.round()
    assert gate.roster.consenting(FACE) == {"p1", "p2"}, "as far as has been heard"
    assert {tuple(gallery) for gallery in gate.galleries} == {()}
    gate.close()

    again = opened(tmp_path / "gate", district)
    filling = [again.sync.status.filling]
    again.round()
    assert {tuple(gallery) for gallery in again.galleries} == {()}
    district.page_count = 100
    again.round()
    filling.append(again.sync.status.filling)
    assert filling == [True, False]
    assert [gallery for gallery in again.galleries if gallery] == [["p2"]]
    assert again.templates.people() == {"p2"}
    again.close()


@pytest.mark.parametrize("agrees_again", [True, False])
def test_whoever_agreed_withdrew_and_agreed_again_before_the_copy_is_not_enrolled_anew(
    tmp_path: Path, agrees_again: bool
) -> None:
    district = Shaky()
    desk = Desk(tmp_path / "desk", district)
    for given in (True, False):
        for purpose in (FACE, Purpose.ENROLMENT_PHOTOS):
            desk.roster.consent("p1", purpose, given, "2026-1", "p1")
    knew = [*desk.roster.withdrawals("p1", FACE), *desk.roster.withdrawals("p1", Purpose.ENROLMENT_PHOTOS)]
    for purpose in (FACE, Purpose.ENROLMENT_PHOTOS) if agrees_again else ():
        desk.roster.consent("p1", purpose, True, "2026-1", "p1")
    desk.client.round()
    desk.close()
    district.page, district.device = 1, "v1"
    gate = opened(tmp_path / "gate", district)
    gate.templates.save("p1", "sface", "1", UNIT, [b"photo"], knew)  # of the copy
    gate.templates.save("p1", "another", "1", UNIT)  # and of an engine that was tried
    gate.round()
    assert gate.templates.people() == ({"p1"} if agrees_again else set()), (
        "a consent that never left the dead gate is none"
    )
    assert gate.templates.photos("p1") == ([b"photo"] if agrees_again else [])
    assert gate.galleries[-1] == (["p1"] if agrees_again else [])
    gate.roster.consent("p1", FACE, False, "2026-1", "p1")
    assert gate.templates.people() == set(), "and a withdrawal after all that erases at once"
    gate.close()


def test_a_face_enrolled_before_a_withdrawal_goes_though_its_owner_agreed_again_since(tmp_path: Path) -> None:
    district = Shaky()
    desk = Desk(tmp_path / "desk", district)
    for given in (True, False, True):
        desk.roster.consent("p1", FACE, given, "2026-1", "p1")
    desk.client.round()
    desk.close()
    district.page, district.device = 1, "v1"
    gate = opened(tmp_path / "gate", district)
    gate.templates.save("p1", "sface", "1", UNIT, [b"photo"], ())
    gate.round()
    assert gate.templates.people() == set()
    gate.close()


def test_once_filled_a_gate_keeps_its_people_while_the_line_is_away_or_the_feed_is_read_anew(
    tmp_path: Path, district: Shaky
) -> None:
    gate = opened(tmp_path / "gate", district)
    gate.templates.save("p2", "sface", "1", UNIT, [b"photo"])
    gate.round()
    gate.journal.absorb([], "")
    gate.close()
    district.page_count = 0
    again = opened(tmp_path / "gate", district)
    again.round()
    assert {tuple(gallery) for gallery in again.galleries} == {("p2",)}
    again.close()


def test_a_journal_of_an_older_program_that_has_its_place_in_the_feed_counts_as_filled(
    tmp_path: Path, district: Shaky
) -> None:
    gate = opened(tmp_path / "gate", district)
    filling = [gate.journal.filling]
    with gate.journal._writer.transaction():
        gate.journal._writer.set(cursor="")  # which is to be read anew
    assert [*filling, gate.journal.filling] == [True, False]
    gate.close()
