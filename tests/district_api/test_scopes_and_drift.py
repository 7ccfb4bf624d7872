"""A scope that shrinks takes from a replica what it may no longer read, one that grows fills it; drift is mended."""

import base64
import secrets
import zlib
from collections.abc import Callable
from contextlib import closing
from operator import attrgetter

import pytest

from district.feeds.feed import MOST_CURSOR, read_cursor, read_marks, write_cursor
from district.operator import commands
from offline.transport.errors import Rejected
from offline.wire import Ack, Batch, FeedPage
from tests.district_api.damage import spoil
from tests.fakes.city import facts_of
from tests.fakes.serving import Joined, Serving, register

Join = Callable[..., Joined]


def rescope(district: Serving, device: Joined, *communities: str, gate_log: bool = False) -> None:
    told = {"device": device.journal.device, "communities": list(communities), "gate_log": gate_log}
    commands.perform(district.office, "scope", told)


def passages(device: Joined) -> list[tuple[str, str]]:
    return sorted((f.envelope.community, f.envelope.subject or "") for f in device.journal.facts("passage.recorded"))


def test_a_desk_that_loses_a_community_loses_its_people_their_names_and_their_facts(
    join: Join, district: Serving
) -> None:
    here, there, desk = join("kiosk", "jinxiu"), join("kiosk", "yulan"), join("caregiver", "jinxiu")
    rescope(district, desk, "jinxiu", "yulan")
    mine, theirs = register(here), register(there)
    for kiosk, person in ((here, mine), (there, theirs)):
        kiosk.journal.append("passage.recorded", {"outcome": "identified"}, subject=person)
        kiosk.client.round()
    desk.journal.append("incident.acknowledged", {"incident": "x"}, subject=theirs)
    desk.client.round()
    assert passages(desk) == [("jinxiu", mine), ("yulan", theirs)]
    assert set(desk.node.roster.profiles()) == {mine, theirs}
    told: list[str] = []
    desk.journal.on_change(lambda facts: told.extend(f.envelope.id for f in facts if f.payload is None))

    rescope(district, desk, "jinxiu")
    desk.client.round()
    assert passages(desk) == [("jinxiu", mine)]
    assert set(desk.node.roster.profiles()) == {mine}
    assert desk.node.keys.find(theirs) is not None, "its own fact about them is still here"
    assert told, "screens hear of it"
    assert desk.journal.broken() == []
    assert district.office.store.counts()["quarantine"] == 0

    rescope(district, desk, "jinxiu", "yulan")
    desk.client.round()
    assert passages(desk) == [("jinxiu", mine), ("yulan", theirs)]


def test_a_desk_that_no_longer_reviews_the_gates_log_keeps_its_elders_passages_alone(
    join: Join, district: Serving
) -> None:
    kiosk, desk = join("kiosk"), join("caregiver", gate_log=True)
    elder, other = register(kiosk), register(kiosk, watched=False)
    for person in (elder, other, None):
        kiosk.journal.append("passage.recorded", {"outcome": "identified"}, subject=person)
    kiosk.client.round()
    desk.client.round()
    assert len(passages(desk)) == 3
    rescope(district, desk, "jinxiu")
    desk.client.round()
    assert passages(desk) == [("jinxiu", elder)]
    rescope(district, desk, "jinxiu", gate_log=True)
    desk.client.round()
    assert len(passages(desk)) == 3
    assert desk.journal.query("SELECT count(*) n FROM facts WHERE kind = 'passage.recorded'") == [{"n": 3}]


def test_many_tombstones_come_in_pages(join: Join, district: Serving, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("district.hubs.rescoping.PAGE", 7)
    kiosk, desk = join("kiosk"), join("caregiver", gate_log=True)
    kiosk.journal.append_all([("passage.recorded", {"n": n}, None, None, None) for n in range(40)])
    kiosk.client.round()
    desk.client.round()
    rescope(district, desk, "jinxiu")
    desk.client.round()
    assert passages(desk) == []


def test_a_place_in_a_scope_nobody_remembers_begins_anew(join: Join, district: Serving) -> None:
    desk = join("caregiver")
    with pytest.raises(Rejected) as refused:
        desk.transport.feed(write_cursor(99, {"jinxiu": 1}), 0)
    assert (refused.value.status, refused.value.code) == (410, "cursor")
    desk.journal.absorb([], write_cursor(99, {"jinxiu": 1}))
    kiosk = join("kiosk")
    register(kiosk)
    kiosk.client.round()
    desk.client.round()
    assert desk.journal.facts("person.registered")


def harm(device: Joined, *statements: str) -> None:
    """What a bad disk or a clumsy hand does to a replica."""
    with closing(device.journal.file.writer()) as db:
        triggers = db.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            db.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            db.execute(statement)
        for _, sql in triggers:
            db.execute(sql)


@pytest.mark.parametrize(
    "harms",
    [
        [
            "DELETE FROM payloads WHERE fact = 2",
            "DELETE FROM places WHERE fact = 2",
            "DELETE FROM facts WHERE rowid = 2",
        ],
        ["UPDATE facts SET at = at + 1 WHERE rowid = 2"],
        ["UPDATE facts SET subject = 'p-somebody-else' WHERE kind = 'consent.given'"],
    ],
    ids=["a fact is gone", "a fact is another", "a consent is of somebody else"],
)
def test_a_replica_that_has_drifted_notices_and_is_whole_again(join: Join, harms: list[str]) -> None:
    kiosk, desk = join("kiosk"), join("caregiver")
    elder = register(kiosk)
    kiosk.journal.append("passage.recorded", {"outcome": "identified"}, subject=elder)
    kiosk.client.round()
    desk.client.round()
    whole = [f.envelope for f in desk.journal.facts()]
    harm(desk, *harms)
    assert [f.envelope for f in desk.journal.facts()] != whole
    desk.compare_again()  # six hours later
    for _ in range(3):
        desk.client.round()
    number = attrgetter("device", "epoch", "seq")
    assert sorted((f.envelope for f in desk.journal.facts()), key=number) == sorted(whole, key=number)
    assert desk.node.roster.profile(elder) is not None
    assert desk.client._unmended == {}


def test_a_replica_that_is_whole_reads_nothing_again(join: Join, monkeypatch: pytest.MonkeyPatch) -> None:
    kiosk, desk = join("kiosk"), join("caregiver")
    register(kiosk)
    kiosk.client.round()
    desk.client.round()
    asked: list[str] = []
    feed = desk.transport.feed

    def noted(cursor: str, wait_s: float) -> FeedPage:
        asked.append(cursor)
        return feed(cursor, wait_s)

    monkeypatch.setattr(desk.transport, "feed", noted)
    desk.compare_again()
    desk.client.round()
    desk.client.round()
    assert "" not in asked
    assert desk.client._unmended == {}


def test_a_gate_misses_its_own_facts_that_the_district_has_lost_and_sends_them_again(
    join: Join, district: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    kiosk, desk = join("kiosk"), join("caregiver", gate_log=True)
    kiosk.journal.append_all([("passage.recorded", {"n": n}, None, None, None) for n in range(250)])
    kiosk.client.round()
    desk.client.round()
    whole = facts_of(district, "passage.recorded")
    assert len(whole) == 250
    spoil(district, *(f"DELETE FROM {table}" for table in (
        "payloads WHERE fact IN (SELECT row FROM facts WHERE seq BETWEEN 20 AND 230)", "facts WHERE seq BETWEEN 20 AND 230"
    )))  # fmt: skip
    assert len(facts_of(district, "passage.recorded")) < 50
    kiosk.compare_again()  # six hours later
    kiosk.client.round()
    assert facts_of(district, "passage.recorded") == whole
    assert kiosk.journal.pending() == 0
    sent: list[int] = []
    push = kiosk.transport.push

    def noted(batch: Batch) -> Ack:
        sent.append(batch.first_seq)
        return push(batch)

    monkeypatch.setattr(kiosk.transport, "push", noted)
    kiosk.compare_again()
    kiosk.client.round()
    assert sent == [], "and misses nothing any more"


def test_a_place_in_three_hundred_communities_goes_into_an_address() -> None:
    names = [f"{a}{b}{c}社区" for a in "锦玉和建东阳新南" for b in "绣兰平设风光城山" for c in "花园北苑西"][:300]
    positions, marks = {c: 5_000_000 + n for n, c in enumerate(names)}, {c: secrets.token_hex(4) for c in names[1:]}
    cursor = write_cursor(3, positions, marks=marks)
    assert len(cursor) <= MOST_CURSOR
    assert read_cursor(cursor) == (3, positions)
    assert read_marks(cursor) == marks
    with pytest.raises(ValueError, match="not a cursor"):
        read_cursor(base64.urlsafe_b64encode(zlib.compress(b"[3," + b" " * 9_000_000)).decode())
