"""A resident who agreed to it is known at a second gate: lent by the first, sealed, and gone when it ends or is withdrawn."""

import contextlib
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from apscheduler.schedulers.background import BackgroundScheduler

from district.config import DistrictSettings
from domain.consent import Purpose
from domain.people import Profile
from kiosk.passages.pictures import PictureStore
from kiosk.residents.borrowed import Borrowed
from kiosk.residents.known import PassagesProjection, Residents
from kiosk.residents.lending import Lending
from kiosk.residents.templates import TemplateStore
from offline.gate_card import GATE_DESCRIBED, describe
from offline.keystore import Keystore
from offline.lent import DROPPED, HELD, LEASE_MS, Lent, seal_lent
from offline.node import Node
from offline.node_clock import elapsed
from offline.seal import new_key
from offline.transport.errors import Rejected
from tests.fakes.serving import GENEROUS, Serving, run_district
from tests.fakes.waiting import until as within

until = partial(within, seconds=40)  # of a machine that does other things too
ENGINE = ("sface", "1")
FACE = np.eye(3, 128, dtype=np.float32)
HOUR = 3600 * 1000


class Gate:
    """A kiosk on the line with its stores; `ahead` moves its clock."""

    def __init__(self, district: Serving, folder: Path, name: str, engine: tuple[str, str] = ENGINE) -> None:
        self.folder, self.engine, self.ahead, self.passed_s, self.sure = folder, engine, 0, 0.0, True
        self.node = Node(folder, [PassagesProjection()])
        self.node.enrol(district.url, district.code("kiosk"), "kiosk", name)
        self.scheduler = BackgroundScheduler()
        self.scheduler.start()
        told = describe(
            self.node.identity, gate=name, name={"zh": name, "en": name}, direction="in", software="1",
            engine=" ".join(engine), ways=["face"], guard_phone=False, keep_days=30,
        )  # fmt: skip
        self.node.journal.append(GATE_DESCRIBED, told)
        self.open()

    def open(self) -> None:
        node = self.node
        self.matcher: list[str] = []
        self.letters: list[bytes] = []
        self.templates = TemplateStore(self.folder / "templates.sqlite", node.keys)
        self.borrowed = Borrowed(
            self.folder / "borrowed.sqlite", node.keys, lambda: node.clock.now_ms() + self.ahead, lambda: self.sure,
            lambda: elapsed() + self.passed_s,
        )  # fmt: skip

        def matched(gallery: list[tuple[str, Any]], _homes: dict[str, str]) -> None:
            self.matcher = [person for person, _ in gallery]

        self.residents = Residents(
            node.journal, node.roster, self.templates, node.keys, self.engine, gallery_changed=matched,
            borrowed=self.borrowed,
        )  # fmt: skip
        self.lending = Lending(
            node.journal, node.roster, self.templates, self.borrowed, node.identity, self.engine, node.line,
            self.residents.reload,
        )  # fmt: skip
        self.lending.start()
        self.line_up()

    def line_up(self) -> None:
        self.node.start(self.scheduler, listen=True)
        assert self.node.stream is not None

        def lent(sent: bytes) -> None:
            self.letters.append(sent)
            self.lending.heard(sent)

        self.node.stream.lent = lent
        until(lambda: self.node.stream is not None and self.node.stream.live)

    def enrol(self, person: str, *more: Purpose) -> None:
        self.node.roster.register(person, Profile("李", "建国"))
        self.templates.save(person, *self.engine, FACE)
        for purpose in (Purpose.FACE_AT_GATE, *more):
            self.node.roster.consent(person, purpose, True, "2026-1", person)
        self.residents.reload()
        self.poke()

    def poke(self) -> None:
        assert self.node.sync is not None
        self.node.sync.poke()

    def told(self, kind: str) -> list[dict[str, Any]]:
        mine = self.node.journal.device
        return [dict(f.payload or {}) for f in self.node.journal.facts(kind) if f.envelope.device == mine]

    def settle(self) -> None:
        self.lending._thread.submit(lambda: None).result(5)

    def shut(self) -> None:
        self.node.stop()
        self.lending.close()
        self.templates.close()
        self.borrowed.close()

    def stop(self) -> None:
        self.shut()
        self.scheduler.shutdown()
        self.node.close()


@pytest.fixture
def district(tmp_path: Path) -> Iterator[Serving]:
    yield from run_district(DistrictSettings(port=0, data=tmp_path / "district", limits=GENEROUS))


@pytest.fixture
def gate_of(district: Serving, tmp_path: Path) -> Iterator[Callable[..., Gate]]:
    made: list[Gate] = []

    def make(name: str, **more: Any) -> Gate:
        made.append(Gate(district, tmp_path / name, name, **more))
        return made[-1]

    yield make
    for gate in made:
        gate.stop()


def knows(north: Gate, person: str, purpose: Purpose = Purpose.FACE_AT_OTHER_GATES) -> Callable[[], bool]:
    """The second gate has heard of the consent and has the person's key."""
    return lambda: north.node.roster.holds(person, purpose) and north.node.keys.find(person) is not None


def lend(south: Gate, north: Gate, person: str = "p-li") -> None:
    """`south` offers until `north` holds; what is renewed in the meantime counts."""
    for _ in range(10):  # a key is asked for in one round and sent in another, and rounds may be a minute apart
        south.poke()
        north.poke()
        with contextlib.suppress(AssertionError):
            within(knows(north, person), 4)
            break
    until(knows(north, person))
    until(lambda: north.node.journal.device in south.lending._gates())
    until(lambda: south.node.journal.device in north.lending._gates())
    for _ in range(6):  # a stream that is just beginning anew loses a letter, and the next round sends it again
        south.lending._sent.clear()
        south.lending.offer()
        with contextlib.suppress(AssertionError):
            within(lambda: person in north.matcher, 8)
            return
    raise AssertionError("it was never held")


def test_who_agreed_is_known_at_the_second_gate_and_who_did_not_is_not(
    gate_of: Callable[..., Gate], district: Serving, tmp_path: Path
) -> None:
    south, north = gate_of("south"), gate_of("north")
    south.enrol("p-wang")
    south.enrol("p-li", Purpose.FACE_AT_OTHER_GATES)
    lend(south, north)
    assert north.matcher == ["p-li"]
    assert np.array_equal(dict(north.residents.gallery())["p-li"], FACE)
    (held,) = north.told(HELD)
    assert held["from"] == south.node.journal.device
    # nothing of it lies anywhere but sealed at the second gate: not at the district, not in a journal
    rows = FACE.astype("<f4").tobytes()[:64]
    for path in tmp_path.rglob("*"):
        if path.is_file():
            assert rows not in path.read_bytes(), path
    assert all(rows not in letter for letter in north.letters)


def test_a_lease_is_renewed_once_a_day_and_not_more(gate_of: Callable[..., Gate]) -> None:
    south, north = gate_of("south"), gate_of("north")
    south.enrol("p-li", Purpose.FACE_AT_OTHER_GATES)
    lend(south, north)
    north.poke()
    until(lambda: bool(south.node.journal.facts(HELD)))
    south.lending._sent.clear()
    assert south.lending.offer() == 0
    south.ahead = north.ahead = 25 * HOUR
    assert south.lending.offer() == 1
    until(lambda: len(north.told(HELD)) == 2)
    first, second = (held["until"] for held in north.told(HELD))
    assert second - first > 24 * HOUR
    assert south.lending.offer() == 0  # not again before the gate could have said anything


@pytest.mark.parametrize("purpose", [Purpose.FACE_AT_OTHER_GATES, Purpose.FACE_AT_GATE])
def test_a_withdrawal_reaches_it_and_stays_pending_until_then(gate_of: Callable[..., Gate], purpose: Purpose) -> None:
    south, north = gate_of("south"), gate_of("north")
    south.enrol("p-li", Purpose.FACE_AT_OTHER_GATES)
    lend(south, north)
    north.node.stop()  # the second gate hears nothing
    south.node.roster.consent("p-li", purpose, False, "", "s-1")
    south.poke()
    until(lambda: south.node.journal.pending() == 0)
    assert south.node.roster.withdrawal_pending("p-li", purpose)
    assert north.matcher == ["p-li"]
    north.line_up()
    north.poke()
    until(lambda: north.matcher == [])
    north.settle()
    assert north.borrowed.count() == 0
    assert [dropped["why"] for dropped in north.told(DROPPED)] == ["withdrawn"]
    until(lambda: (south.poke(), not south.node.roster.withdrawal_pending("p-li", purpose))[1])
    assert south.lending.offer() == 0


def test_a_gate_that_hears_nothing_lets_go_after_72_hours(gate_of: Callable[..., Gate]) -> None:
    south, north = gate_of("south"), gate_of("north")
    south.enrol("p-li", Purpose.FACE_AT_OTHER_GATES)
    lend(south, north)
    north.node.stop()
    north.ahead = LEASE_MS - HOUR
    assert north.lending.expire() == 0
    assert [person for person, _ in north.residents.gallery()] == ["p-li"]
    north.ahead = LEASE_MS + HOUR
    assert north.residents.gallery() == []  # even before the job has run
    assert north.lending.expire() == 1
    assert north.matcher == []
    assert [dropped["why"] for dropped in north.told(DROPPED)] == ["lease"]


def test_a_restart_and_a_clock_that_runs_back_keep_nobody_longer(gate_of: Callable[..., Gate]) -> None:
    south, north = gate_of("south"), gate_of("north")
    south.enrol("p-li", Purpose.FACE_AT_OTHER_GATES)
    lend(south, north)
    north.ahead = LEASE_MS - HOUR
    north.lending.expire()
    north.shut()
    north.ahead = -LEASE_MS * 100  # the battery of the clock is empty
    north.open()
    assert north.matcher == ["p-li"]
    north.passed_s = 2 * 3600.0
    assert north.lending.expire() == 1
    assert north.matcher == []


def test_a_clock_that_was_once_far_ahead_shuts_nobody_out_for_ever(gate_of: Callable[..., Gate]) -> None:
    """Woken in 2050 without a line it lets go, on the safe side; with the district's time it holds again."""
    south, north = gate_of("south"), gate_of("north")
    south.enrol("p-li", Purpose.FACE_AT_OTHER_GATES)
    lend(south, north)
    north.ahead, north.sure = LEASE_MS * 100, False
    assert north.lending.expire() == 1
    north.shut()
    north.ahead, north.sure = 0, True
    north.open()
    until(lambda: (north.poke(), bool(south.node.journal.facts(DROPPED)))[1])
    south.lending._sent.clear()
    lend(south, north)


@pytest.mark.parametrize("name", ["borrowed.sqlite", "pictures.sqlite"])
def test_a_damaged_file_of_what_a_gate_can_do_without_is_begun_anew(tmp_path: Path, name: str) -> None:
    keys = Keystore(tmp_path / "keys.sqlite", new_key())
    path = tmp_path / name
    path.write_bytes(b"SQLite format 3\x00" + b"\xff" * 5000)
    opened: Any = Borrowed(path, keys, lambda: 0, lambda: True) if name.startswith("b") else PictureStore(path, keys)
    assert opened.count() == 0
    opened.close()
    keys.close()


def test_what_is_not_lent_by_a_gate_of_the_community_to_this_one_is_refused(gate_of: Callable[..., Gate]) -> None:
    south, north, east = gate_of("south"), gate_of("north"), gate_of("east")
    south.enrol("p-li", Purpose.FACE_AT_OTHER_GATES)
    lend(south, north)
    me, mine, now = north.node.journal.device, north.node.identity, north.node.clock.now_ms()
    good = Lent("p-li", *ENGINE, 128, FACE.tobytes(), now + LEASE_MS + 1000)
    line = south.node.line()

    def refused(lent: Lent, signer: Gate = south, to: str = me, origin: str = south.node.journal.device) -> bool:
        before, count = north.borrowed.until("p-li"), len(north.letters)
        line.lend(me, seal_lent(lent, origin, to, signer.node.identity.sign, mine.box_public))
        until(lambda: len(north.letters) > count)
        north.settle()
        return north.borrowed.until("p-li") == before

    def changed(**fields: Any) -> Lent:
        return Lent(**({k: getattr(good, k) for k in Lent.__struct_fields__} | fields))

    assert refused(changed(until=now + LEASE_MS * 2))
    assert refused(changed(until=now - 1))
    assert refused(changed(rows=FACE.tobytes()[:-1]))
    assert refused(changed(dim=0))
    assert refused(changed(version="2"))
    assert refused(changed(person="p-unknown"))
    south.enrol("p-wu")  # known at this gate too, and agreed to be known by face at the south gate alone
    until(lambda: (north.poke(), north.node.roster.profile("p-wu"))[1])
    assert refused(changed(person="p-wu"))
    assert not north.borrowed.until("p-wu")
    assert refused(good, signer=east)  # signed by another than the district says it is from
    assert refused(good, to="somebody else")
    assert not refused(good)  # and the whole thing, as it should be, is taken


def test_the_district_hands_on_only_from_gate_to_gate_of_one_community(
    gate_of: Callable[..., Gate], district: Serving, tmp_path: Path
) -> None:
    south, north = gate_of("south"), gate_of("north")
    elsewhere, desk = Node(tmp_path / "elsewhere"), Node(tmp_path / "desk")
    try:
        elsewhere.enrol(district.url, district.code("kiosk", "yulan"), "kiosk", "yulan")
        desk.enrol(district.url, district.code("caregiver", gate_log=True), "caregiver", "desk")

        def refused(node: Node, to: str, body: bytes = b"sealed") -> str:
            with pytest.raises(Rejected) as caught:
                node.line().lend(to, body)
            return caught.value.code

        me = south.node.journal.device
        assert refused(elsewhere, me) == "out_of_scope"
        assert refused(desk, me) == "out_of_scope"
        assert refused(south.node, me) == "out_of_scope"
        assert refused(south.node, "nobody") == "out_of_scope"
        assert refused(south.node, north.node.journal.device, b"x" * (128 * 1024 + 1)) == "too_large"
        north.node.stop()
        until(lambda: not district.office.hub.hand(north.node.journal.device, b"{}", "template"))
        assert refused(south.node, north.node.journal.device) == "kiosk_not_listening"
    finally:
        elsewhere.close()
        desk.close()


def test_gates_with_another_engine_are_lent_nothing_and_ones_own_template_comes_first(
    gate_of: Callable[..., Gate],
) -> None:
    south, north = gate_of("south"), gate_of("north")
    other = gate_of("other", engine=("face_recognition", "1"))
    south.enrol("p-li", Purpose.FACE_AT_OTHER_GATES)
    until(lambda: other.node.journal.device in south.lending._gates())
    lend(south, north)
    assert other.letters == []
    mine = np.roll(FACE, 7, axis=1)
    north.templates.save("p-li", *ENGINE, mine)
    assert np.array_equal(dict(north.residents.gallery())["p-li"], mine)


def test_a_letter_that_was_lost_is_sent_again_and_one_that_comes_twice_counts_once(
    gate_of: Callable[..., Gate],
) -> None:
    """A stream that breaks, a gate that is switched off as it reads: half an hour later it goes once more."""
    south, north = gate_of("south"), gate_of("north")
    south.enrol("p-wang", Purpose.FACE_AT_OTHER_GATES)
    lend(south, north, "p-wang")  # the two are on the line and know each other
    north.poke()
    until(lambda: bool(south.node.journal.facts(HELD)))
    lost: list[bytes] = []
    stream = north.node.stream
    assert stream is not None
    arrives, stream.lent = stream.lent, lost.append
    assert arrives is not None
    south.enrol("p-li", Purpose.FACE_AT_OTHER_GATES)
    until(lambda: (south.poke(), north.poke(), knows(north, "p-li")())[2])
    until(lambda: (south.lending.offer(), bool(lost))[1])
    assert south.lending.offer() == 0  # it may still be on its way
    assert north.matcher == ["p-wang"]
    south.ahead = north.ahead = HOUR // 2 + 1000
    stream.lent = arrives
    assert south.lending.offer() == 1
    until(lambda: north.matcher == ["p-li", "p-wang"])
    north.settle()
    held = len(north.told(HELD))
    arrives(north.letters[-1])
    arrives(lost[0])  # and what was thought lost comes after all, with the shorter lease
    north.settle()
    assert len(north.told(HELD)) == held
    assert north.borrowed.count() == 2


def test_a_gate_that_lost_what_it_was_lent_says_so_and_is_lent_it_again(gate_of: Callable[..., Gate]) -> None:
    """Its own last word was that it holds the face for days: without another the lender would wait until the lease is old."""
    south, north = gate_of("south"), gate_of("north")
    south.enrol("p-li", Purpose.FACE_AT_OTHER_GATES)
    lend(south, north)
    north.poke()
    until(lambda: bool(south.node.journal.facts(HELD)))
    north.shut()
    (north.folder / "borrowed.sqlite").unlink()
    north.open()
    assert north.matcher == []
    until(lambda: [dropped["why"] for dropped in north.told(DROPPED)] == ["lost"])
    until(lambda: (north.poke(), bool(south.node.journal.facts(DROPPED)))[1])
    south.ahead = north.ahead = HOUR  # the next round but one
    until(lambda: (south.lending.offer(), north.matcher == ["p-li"])[1])
    north.settle()
    assert north.lending.own_up() == 0
