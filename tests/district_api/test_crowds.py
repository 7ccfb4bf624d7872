"""At eight in the morning everybody signs in: whoever calls for help then waits for none of them."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest

from district.api.turns import MOST_WAITING
from district.operator import commands
from district.people.accounts import SignInRefused
from offline.keys.signing import Signer
from offline.transport.errors import TryAgain
from offline.transport.http import HttpTransport
from tests.district_api.calls import call
from tests.district_api.test_home_signals import post_signal
from tests.fakes.serving import Joined, Serving
from tests.fakes.waiting import until

MANY = MOST_WAITING + 10  # and more than a server has threads for what takes a while
ASKED = {"login": "li", "password": "a long password"}


class Held:
    """Whoever comes in stays until `end`."""

    def __init__(self) -> None:
        self.inside, self._end = 0, threading.Event()

    def __call__(self, *_: Any) -> Any:
        self.inside += 1
        self._end.wait()
        raise SignInRefused

    def end(self) -> None:
        self._end.set()


@pytest.fixture
def held() -> Iterator[Held]:
    held = Held()
    yield held
    held.end()


def crowd(ask: Callable[[], Any], held: Held, meanwhile: Callable[[], None]) -> list[Any]:
    with ThreadPoolExecutor(MANY) as people:
        answers = [people.submit(ask) for _ in range(MANY)]
        try:
            until(lambda: held.inside >= 4)
            meanwhile()
        finally:
            held.end()
        return [answer.result() for answer in answers]


def test_a_call_for_help_waits_for_nobody_who_signs_in_and_a_crowd_is_told_to_come_again(
    district: Serving, held: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    bridge = commands.perform(district.office, "bridge", {"community": "jinxiu"})
    monkeypatch.setattr(district.office.accounts, "sign_in", held)

    def helps() -> None:
        until(lambda: district.office.proofs.statistics().tasks_waiting >= MOST_WAITING)
        assert post_signal(district, bridge, {"action": "emergency"})["recorded"] == 1
        assert call(district.url + "/v1/sign-in", "POST", ASKED)[1]["code"] == "busy"

    told = crowd(lambda: call(district.url + "/v1/sign-in", "POST", ASKED)[1]["code"], held, helps)
    assert set(told) <= {"sign_in", "busy"}
    assert told.count("sign_in") >= MOST_WAITING
    assert held.inside == told.count("sign_in")


def test_nor_for_those_who_read(
    district: Serving, join: Callable[..., Joined], held: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    bridge, kiosk = commands.perform(district.office, "bridge", {"community": "jinxiu"}), join("kiosk")
    kiosk.client.round()
    monkeypatch.setattr(district.office.accounts, "invited", held)

    def helps() -> None:
        until(lambda: held.inside >= 40)  # every thread that there is for whatever has none of its own
        assert post_signal(district, bridge, {"action": "emergency"})["recorded"] == 1
        kiosk.journal.append("incident.opened", {"incident": "i1", "kind": "sos", "severity": 1}, subject="p1")
        kiosk.client._push_all()
        assert kiosk.journal.pending() == 0

    crowd(lambda: call(district.url + "/begin/somebody")[0], held, helps)


def test_a_page_waits_for_no_sum_though_every_node_compares_at_once(
    district: Serving, join: Callable[..., Joined], held: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    kiosk, desk = join("kiosk"), join("caregiver")
    kiosk.client.round()
    monkeypatch.setattr(district.office.checksums, "of", held)

    def compares() -> None:
        line = HttpTransport(district.url, lambda: datetime.now(UTC))
        line.sign_as(kiosk.journal.device, Signer(kiosk.journal.device, kiosk.node.identity.sign))
        with pytest.raises(TryAgain):
            line.checksums(kiosk.journal.cursor)
        line.close()

    def reads() -> None:
        until(lambda: district.office.sums.statistics().tasks_waiting > 40)
        desk.client._pull(0)

    crowd(compares, held, reads)
