"""Ways to reach a person: one port, whose failures say whether trying again can help.

A channel only hands a message over (*sent*). That it arrived (*delivered*) and that somebody answers (*acknowledged*) are other
facts; few services report the former (`district.reaching.arrivals`).
"""

import logging
import re
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Protocol
from urllib.parse import quote

import apprise

from district.reaching.bots import heed_bodies
from district.reaching.twilio import heed_reports, key_of, reporting_to

# A channel that has not answered by then is dead for this message: even behind two of them the third is at work within 20 s.
HAND_OVER_S = 9.5
HUNG_S = 2.0  # the patience with one that hung the last time, until it answers again
DESKTOP = "desktop"
_APPRISE = logging.getLogger("apprise")
_SMTP_SAYS = "Socket Exception: "
# of the recipient (in braces, with what was said of each), the sender, the account or the message
_SMTP_REFUSES = re.compile(_SMTP_SAYS + r"(?:\{[^\n]*?: )?\(([45]\d\d), b")
_STATUS = re.compile(r"error\s*=\s*(\d+)", re.IGNORECASE)
# A service that sends on to another address could send on to one inside the district's own network.
_HERE_ALONE = apprise.AppriseAsset(http_redirects=False)
_PASSING = frozenset({408, 409, 425, 429})
_TWILIO_QUEUE_FULL = 21611
_ANY_NUMBER, _ANY_MAILBOX = "15550001111", "somebody@example.org"


class Result(StrEnum):
    SENT = "sent"
    TRY_AGAIN = "try_again"
    PERMANENT = "permanent"


@dataclass(frozen=True, slots=True)
class Outcome:
    """`detail` is for the log and the fact: a code or a short reason, never the message.

    `reports`: we shall hear whether what was sent arrived.
    """

    result: Result
    detail: str = ""
    reports: bool = False


@dataclass(frozen=True, slots=True)
class Message:
    """What one person gets. `ref` is the same when it is handed over again after a crash; `receipt`: where to report."""

    ref: str
    person: str
    address: str
    title: str
    body: str
    urgent: bool = True
    possible_repeat: bool = False
    receipt: str = ""


class Channel(Protocol):
    """`abroad`: the message leaves the country, which the elder must have agreed to.

    `key` is what its service signs reports of arrival with; "" where it sends none.
    """

    name: str
    abroad: bool
    key: str

    def send(self, message: Message) -> Outcome:
        """Hand one message over. Must not raise, and should return within `HAND_OVER_S`."""


def understood(url: str, address: str) -> bool:
    """Whether a service of this `url` can make anything of an address."""
    return _service(url, address) is not None


@cache
def _load_services() -> None:
    """Apprise does so at the first use, and one of its services imports imghdr."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        apprise.Apprise.instantiate("json://localhost", suppress_exceptions=True)


def _service(url: str, address: str) -> apprise.NotifyBase | None:
    """None where it can make nothing of the address. Some only leave it out, and would then send to whoever sends."""
    found = _made(url, address)
    left_out = _targets(found) == [] and any(_targets(_made(url, usual)) for usual in (_ANY_NUMBER, _ANY_MAILBOX))
    return None if left_out else found


def _made(url: str, address: str) -> apprise.NotifyBase | None:
    _load_services()
    whole = url.replace("{to}", quote(address, safe=""))
    whole += ("&" if "?" in whole else "?") + "cto=3&rto=6"
    found: apprise.NotifyBase | None = apprise.Apprise.instantiate(whole, asset=_HERE_ALONE, suppress_exceptions=True)
    return found


def _targets(service: apprise.NotifyBase | None) -> object:
    return getattr(service, "targets", None)


class AppriseChannel:
    """Any of Apprise's services. `url` is its form with ``{to}`` where the person's address goes (already quoted).

    Apprise says only whether it worked; what it logged tells a refusal (4xx, or 5xx of a mail server: permanent) from what passes.
    """

    def __init__(self, name: str, url: str, abroad: bool) -> None:
        self.name, self.abroad, self._url = name, abroad, url
        _APPRISE.addFilter(_SAID)  # once, however often it is asked
        _APPRISE.setLevel(logging.DEBUG)
        _load_services()
        heed_bodies()
        heed_reports()
        self.key = key_of(apprise.Apprise.instantiate(url.replace("{to}", _ANY_NUMBER), suppress_exceptions=True))

    def send(self, message: Message) -> Outcome:
        service = _service(self._url, message.address)
        if service is None:
            return Outcome(Result.PERMANENT, "address_not_understood")
        kind = apprise.NotifyType.WARNING if message.urgent else apprise.NotifyType.INFO
        with _SAID.about_one() as said, reporting_to(message.receipt if self.key else ""):
            try:
                done = service.notify(title=message.title, body=message.body, notify_type=kind)
            except Exception as e:  # a plugin's own defect; the next channel takes over
                return Outcome(Result.TRY_AGAIN, type(e).__name__)
        return Outcome(Result.SENT, reports=bool(self.key and message.receipt)) if done else _failure(said())


class _Said(logging.Filter):
    """What Apprise logs about the message at hand, by thread. Its own capture hears all threads, so that a passing fault of one
    message was taken for the refusal of another that was under way."""

    def __init__(self) -> None:
        super().__init__()
        self._here = threading.local()

    def filter(self, record: logging.LogRecord) -> bool:
        """Nothing milder than a warning goes on to the log: it may hold the message itself."""
        warns = record.levelno >= logging.WARNING
        if warns or str(record.msg).startswith(_SMTP_SAYS):
            self._here.said = getattr(self._here, "said", "") + record.getMessage() + "\n"
        return warns

    @contextmanager
    def about_one(self) -> Iterator[Callable[[], str]]:
        self._here.said = ""
        yield lambda: str(self._here.said)


_SAID = _Said()


def _failure(said: str) -> Outcome:
    if (refused := _SMTP_REFUSES.search(said)) is not None:
        reply = refused.group(1)  # RFC 5321, 4.2.1: 4yz passes, 5yz does not
        return Outcome(Result.PERMANENT if reply.startswith("5") else Result.TRY_AGAIN, f"smtp_{reply}")
    found = _STATUS.search(said)
    if found is None:
        return Outcome(Result.TRY_AGAIN, "no_connection")
    code = int(found.group(1))
    status = _http_status(code)
    permanent = 400 <= status < 500 and status not in _PASSING
    return Outcome(
        Result.PERMANENT if permanent else Result.TRY_AGAIN, f"http_{status}" if status == code else f"code_{code}"
    )


def _http_status(code: int) -> int:
    """What HTTP would say. Services with codes of five digits begin them with it (ntfy: 40101), save Twilio.

    There 21xxx is a request that will never do (a number that is none, somebody who opted out), 20xxx ends in the status, and
    20003 is a wrong key (https://www.twilio.com/docs/api/errors).
    """
    if code < 1000:
        return code
    if code // 1000 == 21:
        return 429 if code == _TWILIO_QUEUE_FULL else 400
    if code // 1000 == 20:
        return max(400, code % 1000)
    return int(str(code)[:3])


class DesktopChannel:
    """The alarm on a caregiver's desktop: the fact itself travels by the stream, so handing over means that theirs listens."""

    name, abroad, key = DESKTOP, False, ""

    def __init__(self, listens: Callable[[str], bool]) -> None:
        self._listens = listens

    def send(self, message: Message) -> Outcome:
        """The desktop itself says when it has it."""
        there = self._listens(message.person)
        return Outcome(Result.SENT, reports=True) if there else Outcome(Result.TRY_AGAIN, "no_desktop")


class WithinTime:
    """A channel that always answers in time: one that hangs is left hanging in a thread of its own and called dead.

    One that hangs, or takes long to fail, costs the messages under way at that moment their seconds. From then on one message in
    `seconds` is tried on it, and waits `HUNG_S`; the others go on to the next channel at once, until it answers again.
    """

    def __init__(
        self, channel: Channel, seconds: float = HAND_OVER_S, now: Callable[[], float] = time.monotonic
    ) -> None:
        self.name, self.abroad, self.key = channel.name, channel.abroad, channel.key
        self._channel, self._seconds, self._now = channel, seconds, now
        self._lock = threading.Lock()
        self._silent = False
        self._tried_at = now()  # while it is silent: when a message was last tried on it

    def send(self, message: Message) -> Outcome:
        patience = self._patience()
        if patience is None:
            return Outcome(Result.TRY_AGAIN, "not_answering")
        answers: list[Outcome] = []
        began = self._now()

        def work() -> None:
            try:
                answers.append(self._channel.send(message))
            except Exception as e:
                answers.append(Outcome(Result.TRY_AGAIN, type(e).__name__))
            # also where it comes too late for this message
            self._silent = answers[0].result is Result.TRY_AGAIN and self._now() - began > HUNG_S

        thread = threading.Thread(target=work, name=f"channel-{self.name}", daemon=True)
        thread.start()
        thread.join(patience)
        if answers:
            return answers[0]
        self._silent = True
        return Outcome(Result.TRY_AGAIN, "timed_out")

    def _patience(self) -> float | None:
        """How long the next message waits for it, in seconds; None where it is not tried."""
        with self._lock:
            now = self._now()
            if self._silent and now - self._tried_at < self._seconds:
                return None
            self._tried_at = now
            return min(self._seconds, HUNG_S) if self._silent else self._seconds
