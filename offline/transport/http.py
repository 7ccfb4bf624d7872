"""The adapter of the port over HTTP: what a node asks as itself, and a hub for those below it."""

import contextlib
import time
from collections.abc import Generator
from urllib.parse import urlencode

import msgspec
import requests

from offline.transport.errors import Rejected, TryAgain
from offline.transport.events import events
from offline.transport.gates import Gates
from offline.transport.line import bearer
from offline.transport.people import People
from offline.transport.port import Poke
from offline.wire import (
    MAX_BODY_BYTES,
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
    compress,
    dump,
    unpacked,
)

STREAM_SILENCE_S = 5.0  # the heartbeat comes every 2 s


class HttpTransport(People, Gates):
    """The whole line of a node to its district."""

    _streaming: requests.Response | None = None

    def hello(self) -> tuple[Hello, float]:
        began = time.monotonic()
        answer = self.request("GET", "/v1/hello", sign=False)
        trip = time.monotonic() - began
        hello = msgspec.json.decode(answer.content, type=Hello)
        self.pins.learn(hello)
        self.heed(hello)
        return hello, trip

    def enrol(self, request: EnrolRequest) -> EnrolReply:
        answer = self.request("POST", "/v1/enroll", dump(request), sign=False)
        return msgspec.json.decode(answer.content, type=EnrolReply)

    def push(self, batch: Batch) -> Ack:
        return self.relay(self._device, batch)

    def relay(self, device: str, batch: Batch) -> Ack:
        """Hand on facts of `device`: it is enrolled with this hub, or is the server itself, which has lost them."""
        plain = dump(batch)
        if (
            len(plain) > MAX_BODY_BYTES
        ):  # whoever refuses it may hang up before all of it was sent: that would be a bad line
            raise Rejected("too_large", 413)
        body = compress(plain)
        answer = self.request("POST", f"/v1/devices/{device}/events", body, encoding="zstd")
        return msgspec.json.decode(answer.content, type=Ack)

    def declare(self, now_ms: int, devices: list[Below]) -> list[str]:
        """Say which devices are enrolled with this hub; the ids of those that are revoked upstream."""
        answer = self.request("PUT", f"/v1/devices/{self._device}/below", dump({"now": now_ms, "devices": devices}))
        return msgspec.json.decode(answer.content, type=dict[str, list[str]])["revoked"]

    def feed(self, cursor: str, wait_s: float) -> FeedPage:
        query = urlencode({"cursor": cursor, "wait": f"{wait_s:g}"})
        answer = self.request("GET", f"/v1/feed?{query}", headers={"Accept-Encoding": "zstd"}, waits_s=wait_s)
        try:
            body = unpacked(answer.content, answer.headers.get("Content-Encoding", ""))
        except ValueError as e:  # cut short on its way, or not the district's
            raise TryAgain(f"feed: {e}") from e
        return msgspec.json.decode(body, type=FeedPage)

    def put_cursor(self, cursor: str) -> None:
        self.request("PUT", f"/v1/devices/{self._device}/cursor", dump({"cursor": cursor}))

    def checksums(self, cursor: str) -> Checksums:
        answer = self.request("GET", f"/v1/checksums?{urlencode({'cursor': cursor})}")
        return msgspec.json.decode(answer.content, type=Checksums)

    def share_keys(self, keys: list[SealedKey]) -> None:
        self.request("POST", "/v1/keys", dump({"keys": keys}))

    def wanted_keys(self, people: list[str]) -> list[SealedKey]:
        answer = self.request("POST", "/v1/keys/wanted", dump({"people": people}))
        return msgspec.json.decode(answer.content, type=dict[str, list[SealedKey]])["keys"]

    def hand_on(
        self, method: str, target: str, body: bytes, headers: dict[str, str], within_s: float | None = None
    ) -> requests.Response:
        """Somebody else's request, signed by us; a refusal is an answer too. Raises TryAgain, Untrusted."""
        return self.request(method, target, body, headers=headers, refuse=False, silence_s=within_s)

    def stream(self, after: str) -> Generator[FeedItem | Poke, None, None]:
        headers = {"Accept": "text/event-stream"} | ({"Last-Event-ID": after} if after else {})
        headers |= bearer(self.bearer)
        answer = self.request("GET", "/v1/stream", headers=headers, silence_s=STREAM_SILENCE_S, stream=True)
        self._streaming = answer
        with answer:
            try:
                yield from events(answer.iter_lines(chunk_size=1))
            except requests.RequestException as e:
                raise TryAgain(f"stream: {e}") from e
        raise TryAgain("stream ended")

    def hang_up(self) -> None:
        if (answer := self._streaming) is not None:
            with contextlib.suppress(ValueError, OSError, RuntimeError):  # it has ended by itself
                answer.raw.shutdown()
