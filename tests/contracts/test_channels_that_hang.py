"""A channel that hangs costs one message its seconds, holds up nobody else, and is trusted again once it answers."""

import threading

import pytest

from district.reaching.channels import HAND_OVER_S, HUNG_S, Channel, Message, Outcome, Result, WithinTime
from tests.fakes.channels import DEAD, RecordingChannel

MESSAGE = Message("ref-1", "ann", "ann", "Fall: Ms Zhang", "3-2-501")


def hangs_until(release: threading.Event) -> Channel:
    """A channel that hangs until then."""

    def hang(_: Message) -> None:
        release.wait(60)

    return RecordingChannel(having_sent=hang)


def test_a_channel_that_hangs_is_left_behind_and_one_that_breaks_is_survived() -> None:
    release = threading.Event()

    def breaks(_: Message) -> None:
        raise RuntimeError("broken on purpose")

    hanging = WithinTime(hangs_until(release), 0.05)
    try:
        assert hanging.send(MESSAGE) == Outcome(Result.TRY_AGAIN, "timed_out")
    finally:
        release.set()
    assert WithinTime(RecordingChannel(having_sent=breaks)).send(MESSAGE) == Outcome(Result.TRY_AGAIN, "RuntimeError")


def test_a_channel_that_is_silent_is_tried_now_and_then_and_holds_up_nobody_else() -> None:
    """Behind a dead service a hundred alarms at once would each wait their seconds, the last of them most of a minute."""
    assert 2 * HAND_OVER_S < 20, "two that hang leave the third within 20 s"
    clock, release = [0.0], threading.Event()
    channel = WithinTime(hangs_until(release), 1.0, lambda: clock[0])
    assert channel.send(MESSAGE).detail == "timed_out"
    assert [channel.send(MESSAGE).detail for _ in range(3)] == ["not_answering"] * 3
    clock[0] += 1.0
    assert [channel.send(MESSAGE).detail for _ in range(2)] == ["timed_out", "not_answering"]
    release.set()
    clock[0] += 1.0
    assert channel.send(MESSAGE).result is Result.SENT
    assert channel.send(MESSAGE).result is Result.SENT, "trusted again as soon as it answers"


@pytest.mark.parametrize(("took", "next_time"), [(HUNG_S + 1, "not_answering"), (HUNG_S - 1, "no_connection")])
def test_one_that_fails_slowly_is_silent_and_one_that_refuses_at_once_is_asked_every_time(
    took: float, next_time: str
) -> None:
    clock = [0.0]

    class Failing(RecordingChannel):
        def send(self, message: Message) -> Outcome:
            clock[0] += took
            return DEAD

    channel = WithinTime(Failing(), now=lambda: clock[0])
    assert [channel.send(MESSAGE).detail for _ in range(2)] == ["no_connection", next_time]
