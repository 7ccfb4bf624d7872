"""How often somebody may ask, and that neither the machine's clock nor strangers' addresses are held against anybody."""

import time

import pytest
from starlette.requests import Request

from district.api.callers import household
from district.config import Limits
from district.door.limiting import Limiter

RULES = Limits(sign_in="3/minute")


class Seconds:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


def test_no_more_than_the_rule_says_in_any_minute(seconds: Seconds) -> None:
    limiter = Limiter(RULES, seconds)
    allowed = []
    for seconds.now in (0, 10, 20, 30, 59, 61, 62, 71):
        allowed.append(limiter.allows("sign_in", "ann"))
    assert allowed == [True, True, True, False, False, True, False, True]


def test_each_caller_and_each_rule_is_counted_alone(seconds: Seconds) -> None:
    limiter = Limiter(RULES, seconds)
    for _ in range(4):
        limiter.allows("sign_in", "ann")
    assert not limiter.allows("sign_in", "ann")
    assert limiter.allows("sign_in", "bob")
    assert limiter.allows("enrol", "ann")


def test_a_clock_that_is_put_back_by_a_day_locks_nobody_out(monkeypatch: pytest.MonkeyPatch, seconds: Seconds) -> None:
    """A server that starts with a wrong time is put right by the network's a minute later."""
    wall = time.time()
    limiter = Limiter(RULES, seconds)
    monkeypatch.setattr(time, "time", lambda: wall)
    assert limiter.allows("sign_in", "ann")
    monkeypatch.setattr(time, "time", lambda: wall - 86_400)
    for seconds.now in range(60, 3_600, 20):
        assert limiter.allows("sign_in", "ann")


def test_strangers_are_forgotten_after_their_minute(seconds: Seconds) -> None:
    limiter = Limiter(RULES, seconds)
    for n in range(5_000):
        seconds.now += 0.1
        limiter.allows("sign_in", f"2001:db8::{n:x}")
    assert len(limiter._windows["sign_in"]._taken) == 600


@pytest.mark.parametrize(
    ("host", "counts_as"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2408:8207:25c0:11::1", "2408:8207:25c0:11::/64"),
        ("2408:8207:25c0:11:dead:beef:0:7", "2408:8207:25c0:11::/64"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("fe80::1%eth0", "fe80::1%eth0"),  # the machines of one room
        ("fd00::7", "fd00::7"),
        ("::1", "::1"),
        ("testclient", "testclient"),
    ],
)
def test_whoever_owns_a_whole_network_has_the_allowance_of_one(host: str, counts_as: str) -> None:
    assert household(Request({"type": "http", "headers": [], "client": (host, 1)})) == counts_as
