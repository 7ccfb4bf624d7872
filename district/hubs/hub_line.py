"""A hub's line upstream while it serves: joining with a code, rounds on a timer, the stream; closed with the office."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path

from apscheduler.schedulers.base import BaseScheduler
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from district.hubs.joined import Joined
from district.hubs.relay import signed_anew
from district.hubs.upstream import Upstream
from district.hubs.upward import FIRST
from district.people.pass_keys import PassKeyring
from district.scope import DeviceRole
from district.store.port import Fresh, Store
from district.store.registry import Registry
from domain.errors import Mendable
from offline.keys.identity import Identity, unb64
from offline.keys.keystore import Keystore
from offline.keys.signing import Signer
from offline.letters.pass_keys import KnownPassKeys
from offline.letters.pins import Pins
from offline.line.enrolment import check_address, check_certificate, enrol
from offline.line.link import SyncService, SyncStatus
from offline.line.stream import StreamListener
from offline.node_clock import NodeClock
from offline.scheduling import Every, make_scheduler
from offline.transport.http import HttpTransport

TICK_S = 1.0
PINS = "upstream_pins"  # the note that keeps them, apart from what every round writes


class HubLine:
    """`start` brings the line up; before `join` it waits."""

    def __init__(
        self, url: str, certificate: Path | None, store: Store, registry: Registry, identity: Identity, keys: Keystore,
        clock: NodeClock, pass_keys: PassKeyring,
    ) -> None:  # fmt: skip
        self._url, self._certificate, self._identity, self._clock = url, certificate, identity, clock
        self.upstream = Upstream(store, registry, identity, keys, clock, self._line)
        self.sync = SyncService(self.upstream, self.upstream, clock, urgent=self.upstream.urgent)
        self.upstream.heard(self.sync.heard)
        self._scheduler: BaseScheduler | None = None
        self._stream: StreamListener | None = None
        self._lines: list[HttpTransport] = []
        # what comes for a device below, on the stream's thread
        self.onward: Callable[[bytes], None] = lambda _letter: None
        self._registry = registry
        self._pins: Pins | None = None  # one for all lines
        self._pass_keys = pass_keys
        self._named: KnownPassKeys | None = None  # the keys for passes that the one above has named

    def join(self, code: str, name: str) -> Joined:
        """Enrol with the one above. Raises Mendable as `enrol` does, and `district_address`, `file_unusable`."""
        check_address(self._url)
        check_certificate(str(self._certificate or ""))
        transport = self._transport(self._url, Pins())
        reply = enrol(transport, self._url, self._clock, self._identity, code, DeviceRole.HUB.value, name)
        joined = Joined(self._url, reply.device, reply.district_sign_key, reply.district_box_key, (reply.community,))
        self._repin(sorted(transport.pins.known))
        self._pins = self._named = None
        self.upstream.became(joined)
        if self._scheduler is not None:
            self._listen()
            self.sync.poke()
        return joined

    @property
    def status(self) -> SyncStatus:
        return self.sync.status

    def stands(self) -> bool:
        """Whether the one above watches: the line stands or has not been tried; a hub that never joined has nobody above."""
        return self.sync.stands() or self.upstream.joined is None

    def must_run(self) -> None:
        """Raises Mendable `hub_stopped` where this is not the server that serves."""
        if self._scheduler is None:
            raise Mendable("hub_stopped")

    def compare(self) -> None:
        """Hold what is here against the one above now. Raises Mendable `hub_stopped`."""
        self.must_run()
        self.upstream.compare_soon()
        self.sync.poke()

    def heard(self, fresh: Fresh) -> None:
        """A commit of the store: what somebody waits for goes up now."""
        if any(lanes & FIRST for lanes in fresh.lanes.values()):
            self.sync.poke()

    def start(self) -> None:
        scheduler = self._scheduler = make_scheduler()
        scheduler.add_job(self._tick, Every(TICK_S), id="upstream")
        scheduler.start()
        self.sync.hurry = lambda: scheduler.add_job(self._tick)
        if self.upstream.joined is not None:
            self._listen()
        self.sync.poke()

    def _tick(self) -> None:
        if self.upstream.joined is not None:
            self.sync.tick()

    def close(self) -> None:
        if self._stream is not None:
            self._stream.stop()
        self.sync.hurry = lambda: None
        if self._scheduler is not None:
            self._scheduler.shutdown()
        while self._lines:
            self._lines.pop().close()

    def _listen(self) -> None:
        joined = self.upstream.joined
        if joined is None:
            return
        if self._stream is not None:
            self._stream.stop()
        self._stream = StreamListener(self.upstream, self._line(joined), self.sync.poke)
        self._stream.onward = lambda letter: self.onward(letter)
        self._stream.start()

    def sign_anew(self, event: str, letter: bytes) -> bytes:
        """What the one above signed, as those below know it: under this hub's key. Raises ValueError."""
        joined = self.upstream.joined
        if joined is None:
            raise ValueError("not joined")
        return signed_anew(
            event, letter, Ed25519PublicKey.from_public_bytes(unb64(joined.sign_key)), self._identity.sign
        )

    def line(self) -> HttpTransport | None:
        """One more line to the one above, signed as this hub; None before it has joined."""
        joined = self.upstream.joined
        return None if joined is None else self._line(joined)

    def _line(self, joined: Joined) -> HttpTransport:
        if self._pins is None:
            known = json.loads(self._registry.note(PINS) or "[]")
            self._pins = Pins(known, unb64(joined.sign_key), self._repin)
        transport = self._transport(joined.url, self._pins)
        transport.sign_as(joined.device, Signer(joined.device, self._identity.sign))
        transport.heed = self._named_by(joined.sign_key).learn
        return transport

    def _named_by(self, server: str) -> KnownPassKeys:
        """What the one above, whose key this is, has named; those below are told of it under this hub's key."""
        if self._named is None:
            ring, now_ms = self._pass_keys, self._clock.now_ms
            self._named = KnownPassKeys(
                ring.above(server), unb64(server), lambda keys: ring.heard(server, keys, now_ms())
            )
        return self._named

    def _repin(self, pins: Sequence[str]) -> None:
        """The one above has named its TLS keys."""
        self._registry.put_note(PINS, json.dumps(list(pins)))

    def _transport(self, url: str, pins: Pins) -> HttpTransport:
        transport = HttpTransport(url, self._clock.now, str(self._certificate) if self._certificate else True, pins)
        self._lines.append(transport)
        return transport
