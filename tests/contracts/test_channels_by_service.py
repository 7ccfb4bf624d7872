"""What each named service takes and refuses, spoken by a local one: mail, ntfy, Twilio, the bots of WeCom, DingTalk and Feishu."""

import json
import socketserver
import threading
from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import parse_qs

import pytest
from apprise.plugins.dingtalk import NotifyDingTalk
from apprise.plugins.feishu import NotifyFeishu
from apprise.plugins.twilio import NotifyTwilio
from apprise.plugins.wecombot import NotifyWeComBot

from district.reaching.channels import AppriseChannel, Message, Outcome, Result, WithinTime, understood
from tests.fakes.web_service import Service

MESSAGE = Message("ref-1", "ann", "ann", "Fall: Ms Zhang", "3-2-501\n北斗网格码 N50J47539B8255")


class MailServer(socketserver.ThreadingTCPServer):
    """As much of SMTP as takes a message; `answers` instead, by command, BANNER and END (of the message)."""

    answers: Mapping[bytes, bytes] = {}
    daemon_threads, block_on_close = True, False


class Mailing(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        says = {
            b"BANNER": b"220 here", b"EHLO": b"250-here\r\n250 AUTH PLAIN LOGIN", b"AUTH": b"235 welcome",
            b"DATA": b"354 go on", b"END": b"250 kept", b"QUIT": b"221 bye", **self.server.answers,
        }  # fmt: skip
        self.wfile.write(says[b"BANNER"] + b"\r\n")
        for line in self.rfile:
            word = line[:4].upper()
            answer = says.get(word, b"250 so be it")
            self.wfile.write(answer + b"\r\n")
            if word == b"DATA" and answer.startswith(b"354"):
                while self.rfile.readline().strip() != b".":
                    pass
                self.wfile.write(says[b"END"] + b"\r\n")
            if word == b"QUIT":
                return


@pytest.mark.parametrize(
    ("answers", "outcome"),
    [
        ({}, Outcome(Result.SENT)),
        ({b"RCPT": b"550 no such user"}, Outcome(Result.PERMANENT, "smtp_550")),
        ({b"RCPT": b"452 too many for now"}, Outcome(Result.TRY_AGAIN, "smtp_452")),
        ({b"MAIL": b"550 you may not send"}, Outcome(Result.PERMANENT, "smtp_550")),
        ({b"MAIL": b"451 not now"}, Outcome(Result.TRY_AGAIN, "smtp_451")),
        ({b"END": b"554 looks like spam"}, Outcome(Result.PERMANENT, "smtp_554")),
        ({b"END": b"451 not now"}, Outcome(Result.TRY_AGAIN, "smtp_451")),
        ({b"AUTH": b"535 wrong password"}, Outcome(Result.PERMANENT, "smtp_535")),
        ({b"AUTH": b"454 not now"}, Outcome(Result.TRY_AGAIN, "smtp_454")),
        ({b"BANNER": b"554 not to you"}, Outcome(Result.PERMANENT, "smtp_554")),
        ({b"BANNER": b"421 too many"}, Outcome(Result.TRY_AGAIN, "smtp_421")),
    ],
)
def test_what_a_mail_server_will_never_take_is_told_from_what_it_takes_later(
    answers: Mapping[bytes, bytes], outcome: Outcome, caplog: pytest.LogCaptureFixture
) -> None:
    with MailServer(("127.0.0.1", 0), Mailing) as server:
        server.answers = answers
        serving = threading.Thread(target=server.serve_forever, args=(0.05,))
        serving.start()
        url = f"mailto://u:p@127.0.0.1:{server.server_address[1]}/?from=watch@example.org&to={{to}}&mode=insecure"
        answer = AppriseChannel("mail", url, abroad=False).send(replace(MESSAGE, address="ann@example.org"))
        server.shutdown()
        serving.join()
    assert answer == outcome
    assert MESSAGE.body not in caplog.text


NTFY_SAYS = {"id": "hwQ2YpKdmg", "time": 1795827600, "event": "message", "topic": "ann", "message": "x"}


@pytest.mark.parametrize(
    ("status", "answer", "outcome"),
    [
        (200, NTFY_SAYS, Outcome(Result.SENT)),
        (400, {"code": 40009, "http": 400, "error": "invalid request: topic invalid"}, Outcome(Result.PERMANENT, "code_40009")),
        (401, {"code": 40101, "http": 401, "error": "unauthorized"}, Outcome(Result.PERMANENT, "code_40101")),
        (403, {"code": 40301, "http": 403, "error": "forbidden"}, Outcome(Result.PERMANENT, "code_40301")),
        (429, {"code": 42908, "http": 429, "error": "limit reached: daily message quota"}, Outcome(Result.TRY_AGAIN, "code_42908")),
        (500, {"code": 50001, "http": 500, "error": "internal server error"}, Outcome(Result.TRY_AGAIN, "code_50001")),
        (507, {"code": 50701, "http": 507, "error": "insufficient storage"}, Outcome(Result.TRY_AGAIN, "code_50701")),
        (502, None, Outcome(Result.TRY_AGAIN, "http_502")),  # what stands before it
    ],
)  # fmt: skip
def test_ntfy_takes_a_message_and_says_why_it_does_not(
    service: Service, status: int, answer: object, outcome: Outcome
) -> None:
    """That somebody's telephone has it, it never says."""
    service.status, service.answer = status, b"<html>" if answer is None else json.dumps(answer).encode()
    channel = AppriseChannel("ntfy", f"ntfy://127.0.0.1:{service.server_port}/{{to}}", abroad=False)
    assert (channel.key, channel.send(MESSAGE)) == ("", outcome)
    said = json.loads(service.bodies[0])
    assert (said["topic"], said["title"]) == ("ann", MESSAGE.title)
    assert "N50J47539B8255" in said["message"]


@pytest.mark.parametrize("call", ["", "?method=call"])
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
    service: Service, status: int, code: int, result: Result, call: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    service.status, service.answer = status, f'{{"code": {code}, "message": "no", "status": {status}}}'.encode()
    for place in ("notify_sms_url", "notify_call_url"):
        monkeypatch.setattr(NotifyTwilio, place, f"http://127.0.0.1:{service.server_port}/{place}/{{sid}}")
    channel = AppriseChannel("sms", f"twilio://AC{'a' * 32}:{'b' * 32}@15551230000/{{to}}{call}", abroad=True)
    outcome = channel.send(replace(MESSAGE, address="15551231111"))
    assert outcome == Outcome(result, f"code_{code}")
    assert b"15551231111" in service.bodies[0]


TWILIO = f"twilio://AC{'a' * 32}:{'b' * 32}@15551230000/{{to}}"


@pytest.mark.parametrize("url", [TWILIO, TWILIO + "?method=call"])
def test_twilio_is_asked_to_report_and_only_on_the_message_at_hand(
    service: Service, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for place in ("notify_sms_url", "notify_call_url"):
        monkeypatch.setattr(NotifyTwilio, place, f"http://127.0.0.1:{service.server_port}/{{sid}}")
    channel = WithinTime(AppriseChannel("sms", url, abroad=True))
    assert channel.key == "b" * 32
    message = replace(MESSAGE, address="15551231111", receipt="https://watch.example/arrived/sms/ref-1")
    assert channel.send(message) == Outcome(Result.SENT, reports=True)
    assert channel.send(replace(message, receipt="")) == Outcome(Result.SENT)
    asked = [parse_qs(body.decode()).get("StatusCallback") for body in service.bodies]
    assert asked == [["https://watch.example/arrived/sms/ref-1"], None]


BOTS = [  # status and code: what will never do, and what passes
    (NotifyWeComBot, "wecombot://key-{to}", "errcode", [(200, 93000), (200, 40058)], [(200, 45009), (200, -1)]),
    (NotifyDingTalk, "dingtalk://{to}", "errcode", [(200, 310000), (200, 300001)], [(200, 130101), (200, 410100)]),
    (NotifyFeishu, "feishu://{to}", "code", [(200, 19024), (200, 19001), (400, 19021)], [(200, 11232), (400, 230020)]),
]


@pytest.mark.parametrize(("plugin", "url", "word", "refused", "busy"), BOTS)
def test_a_bot_that_refuses_in_a_friendly_200_is_not_taken_at_its_word(
    service: Service,
    plugin: type,
    url: str,
    word: str,
    refused: list[tuple[int, int]],
    busy: list[tuple[int, int]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    here, place = f"http://127.0.0.1:{service.server_port}/", "notify_url"
    monkeypatch.setattr(plugin, place, here + ("{token}" if "{token}" in getattr(plugin, place) else ""))
    channel, message = AppriseChannel("bot", url, abroad=False), replace(MESSAGE, address="abcdefgh12345678")
    for answers, result in (([(200, 0)], Result.SENT), (refused, Result.PERMANENT), (busy, Result.TRY_AGAIN)):
        for status, code in answers:
            service.status, service.answer = status, json.dumps({word: code, "msg": "x", "data": {}}).encode()
            assert channel.send(message).result is result, code
    said = service.bodies[0].decode()
    assert "Fall: Ms Zhang" in said
    assert "N50J47539B8255" in said
    service.status, service.answer = 502, b"<html>"
    assert channel.send(message).result is Result.TRY_AGAIN


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
