"""The line above is neither up nor down: nothing is refused, nothing answered. What is asked there waits, and nothing else does."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from district.config import Limits
from district.door.limiting import Limiter
from district.hubs.above import Above, Answer
from offline.line.link import Link
from offline.transport.errors import TryAgain
from offline.wire import FeedItem
from tests.district_api.calls import call
from tests.fakes.city import City, synced
from tests.fakes.serving import Joined, register
from tests.fakes.there import there
from tests.fakes.waiting import until
from watch.falls import SUSPECTED

MANY = 60  # more than a server has threads for what takes a while


class Hangs:
    """A line on which nobody answers until `end`."""

    def __init__(self) -> None:
        self.asked, self._end = list[str](), threading.Event()

    def hand_on(self, _method: str, target: str, *_: Any) -> Answer:
        self.asked.append(target)
        self._end.wait()
        raise TryAgain("timed out")

    def end(self) -> None:
        self._end.set()


class Place:
    def __init__(self, city: City) -> None:
        self.district = city.serve("district")
        self.hub = city.hub("hub", self.district)
        self.kiosk, self.desk = city.join(self.hub), city.join(self.hub, "caregiver")
        self.elder = register(self.kiosk)
        for node in (self.kiosk, self.desk):
            node.client.round()
        self.line = Hangs()
        office = self.hub.office
        office.above = Above(lambda: self.line, office.now_ms)  # type: ignore[arg-type, return-value]  # as much as is asked of it


@pytest.fixture
def place(city: City) -> Iterator[Place]:
    place = Place(city)
    yield place
    place.line.end()


def presses(kiosk: Joined, elder: str) -> None:
    kiosk.journal.append("incident.opened", {"incident": "i1", "kind": "sos", "severity": 1}, subject=elder)
    kiosk.client.round()
    assert kiosk.journal.pending() == 0


def test_an_alarm_waits_for_nobody_who_is_waiting_to_sign_in(place: Place) -> None:
    asked = {"login": "li", "password": "a long password"}
    with ThreadPoolExecutor(MANY) as people:
        tries = [people.submit(call, f"{place.hub.url}/v1/sign-in", "POST", asked) for _ in range(MANY)]
        until(lambda: place.line.asked)
        until(lambda: there(place.hub.office.above).turns.statistics().tasks_waiting > MANY // 2)
        presses(place.kiosk, place.elder)
        place.desk.until(lambda: place.desk.journal.facts("incident.opened"))
        place.line.end()
        assert {status for status, _ in (each.result() for each in tries)} == {503}
    assert len(place.line.asked) < MANY, "for as long as it took to find out, nobody is asked again"


def test_an_alarm_does_not_wait_at_a_desk_until_it_is_known_who_sits_there(place: Place) -> None:
    place.desk.transport.bearer = "a-token-that-the-district-would-know"
    heard = threading.Event()

    def listen() -> None:
        try:
            for told in place.desk.transport.stream(""):
                if isinstance(told, FeedItem):
                    heard.set()
        except TryAgain:
            pass

    listening = threading.Thread(target=listen)
    listening.start()
    until(lambda: place.line.asked)
    presses(place.kiosk, place.elder)
    assert heard.wait(10)
    place.line.end()
    place.desk.transport.hang_up()
    listening.join(10)


@pytest.mark.parametrize("kind", ["sign.sos", SUSPECTED])
def test_a_call_for_help_rings_at_the_desks_of_a_hub_that_has_found_nothing_wrong_with_its_line_yet(
    city: City, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """It took 79 s: twenty until a request was given up, and a minute more; a suspected fall that, and a minute and a half."""
    district = city.serve("district")
    hub = city.hub("hub", district)
    kiosk, desk, elder = city.household(hub, district)
    until(lambda: hub.hub_line.status.link is Link.CONNECTED)
    hangs, end, above, send = threading.Event(), threading.Event(), district.url, requests.Session.send

    def sent(session: requests.Session, request: requests.PreparedRequest, **how: Any) -> requests.Response:
        if str(request.url).startswith(above):
            hangs.set()
            end.wait()
            raise requests.ReadTimeout
        return send(session, request, **how)

    monkeypatch.setattr(requests.Session, "send", sent)
    assert hangs.wait(10)
    told = {"device": "b1"} | ({"impact": kiosk.node.clock.now_ms() - 89_000} if kind == SUSPECTED else {})
    kiosk.journal.append(kind, told, subject=elder)
    kiosk.client.round()
    until(synced(desk, "incident.opened"))
    assert hub.hub_line.status.link is Link.CONNECTED, "it is not known yet"
    (opened,) = desk.journal.facts("incident.opened")
    assert there(opened.payload)["confirmed"] is False
    end.set()
    monkeypatch.setattr(requests.Session, "send", send)
    until(lambda: len(desk.journal.facts("incident.opened")) == 2, meanwhile=desk.client.round)
    assert len({there(f.payload)["incident"] for f in desk.journal.facts("incident.opened")}) == 1, "both meet"


class Slow(Hangs):
    """It is found out after 20 s by the clock of `now`."""

    now = 0.0

    def hand_on(self, _method: str, target: str, *_: Any) -> Answer:
        self.asked.append(target)
        self.now += 20
        raise TryAgain("timed out")


def test_after_a_silence_nobody_is_asked_for_as_long_as_it_lasted() -> None:
    line = Slow()
    above = Above(lambda: line, lambda: 0, lambda: line.now)  # type: ignore[arg-type, return-value]
    for at, asked in ((0.0, 1), (20.0, 1), (39.9, 1), (40.0, 2), (79.9, 2), (80.0, 3)):
        line.now = at
        with pytest.raises(TryAgain):
            above.hand_on("GET", "/v1/me")
        assert len(line.asked) == asked, at


def test_a_made_up_session_uses_up_no_allowance_of_the_hubs_above(city: City) -> None:
    """Its allowance is for the feed and for receipts of withdrawals."""
    district = city.serve("district")
    hub = city.hub("hub", district)
    hub.office.limiter = Limiter(Limits(sign_in="3/minute"))
    asked = []
    above = there(hub.office.above)
    ask = above.hand_on
    above.hand_on = lambda *given, **named: asked.append(given) or ask(*given, **named)  # type: ignore[func-returns-value, method-assign]
    for path in ("/v1/devices", "/v1/me"):
        found = [call(f"{hub.url}{path}", headers={"Authorization": f"Bearer made-up-{n:030d}"})[0] for n in range(8)]
        assert found == [401] * 3 + [429] * 5, path
    assert len(asked) == 6
