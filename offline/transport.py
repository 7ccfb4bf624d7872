"""The line to the district: a port, and the adapter over HTTP. The only place below the programs that knows `requests`."""

import contextlib
import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from ssl import SSLSocket
from typing import Any, Protocol
from urllib.parse import quote, urlencode

import msgspec
import requests
import requests.adapters
import urllib3
from urllib3.connection import HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from offline.identity import b64
from offline.pins import Pins, pin_of
from offline.signing import Message, Signer
from offline.wire import (
    Ack,
    Batch,
    Below,
    Checksums,
    EnrolReply,
    EnrolRequest,
    FeedItem,
    FeedPage,
    Hello,
    SealedKey,
    SignedIn,
    compress,
    dump,
    unpacked,
)

log = logging.getLogger(__name__)

CONNECT_S, READ_S = 3.05, 20.0
STREAM_SILENCE_S = 5.0  # the heartbeat comes every 2 s


class TryAgain(Exception):
    """The line or the district is down or busy; `after` is when it asks to be called again, seconds."""

    def __init__(self, why: str, after: float | None = None) -> None:
        super().__init__(why)
        self.after = after


class Rejected(Exception):
    """The district answers, and will not take this as it is. `code` is one of docs/PROTOCOL.md."""

    def __init__(self, code: str, status: int = 0, detail: str = "") -> None:
        super().__init__(f"{code} ({status}) {detail}".strip())
        self.code, self.status = code, status


class Forked(Rejected):
    """The district knows other facts under our numbers: this disk was cloned or restored. `epoch` is ours from now on."""

    def __init__(self, epoch: int) -> None:
        super().__init__("fork", 409)
        self.epoch = epoch


class Untrusted(Exception):
    """Whoever answers is not the district: its certificate does not stand."""


@dataclass(frozen=True, slots=True)
class Poke:
    """Something the stream says besides a fact: `news` (pull the feed), `heartbeat`, or a name the reader may ignore."""

    name: str
    data: str = ""


class Transport(Protocol):
    """What a node asks of its district. Every call raises TryAgain, Rejected or Untrusted."""

    def hello(self) -> tuple[Hello, float]:
        """The district's greeting and how long the trip took, seconds."""

    def enrol(self, request: EnrolRequest) -> EnrolReply: ...

    def push(self, batch: Batch) -> Ack: ...

    def feed(self, cursor: str, wait_s: float) -> FeedPage: ...

    def put_cursor(self, cursor: str) -> None: ...

    def checksums(self, cursor: str) -> Checksums:
        """What this node must hold, having applied the feed through `cursor`."""

    def share_keys(self, keys: list[SealedKey]) -> None: ...

    def wanted_keys(self, people: list[str]) -> list[SealedKey]: ...

    def stream(self, last: int | None) -> Iterator[FeedItem | Poke]:
        """Facts as they happen, from after feed position `last`; ends with an exception when the line is lost."""

    def hang_up(self) -> None:
        """End a `stream` that another thread is reading, which then raises TryAgain."""


class WrongKey(urllib3.exceptions.SSLError):
    """Whoever answers holds a TLS key that the district has not named."""


class _Pinned(requests.adapters.HTTPAdapter):
    """Looks at the key of every new connection before anything is sent over it."""

    def __init__(self, pins: Pins) -> None:
        self._pins = pins
        super().__init__()

    def init_poolmanager(self, *args: Any, **more: Any) -> None:
        super().init_poolmanager(*args, **more)
        pins = self._pins

        class Connection(HTTPSConnection):
            def connect(self) -> None:
                super().connect()
                told = self.sock.getpeercert(binary_form=True) if isinstance(self.sock, SSLSocket) else None
                if told is None or not pins.accepts(pin_of(told)):
                    self.close()
                    raise WrongKey("the TLS key of whoever answers is not one of the district's")
                self.is_verified = True  # by its key: more than an authority could say

        class Pool(HTTPSConnectionPool):
            ConnectionCls = Connection

        self.poolmanager.pool_classes_by_scheme = {"http": HTTPConnectionPool, "https": Pool}


class HttpTransport:
    """One district at `url`; `now` is the district's time for signatures. `verify` is a certificate file, or True."""

    def __init__(
        self, url: str, now: Callable[[], datetime], verify: str | bool = True, pins: Pins | None = None
    ) -> None:
        self._url, self._now, self._verify = url.rstrip("/"), now, verify
        self._session, self.pins = requests.Session(), pins or Pins()
        self._session.mount("https://", _Pinned(self.pins))
        self.heed: Callable[[Hello], None] = lambda _hello: None  # told of every greeting
        self._streaming: requests.Response | None = None
        self._device, self._signer = "", None  # type: str, Signer | None
        self.bearer = ""  # the token of whoever is signed in here

    def sign_as(self, device: str, signer: Signer) -> None:
        """From here on requests are signed as this device."""
        self._device, self._signer = device, signer

    def hello(self) -> tuple[Hello, float]:
        began = time.monotonic()
        answer = self._call("GET", "/v1/hello", sign=False)
        trip = time.monotonic() - began
        hello = msgspec.json.decode(answer.content, type=Hello)
        self.pins.learn(hello)
        self.heed(hello)
        return hello, trip

    def enrol(self, request: EnrolRequest) -> EnrolReply:
        answer = self._call("POST", "/v1/enroll", dump(request), sign=False)
        return msgspec.json.decode(answer.content, type=EnrolReply)

    def push(self, batch: Batch) -> Ack:
        return self.relay(self._device, batch)

    def relay(self, device: str, batch: Batch) -> Ack:
        """Hand on facts of `device`, which is enrolled with this hub."""
        body = compress(dump(batch))
        answer = self._call("POST", f"/v1/devices/{device}/events", body, encoding="zstd")
        return msgspec.json.decode(answer.content, type=Ack)

    def declare(self, now_ms: int, devices: list[Below]) -> list[str]:
        """Say which devices are enrolled with this hub; the ids of those that are revoked upstream."""
        answer = self._call("PUT", f"/v1/devices/{self._device}/below", dump({"now": now_ms, "devices": devices}))
        return msgspec.json.decode(answer.content, type=dict[str, list[str]])["revoked"]

    def feed(self, cursor: str, wait_s: float) -> FeedPage:
        query = urlencode({"cursor": cursor, "wait": f"{wait_s:g}"})
        answer = self._call("GET", f"/v1/feed?{query}", headers={"Accept-Encoding": "zstd"}, read_s=READ_S + wait_s)
        try:
            body = unpacked(answer.content, answer.headers.get("Content-Encoding", ""))
        except ValueError as e:  # cut short on its way, or not the district's
            raise TryAgain(f"feed: {e}") from e
        return msgspec.json.decode(body, type=FeedPage)

    def put_cursor(self, cursor: str) -> None:
        self._call("PUT", f"/v1/devices/{self._device}/cursor", dump({"cursor": cursor}))

    def checksums(self, cursor: str) -> Checksums:
        answer = self._call("GET", f"/v1/checksums?{urlencode({'cursor': cursor})}")
        return msgspec.json.decode(answer.content, type=Checksums)

    def share_keys(self, keys: list[SealedKey]) -> None:
        self._call("POST", "/v1/keys", dump({"keys": keys}))

    def wanted_keys(self, people: list[str]) -> list[SealedKey]:
        answer = self._call("POST", "/v1/keys/wanted", dump({"people": people}))
        return msgspec.json.decode(answer.content, type=dict[str, list[SealedKey]])["keys"]

    def sign_in(self, login: str, password: str, code: str) -> SignedIn:
        """A session of a person. Rejected `sign_in`; TryAgain `locked` or `too_many` with how long to wait."""
        body = dump({"login": login, "password": password, "code": code})
        return msgspec.json.decode(self._as_desk("POST", "/v1/sign-in", body).content, type=SignedIn)

    def me(self, token: str) -> SignedIn:
        """Whether a session is still in force. Rejected `sign_in` where it is not."""
        return msgspec.json.decode(self._as_desk("GET", "/v1/me", headers=_bearer(token)).content, type=SignedIn)

    def _as_desk(
        self, method: str, target: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> requests.Response:
        """Signed, so that the district knows at which desk somebody sits; a desk whose clock is wrong may sign people in all the
        same, and what takes a person with a role is believed once it has told."""
        if self._signer is None:
            return self._call(method, target, body, sign=False, headers=headers)
        try:
            return self._call(method, target, body, headers=headers)
        except Rejected as e:
            if e.code not in _UNSIGNED:
                raise
            return self._call(method, target, body, sign=False, headers=headers)

    def sign_out(self, token: str) -> None:
        self._call("POST", "/v1/sign-out", sign=False, headers=_bearer(token))

    def as_person(self, method: str, target: str, asked: dict[str, Any] | None = None) -> Any:
        """An endpoint of people, as whoever is signed in here (`bearer`); its JSON, None where there is none."""
        body = b"" if asked is None else dump(asked)
        answer = self._call(method, target, body, sign=False, headers=_bearer(self.bearer))
        return answer.json() if answer.content else None

    def person_file(self, target: str) -> Iterator[bytes]:
        """What an endpoint of people gives out as a file, a piece at a time; asked for at once."""
        answer = self._call("POST", target, sign=False, headers=_bearer(self.bearer), stream=True)

        def pieces() -> Iterator[bytes]:
            with answer:
                try:
                    yield from answer.iter_content(64 * 1024)
                except requests.RequestException as e:
                    raise TryAgain(f"POST {target}: {e}") from e

        return pieces()

    def hand_on(self, method: str, target: str, body: bytes, headers: dict[str, str]) -> requests.Response:
        """Somebody else's request, signed by us; a refusal is an answer too. Raises TryAgain, Untrusted."""
        return self._call(method, target, body, headers=headers, refuse=False)

    def open_gate(self, call: str, kiosk: str, nonce: str) -> None:
        """Order a kiosk to open for one call, as whoever is signed in here. Rejected `out_of_scope`, `kiosk_not_listening`."""
        body = dump({"kiosk": kiosk, "nonce": nonce})
        self._call("POST", f"/v1/calls/{quote(call, safe='')}/open", body, headers=_bearer(self.bearer))

    def put_picture(self, call: str, sealed: bytes) -> None:
        self._call("PUT", f"/v1/calls/{quote(call, safe='')}/picture", sealed)

    def picture(self, call: str, after: int, wait_s: float) -> tuple[int, bytes] | None:
        """The next picture of a call, sealed, with its number; None where none came in time."""
        target = f"/v1/calls/{quote(call, safe='')}/picture?{urlencode({'after': after, 'wait': f'{wait_s:g}'})}"
        answer = self._call("GET", target, read_s=READ_S + wait_s)
        return (int(answer.headers["X-Number"]), answer.content) if answer.status_code == 200 else None

    def look(self, kiosk: str, epoch: int, seq: int, sealed: bytes) -> bytes:
        """A gate's sealed answer about one passage, as whoever is signed in here. Rejected `out_of_scope`, `not_found`,
        `kiosk_not_listening`, `kiosk_silent`, `sign_in`."""
        body = dump({"kiosk": kiosk, "epoch": epoch, "seq": seq, "sealed": b64(sealed)})
        return self._call("POST", "/v1/passages/picture", body, headers=_bearer(self.bearer)).content

    def lend(self, gate: str, sealed: bytes) -> None:
        """A template for another gate. Rejected `out_of_scope`, `too_large`, `kiosk_not_listening`."""
        self._call("PUT", f"/v1/gates/{quote(gate, safe='')}/template", sealed)

    def answer_look(self, look: str, sealed: bytes) -> None:
        self._call("PUT", f"/v1/passages/pictures/{quote(look, safe='')}", sealed)

    def stream(self, last: int | None) -> Iterator[FeedItem | Poke]:
        headers = {"Accept": "text/event-stream"} | ({"Last-Event-ID": str(last)} if last is not None else {})
        headers |= _bearer(self.bearer)
        answer = self._call("GET", "/v1/stream", headers=headers, read_s=STREAM_SILENCE_S, stream=True)
        self._streaming = answer
        with answer:
            try:
                yield from _events(answer.iter_lines(chunk_size=1))
            except requests.RequestException as e:
                raise TryAgain(f"stream: {e}") from e
        raise TryAgain("stream ended")

    def hang_up(self) -> None:
        if (answer := self._streaming) is not None:
            with contextlib.suppress(ValueError, OSError, RuntimeError):  # it has ended by itself
                answer.raw.shutdown()

    def close(self) -> None:
        self._session.close()

    def _call(
        self,
        method: str,
        target: str,
        body: bytes = b"",
        *,
        sign: bool = True,
        encoding: str = "",
        headers: dict[str, str] | None = None,
        read_s: float | None = None,
        stream: bool = False,
        refuse: bool = True,
    ) -> requests.Response:
        request = requests.Request(method, self._url + target, data=body or None, headers=headers or {}).prepare()
        request.headers["Content-Type"] = "application/json"
        if encoding:
            request.headers["Content-Encoding"] = encoding
        if sign:
            if self._signer is None:
                raise Rejected("not_enrolled")
            self._signer.sign(Message(method, str(request.url), request.headers, body), self._now())
        verify = self._verify if isinstance(self._verify, str) or not self.pins.by_key_alone else False
        settings = self._session.merge_environment_settings(request.url, {}, stream, verify, None)
        try:
            answer = self._session.send(
                request, timeout=(CONNECT_S, read_s or READ_S), allow_redirects=False, **settings
            )
        except requests.exceptions.SSLError as e:
            raise Untrusted(str(e)) from e
        except requests.RequestException as e:
            raise TryAgain(f"{method} {target.partition('?')[0]}: {e}") from e
        if answer.status_code < 300 or not refuse:
            return answer
        with answer:
            self._refuse(answer)
        raise AssertionError("refused above")

    @staticmethod
    def _refuse(answer: requests.Response) -> None:
        try:
            told: Any = answer.json()
        except requests.RequestException:
            told = None
        error: dict[str, Any] = told if isinstance(told, dict) else {}
        code = str(error.get("code", f"http_{answer.status_code}"))
        if answer.status_code in (429, 502, 503, 504) or answer.status_code >= 500:
            after = answer.headers.get("Retry-After", "")
            raise TryAgain(code, float(after) if after.replace(".", "", 1).isdigit() else None)
        if code == "fork":
            raise Forked(int(error["epoch"]))
        raise Rejected(code, answer.status_code, str(error.get("detail", "")))


_UNSIGNED = frozenset({"clock", "signature", "replayed"})  # codes about the signature, not about who asks


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"} if token else {}


def _events(lines: Iterator[bytes]) -> Iterator[FeedItem | Poke]:
    """Server-sent events from lines (WHATWG HTML, 9.2.6); a comment is a heartbeat."""
    name, data = "", []  # type: str, list[str]
    for raw in lines:
        line = raw.decode("utf-8")
        if not line:
            if data or name:
                text = "\n".join(data)
                yield msgspec.json.decode(text, type=FeedItem) if name in ("incident", "fact") else Poke(name, text)
            name, data = "", []
        elif line.startswith(":"):
            yield Poke("heartbeat")
        else:
            field, _, value = line.partition(":")
            value = value.removeprefix(" ")
            if field == "event":
                name = value
            elif field == "data":
                data.append(value)
