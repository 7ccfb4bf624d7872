"""What a node says of its line, and when it tries again."""

import threading
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from offline.journal.journal import Journal
from offline.keys.identity import Identity
from offline.keys.keystore import Keystore
from offline.keys.seal import new_key
from offline.line.link import BACKOFF_CAP_S, URGENT_CAP_S, Link, SyncService, SyncStatus, backoff_s
from offline.line.sync import SyncClient
from offline.node_clock import NodeClock
from offline.roster import RosterProjection
from offline.wire import Hello
from tests.fakes.fake_district import FakeDistrict
from tests.offline.one_desk import Desk


def test_a_district_that_speaks_another_schema_is_said_to_be_so(make: Callable[..., Desk]) -> None:
    district = FakeDistrict()
    district.schema = (5, 6)
    desk = make(district)
    desk.service.tick()
    assert desk.link() is Link.OUTDATED


def test_status_tells_since_when_the_line_is_down_and_a_poke_does_not_wait(make: Callable[..., Desk]) -> None:
    district = FakeDistrict()
    desk = make(district)
    heard: list[Link] = []
    desk.service.on_status(lambda status: heard.append(status.link))
    desk.service.tick()
    district.down = True
    desk.monotonic += 10
    desk.service.tick()
    desk.service.tick()  # backs off: nothing happens
    desk.journal.append("incident.acknowledged", {})
    district.down = False
    desk.service.poke()
    desk.service.tick()
    assert heard == [Link.CONNECTED, Link.UNREACHABLE, Link.CONNECTED]
    assert desk.service.status.pending == 0


def test_a_long_round_after_the_line_was_down_says_that_it_is_up(make: Callable[..., Desk]) -> None:
    district = FakeDistrict()
    desk = make(district)
    desk.client.heard = desk.service.heard
    district.down = True
    desk.service.tick()
    district.down = False
    for _ in range(3):
        desk.journal.append("incident.acknowledged", {})
    heard: list[Link] = []
    desk.service.on_status(lambda status: heard.append(status.link))
    desk.service.poke()
    desk.service.tick()
    assert list(dict.fromkeys(heard)) == [Link.STARTING, Link.CONNECTED]
    assert desk.service.status.last_ok == desk.clock.now_ms()


def test_a_district_whose_watch_stands_still_answers_and_is_said_not_to_watch(make: Callable[..., Desk]) -> None:
    district = FakeDistrict()
    desk = make(district)
    for watching, link in ((False, Link.UNWATCHED), (True, Link.CONNECTED)):
        district.watching = watching
        desk.monotonic += 10
        desk.service.tick()
        assert desk.link() is link
        assert desk.service.status.last_ok == desk.clock.now_ms(), "what is here is of now all the same"


def test_a_round_that_hangs_leaves_the_word_as_it_was_and_the_line_does_not_stand(make: Callable[..., Desk]) -> None:
    desk = make(FakeDistrict())
    assert desk.service.stands()
    desk.service.tick()
    desk.monotonic += 59
    assert desk.service.stands()
    desk.monotonic += 2
    assert desk.link() is Link.CONNECTED
    assert not desk.service.stands()
    desk.service.heard()
    assert desk.service.stands(), "a long round goes on"


@given(st.integers(0, 1000), st.floats(0, 1), st.none() | st.floats(0, 600))
def test_backing_off_is_bounded_and_never_sooner_than_asked(failures: int, chance: float, asked: float | None) -> None:
    wait = backoff_s(failures, chance, asked)
    assert 0 <= wait <= max(BACKOFF_CAP_S, asked or 0)
    assert wait >= (asked or 0)


def test_a_node_that_has_just_joined_is_being_filled_until_a_round_is_whole(make: Callable[..., Desk]) -> None:
    district = FakeDistrict()
    desk = make(district)
    service = SyncService(desk.client, desk.journal, desk.clock, filling=True)
    district.down = True
    service.tick()
    service.heard()
    assert service.status.filling
    district.down = False
    service.poke()
    service.tick()
    assert not service.status.filling


def test_an_answer_to_an_alarm_does_not_wait_a_minute_for_the_line_to_be_tried(make: Callable[..., Desk]) -> None:
    district = FakeDistrict()
    desk = make(district)
    desk.service = service = SyncService(
        desk.client, desk.journal, desk.clock, chance=lambda: 1.0, urgent=lambda: desk.client.urgent
    )
    service.tick()
    district.down = True
    desk.journal.append("visit.recorded", {})
    for _ in range(10):
        service.poke()
        service.tick()
    district.down = False
    desk.monotonic += URGENT_CAP_S + 1
    service.tick()
    assert desk.link() is Link.UNREACHABLE, "a visit can wait"
    district.down = True
    desk.journal.append("incident.acknowledged", {})
    service.poke()
    service.tick()
    district.down = False
    desk.monotonic += URGENT_CAP_S + 1
    service.tick()
    assert desk.link() is Link.CONNECTED


def fails(_status: SyncStatus) -> None:
    raise ZeroDivisionError


def test_an_answer_that_is_none_is_seen_on_the_line_and_tried_again(
    make: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = make(FakeDistrict())
    desk.service.on_status(fails)
    with monkeypatch.context() as patched:
        patched.setattr(desk.district, "hello", lambda: msgspec.json.decode(b"<html>", type=Hello))
        desk.service.tick()
    assert desk.link() is Link.REFUSED
    desk.service.poke()
    desk.service.tick()
    assert desk.link() is Link.CONNECTED


def test_a_clock_put_back_by_years_does_not_put_off_the_next_round(tmp_path: Path) -> None:
    wall = [4_000_000_000.0]  # the battery is flat, and the network's time has not come yet
    district = FakeDistrict()
    clock = NodeClock(wall=lambda: wall[0])
    journal = Journal(tmp_path / "j.sqlite", clock, [RosterProjection()])
    keys = Keystore(tmp_path / "k.sqlite", new_key())
    me = Identity.create()
    service = SyncService(SyncClient(journal, district, clock, me, keys, lambda: b""), journal, clock, chance=lambda: 1)
    try:
        district.down = True
        service.tick()
        district.down = False
        wall[0] = 1_800_000_000.0
        service.tick()
        assert service.status.link is Link.CONNECTED
    finally:
        journal.close()
        keys.close()


def test_what_was_just_done_still_goes_up_before_the_program_ends(make: Callable[..., Desk]) -> None:
    district = FakeDistrict()
    desk = make(district)
    desk.service.tick()
    desk.journal.append("incident.acknowledged", {})
    desk.service.hurry = lambda: threading.Thread(target=desk.service.tick).start()
    desk.service.settle(10)
    assert desk.service.status.pending == 0


def test_nobody_waits_for_a_line_that_does_not_answer(make: Callable[..., Desk]) -> None:
    district = FakeDistrict()
    desk = make(district)
    district.down = True
    desk.journal.append("incident.acknowledged", {})
    desk.service.tick()
    desk.service.hurry = lambda: pytest.fail("the line is down")
    desk.service.settle(60)
    assert desk.service.status.pending == 1, "it goes up the next time"
