"""What every channel promises: it answers in time, never raises, and says whether trying again can help."""

import threading
from collections.abc import Callable
from dataclasses import replace

import pytest

from district.reaching.channels import (
    DESKTOP,
    AppriseChannel,
    Channel,
    DesktopChannel,
    Message,
    Outcome,
    Result,
    WithinTime,
)
from tests.fakes.channels import RecordingChannel
from tests.fakes.web_service import Service, web_service

MESSAGE = Message("ref-1", "ann", "ann", "Fall: Ms Zhang", "3-2-501\n北斗网格码 N50J47539B8255")


def apprise_channel(service: Service) -> Channel:
    return AppriseChannel("web", f"json://127.0.0.1:{service.server_port}/{{to}}", abroad=False)


CHANNELS: dict[str, Callable[[Service], Channel]] = {
    "apprise": apprise_channel,
    "desktop": lambda _: DesktopChannel(lambda person: person == "ann"),
    "recording": lambda _: RecordingChannel(),
    "within time": lambda service: WithinTime(apprise_channel(service)),
}


@pytest.mark.parametrize("make", CHANNELS.values(), ids=CHANNELS.keys())
def test_a_message_is_handed_over(make: Callable[[Service], Channel], service: Service) -> None:
    channel = make(service)
    assert channel.name
    assert channel.send(MESSAGE) == Outcome(Result.SENT, reports=channel.name == DESKTOP)


@pytest.mark.parametrize(
    ("status", "result"),
    [(500, Result.TRY_AGAIN), (503, Result.TRY_AGAIN), (429, Result.TRY_AGAIN), (404, Result.PERMANENT), (401, Result.PERMANENT)],
)  # fmt: skip
def test_a_refusal_is_told_from_a_passing_fault(service: Service, status: int, result: Result) -> None:
    service.status = status
    outcome = apprise_channel(service).send(MESSAGE)
    assert outcome.result is result
    assert outcome.detail == f"http_{status}"


def test_what_one_message_is_refused_with_is_nothing_to_another_under_way(service: Service) -> None:
    """Apprise's capture hears every thread: an alarm that should have been tried again was given up for another's wrong address."""
    answers, outcomes = threading.Event(), list[Outcome]()
    service.status = 404
    with web_service() as slow:
        slow.status, slow.before_answering = 500, lambda: answers.wait(10)
        sending = threading.Thread(target=lambda: outcomes.append(apprise_channel(slow).send(MESSAGE)))
        sending.start()
        assert slow.asked.wait(10)
        outcomes.append(apprise_channel(service).send(MESSAGE))
        answers.set()
        sending.join()
    assert outcomes == [Outcome(Result.PERMANENT, "http_404"), Outcome(Result.TRY_AGAIN, "http_500")]


def test_a_service_that_reports_nothing_is_not_said_to(service: Service) -> None:
    channel = apprise_channel(service)
    assert channel.key == ""
    assert channel.send(replace(MESSAGE, receipt="https://watch.example/arrived/web/ref-1")) == Outcome(Result.SENT)


def test_title_body_and_chinese_arrive_whole(service: Service) -> None:
    apprise_channel(service).send(MESSAGE)
    text = service.bodies[0].decode().encode().decode("unicode_escape", "replace")
    assert "Fall: Ms Zhang" in text
    assert "N50J47539B8255" in text


def test_a_dead_service_may_come_back() -> None:
    channel = AppriseChannel("dead", "json://127.0.0.1:9/{to}", abroad=False)
    assert channel.send(MESSAGE) == Outcome(Result.TRY_AGAIN, "no_connection")


@pytest.mark.parametrize("url", ["nonsense://{to}", "mailto://", ""])
def test_an_address_that_nobody_understands_is_for_good(url: str) -> None:
    assert AppriseChannel("odd", url, abroad=False).send(MESSAGE).result is Result.PERMANENT


def test_an_address_cannot_become_another_service(service: Service) -> None:
    message = Message("r", "ann", "x?method=DELETE&port=1/../y", "t", "b")
    assert apprise_channel(service).send(message).result is Result.SENT


def test_nobody_at_a_desktop_is_not_handed_over() -> None:
    assert DesktopChannel(lambda _: False).send(MESSAGE).result is Result.TRY_AGAIN
