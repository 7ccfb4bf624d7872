"""What every channel promises: it answers in time, never raises, and says whether trying again can help."""

import http.server
import socketserver
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from urllib.parse import parse_qs

import pytest
from apprise.plugins.dingtalk import NotifyDingTalk
from apprise.plugins.feishu import NotifyFeishu
from apprise.plugins.twilio import NotifyTwilio
from apprise.plugins.wecombot import NotifyWeComBot

from district.reaching.channels import (
    DESKTOP,
    AppriseChannel,
    Channel,
    DesktopChannel,
    Message,
    Outcome,
    Result,
    WithinTime,
    understood,
)
from tests.fakes.channels import RecordingChannel

MESSAGE = Message("ref-1", "ann", "ann", "Fall: Ms Zhang", "3-2-501\n北斗网格码 N50J47539B8255")


class Service(http.server.ThreadingHTTPServer):
    """A real web service in the form of Apprise's json://; answers with `status`."""

    status, answer, daemon_threads = 200, b"", True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answering)
        self.bodies: list[bytes] = []
        self.asked = threading.Event()
        self.before_answering: Callable[[], object] = lambda: None


class Answering(http.server.BaseHTTPRequestHandler):
    server: Service

    def do_POST(self) -> None:
        self.server.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.set()
        self.server.before_answering()
        self.send_response(self.server.status)
        self.send_header("Content-Length", str(len(self.server.answer)))
        self.end_headers()
        self.wfile.write(self.server.answer)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def service() -> Iterator[Service]:
    found = Service()
    thread = threading.Thread(target=found.serve_forever, args=(0.05,))
    thread.start()
    yield found
    found.shutdown()
    thread.join()
    found.server_close()


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


class MailServer(socketserver.ThreadingTCPServer):
    """As much of SMTP as takes a message, or refuses whoever it is for with `refusal`."""

    refusal, daemon_threads, block_on_close = b"", True, False


class Mailing(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        self.wfile.write(b"220 here\r\n")
        for line in self.rfile:
            word = line[:4].upper()
            refused = word == b"RCPT" and self.server.refusal
            self.wfile.write(
                refused or {b"DATA": b"354 go on\r\n", b"QUIT": b"221 bye\r\n"}.get(word, b"250 so be it\r\n")
            )
            if word == b"DATA":
                while self.rfile.readline().strip() != b".":
                    pass
                self.wfile.write(b"250 kept\r\n")
            if word == b"QUIT":
                return


@pytest.mark.parametrize(
    ("refusal", "outcome"),
    [
        (b"", Outcome(Result.SENT)),
        (b"550 no such user\r\n", Outcome(Result.PERMANENT, "smtp_550")),
        (b"451 not now\r\n", Outcome(Result.TRY_AGAIN, "no_connection")),
    ],
)
def test_a_mail_server_that_knows_nobody_of_that_name_is_told_from_one_that_is_busy(
    refusal: bytes, outcome: Outcome, caplog: pytest.LogCaptureFixture
) -> None:
    with MailServer(("127.0.0.1", 0), Mailing) as server:
        server.refusal = refusal
        serving = threading.Thread(target=server.serve_forever, args=(0.05,))
        serving.start()
        url = f"mailto://127.0.0.1:{server.server_address[1]}/?from=watch@example.org&to={{to}}&mode=insecure"
        answer = AppriseChannel("mail", url, abroad=False).send(replace(MESSAGE, address="ann@example.org"))
        server.shutdown()
        serving.join()
    assert answer == outcome
    assert MESSAGE.body not in caplog.text


def test_what_one_message_is_refused_with_is_nothing_to_another_under_way(service: Service) -> None:
    """Apprise's capture hears every thread: an alarm that should have been tried again was given up for another's wrong address."""
    slow, answers, outcomes = Service(), threading.Event(), list[Outcome]()
    slow.status, slow.before_answering = 500, lambda: answers.wait(10)
    serving = threading.Thread(target=slow.serve_forever, args=(0.05,))
    sending = threading.Thread(target=lambda: outcomes.append(apprise_channel(slow).send(MESSAGE)))
    service.status = 404
    serving.start()
    sending.start()
    assert slow.asked.wait(10)
    outcomes.append(apprise_channel(service).send(MESSAGE))
    answers.set()
    sending.join()
    slow.shutdown()
    serving.join()
    slow.server_close()
    assert outcomes == [Outcome(Result.PERMANENT, "http_404"), Outcome(Result.TRY_AGAIN, "http_500")]


@pytest.mark.parametrize(
    ("status", "code", "result"),
    [
        (400, 21211, Result.PERMANENT),  # no telephone number
        (400, 21610, Result.PERMANENT),  # who opted out
        (401, 20003, Result.PERMANENT),
        (404, 20404, Result.PERMANENT),
        (429, 20429, Result.TRY_AGAIN),
        (503, 20503, Result.TRY_AGAIN),
        (400, 21611, Result.TRY_AGAIN),  # too many are waiting
    ],
)
def test_twilios_own_codes_are_told_apart(
    service: Service, status: int, code: int, result: Result, monkeypatch: pytest.MonkeyPatch
) -> None:
    service.status, service.answer = status, f'{{"code": {code}, "message": "no", "status": {status}}}'.encode()
    monkeypatch.setattr(NotifyTwilio, "notify_sms_url", f"http://127.0.0.1:{service.server_port}/{{sid}}")
    channel = AppriseChannel("sms", f"twilio://AC{'a' * 32}:{'b' * 32}@15551230000/{{to}}", abroad=True)
    outcome = channel.send(replace(MESSAGE, address="15551231111"))
    assert outcome == Outcome(result, f"code_{code}")
    assert b"15551231111" in service.bodies[0]


TWILIO = f"twilio://AC{'a' * 32}:{'b' * 32}@15551230000/{{to}}"


@pytest.mark.parametrize(("url", "reported"), [(TWILIO, True), (TWILIO + "?method=call", True)])
def test_twilio_is_asked_to_report_and_only_on_the_message_at_hand(
    service: Service, url: str, reported: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for place in ("notify_sms_url", "notify_call_url"):
        monkeypatch.setattr(NotifyTwilio, place, f"http://127.0.0.1:{service.server_port}/{{sid}}")
    channel = WithinTime(AppriseChannel("sms", url, abroad=True))
    assert channel.key == "b" * 32
    message = replace(MESSAGE, address="15551231111", receipt="https://watch.example/arrived/sms/ref-1")
    assert channel.send(message) == Outcome(Result.SENT, reports=reported)
    assert channel.send(replace(message, receipt="")) == Outcome(Result.SENT)
    asked = [parse_qs(body.decode()).get("StatusCallback") for body in service.bodies]
    assert asked == [["https://watch.example/arrived/sms/ref-1"], None]


def test_a_service_that_reports_nothing_is_not_said_to(service: Service) -> None:
    channel = apprise_channel(service)
    assert channel.key == ""
    assert channel.send(replace(MESSAGE, receipt="https://watch.example/arrived/web/ref-1")) == Outcome(Result.SENT)


BOTS = [
    (NotifyWeComBot, "notify_url", "wecombot://key-{to}", "errcode", 93000, 45009),
    (NotifyDingTalk, "notify_url", "dingtalk://{to}", "errcode", 310000, 130101),
    (NotifyFeishu, "notify_url", "feishu://{to}", "code", 19024, 11232),
]


@pytest.mark.parametrize(("plugin", "place", "url", "word", "refused", "busy"), BOTS)
def test_a_bot_that_refuses_in_a_friendly_200_is_not_taken_at_its_word(
    service: Service,
    plugin: type,
    place: str,
    url: str,
    word: str,
    refused: int,
    busy: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    here = f"http://127.0.0.1:{service.server_port}/"
    monkeypatch.setattr(plugin, place, here + ("{token}" if "{token}" in getattr(plugin, place) else ""))
    channel, message = AppriseChannel("bot", url, abroad=False), replace(MESSAGE, address="abcdefgh12345678")
    for code, result in ((0, Result.SENT), (refused, Result.PERMANENT), (busy, Result.TRY_AGAIN)):
        service.answer = f'{{"{word}": {code}, "msg": "x"}}'.encode()
        assert channel.send(message).result is result


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


@pytest.mark.parametrize(
    ("url", "good", "wrong"),
    [
        ("mailto://u:p@mail.invalid?to={to}", "ann@example.org", "ann"),
        (f"twilio://AC{'0' * 32}:{'0' * 32}@15550001111/{{to}}", "13800001111", "one three eight"),
        ("dingtalk://{to}", "abcdefgh12345678", "!"),
        ("wecombot://{to}", "abc-123", "!"),
    ],
)
def test_an_address_that_a_service_would_leave_out_is_refused_and_not_sent_to_whoever_sends(
    url: str, good: str, wrong: str
) -> None:
    assert understood(url, good)
    assert not understood(url, wrong)
    outcome = AppriseChannel("any", url, abroad=False).send(replace(MESSAGE, address=wrong))
    assert outcome == Outcome(Result.PERMANENT, "address_not_understood")
