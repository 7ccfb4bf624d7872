"""A phone or a bridge whose clock is wrong: after a power cut many have none that they could set."""

import json
from datetime import timedelta

import pytest

from district.intake import webhook
from district.intake.signals import Kind
from tests.district_intake.conftest import T0

SECRETS = {"b1": b"secret", "b2": b"other"}
SLOW = timedelta(days=9000)


def sends(clocks: webhook.WrongClocks | None, kind: str, after: float = 0, key: str = "b1") -> webhook.Answer:
    """Signed by a clock that is decades behind, and goes on as clocks do."""
    now = T0 + timedelta(seconds=after)
    body = json.dumps(
        [{"device": "b", "kind": kind, "at": (now - SLOW).isoformat()}, {"device": "m", "kind": "motion"}]
    )
    headers = webhook.sign(body.encode(), key, SECRETS[key], now - SLOW)
    return webhook.parse(body.encode(), headers, now, SECRETS, clocks)


def test_a_call_for_help_by_a_clock_that_cannot_be_set_is_heard_the_second_time_and_nothing_else_is() -> None:
    clocks = webhook.WrongClocks()
    assert sends(clocks, "sos").status == 401, "it is told our time first"
    again = sends(clocks, "sos", 20)
    assert again.status == 202
    (sos,) = again.heard.signals
    assert (sos.kind, sos.at, sos.timed, again.heard.problem) == (Kind.SOS, None, False, "outside_window")
    assert sends(clocks, "motion", 40).status == 401


def test_a_copy_of_the_message_that_was_refused_stays_refused() -> None:
    clocks = webhook.WrongClocks()
    assert [sends(clocks, "sos").status for _ in range(3)] == [401, 401, 401]


@pytest.mark.parametrize(("after", "key"), [(301, "b1"), (20, "b2")])
def test_who_was_told_long_ago_or_is_somebody_else_is_told_first(after: float, key: str) -> None:
    clocks = webhook.WrongClocks()
    sends(clocks, "sos")
    assert sends(clocks, "sos", after, key).status == 401


def test_a_wrong_signature_is_never_heard() -> None:
    clocks = webhook.WrongClocks()
    sends(clocks, "sos")
    body = b'{"device": "b", "kind": "sos"}'
    headers = webhook.sign(body, "b1", b"guessed", T0 - SLOW)
    assert webhook.parse(body, headers, T0, SECRETS, clocks).heard.problem == "bad_signature"
