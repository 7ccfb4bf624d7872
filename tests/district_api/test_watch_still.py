"""The watch is watched: where it stands still while the server answers, whoever asks hears of it, and it goes on by itself."""

import logging
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import psycopg
import pytest

from district.config import DistrictSettings
from district.intake.signals import Heard, Kind, Signal
from district.watching.pulse import STILL_S, Pulse
from offline.line.link import Link
from tests.district_api.calls import call
from tests.fakes.city import City, facts_of
from tests.fakes.serving import GENEROUS, Joined, Serving, run_district
from tests.fakes.waiting import until


class Caught:
    """A watch whose next tick waits for `free`, and a clock of its own."""

    def __init__(self, district: Serving, patch: pytest.MonkeyPatch) -> None:
        self.night, self.seconds = district.office.nightwatch, 0.0
        self.held, self.free, self.through = threading.Event(), threading.Event(), threading.Event()
        self._tick = self.night.tick
        self.night.pulse = Pulse(lambda: self.seconds)
        patch.setattr(self.night, "tick", self.wait_for_the_database)
        self.night.wake()
        assert self.held.wait(10)

    def wait_for_the_database(self, now: datetime) -> None:
        if self.held.is_set() and self.free.is_set():
            self.through.set()
        self.held.set()
        self.free.wait(20)
        self._tick(now)


@pytest.fixture
def caught(district: Serving, monkeypatch: pytest.MonkeyPatch) -> Iterator[Caught]:
    found = Caught(district, monkeypatch)
    found.night.pulse.beat()
    yield found
    found.free.set()


def test_it_is_said_once_it_has_not_gone_through_for_half_a_minute(
    district: Serving, caught: Caught, join: Callable[..., Joined]
) -> None:
    desk = join("caregiver")
    desk.client.round()
    assert desk.client.watching
    assert call(district.url + "/readyz") == (200, {"status": "ready"})
    caught.seconds = STILL_S + 1
    status, told = call(district.url + "/readyz")
    assert (status, told["code"]) == (503, "watch_still")
    assert "watch_quiet_seconds 31.0" in call(district.url + "/metrics")[1]
    assert call(district.url + "/healthz")[0] == 200
    desk.client.round()
    assert bool(desk.client.watching) is False
    caught.free.set()
    caught.night.wake()
    assert caught.through.wait(10)  # the tick that was held has gone through, and the next has begun
    assert call(district.url + "/readyz")[0] == 200
    desk.client.round()
    assert desk.client.watching


def test_it_stands_still_where_nothing_can_be_kept_though_all_can_be_read_and_what_was_called_meanwhile_rings_afterwards(
    tmp_path: Path, empty_database: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An index is being built on a great table: readers see nothing of it, and every write waits."""
    monkeypatch.setattr("district.watching.nightwatch.PROVE_S", 0.0)
    url, seconds = empty_database(), [0.0]
    settings = DistrictSettings(port=0, data=tmp_path / "d", database=url, limits=GENEROUS)
    with contextmanager(run_district)(settings) as district, psycopg.connect(url, autocommit=True) as onlooker:
        office = district.office
        pulse = office.nightwatch.pulse = Pulse(lambda: seconds[0])
        pulse.beat()
        with psycopg.connect(url) as index, ThreadPoolExecutor(1) as home:
            index.execute("LOCK TABLE facts IN SHARE MODE")
            waits = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
            until(lambda: onlooker.execute(waits).fetchall())
            seconds[0] += STILL_S + 1
            status, told = call(district.url + "/readyz")
            assert (status, told["code"]) == (503, "watch_still")
            press = Heard("webhook", (Signal("webhook", "button-1", Kind.SOS, True, live=True),))
            kept = home.submit(office.nightwatch.desk.receive, press, "jinxiu", office.now())
            pulse.beat()
            until(lambda: office.nightwatch.desk.waiting.longest_s)
            assert call(district.url + "/readyz")[0] == 200
            monkeypatch.setattr("district.watching.nightwatch.KEPT_WITHIN_S", 0.0)
            status, told = call(district.url + "/readyz")
            assert (status, told["code"]) == (503, "watch_still"), "of a call nobody waits half a minute to hear"
            assert call(district.url + "/healthz")[0] == 200
            index.rollback()
            assert kept.result(20) == 1
        until(lambda: facts_of(district, "incident.opened"))
        until(lambda: call(district.url + "/readyz")[0] == 200)


def test_the_log_keeps_at_what_it_waits_once(caught: Caught, caplog: pytest.LogCaptureFixture) -> None:
    caught.seconds = STILL_S + 1
    with caplog.at_level(logging.CRITICAL, "district.watching.nightwatch"):
        caught.night.look_after()
        caught.night.look_after()
    (said,) = caplog.messages
    assert "wait_for_the_database" in said


def test_a_hub_watches_itself_where_its_district_does_not(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    district = city.serve("district")
    hub, night, seconds = city.hub("hub", district), district.office.nightwatch, [0.0]

    def fail(_now: datetime) -> None:
        raise OSError("the disk has gone")

    monkeypatch.setattr(night, "tick", fail)
    night.pulse = Pulse(lambda: seconds[0])
    night.pulse.beat()
    seconds[0] = STILL_S + 1
    until(lambda: hub.hub_line.status.link is Link.UNWATCHED)
    assert not hub.hub_line.stands(), "its own watch goes on"
    assert hub.office.nightwatch.stands, "so the desks below it need not"
