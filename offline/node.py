"""A whole node: its folder, identity, journal, keys and line to the district, put together for a program's bootstrap."""

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import msgspec
from apscheduler.schedulers.base import BaseScheduler

from domain.errors import Mendable
from offline.durable import keep
from offline.journal.journal import Journal
from offline.journal.projections import Projection
from offline.journal.rescue import Member, Rescued, forget_old, open_journal
from offline.keys.identity import Identity, unb64
from offline.keys.keystore import Keystore, master_key
from offline.keys.signing import Signer
from offline.letters.pass_keys import KnownPassKeys, PassKeys, read_keys
from offline.letters.pins import Pins
from offline.letting_go import let_go
from offline.line.enrolment import check_address, check_certificate, enrol
from offline.line.link import SyncService
from offline.line.stream import StreamListener
from offline.line.sync import SyncClient
from offline.node_clock import NodeClock
from offline.roster import Roster, RosterProjection
from offline.scheduling import Every
from offline.transport.http import HttpTransport

TICK_S = 1.0
LET_GO_S = 3600.0


@dataclass(frozen=True, slots=True)
class District:
    """What a node remembers of the district it enrolled with; keys are base64 of 32 bytes."""

    url: str
    id: str
    sign_key: str
    box_key: str
    certificate: str = ""  # PEM file, where the district's is not signed by a known authority
    pins: tuple[str, ...] = ()  # of its TLS keys (`offline.letters.pins`)
    device: str = ""  # who this node is to it, in case the journal is lost; as of the last start
    epoch: int = 0
    community: str = ""
    pass_keys: str = ""  # by which passes are signed (`offline.letters.pass_keys`)


class Node:
    """Opened on a folder. `start` brings up the line, `close` takes everything down."""

    def __init__(self, folder: Path, projections: Sequence[Projection] = (), use_keyring: bool = False) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.folder = folder
        self.clock = NodeClock()
        self.identity = Identity.load_or_create(folder / "identity.json")
        if not any(p.name == RosterProjection.name for p in projections):
            projections = [RosterProjection(), *projections]
        self.keys = Keystore(folder / "keys" / "keys.sqlite", master_key(folder / "keys" / "master", use_keyring))
        self.rescued: Rescued | None = None  # what happened to the journal at this start
        self.journal = self._open_journal(projections)
        self.roster = Roster(self.journal, self.keys)
        self.sync: SyncService | None = None
        self.stream: StreamListener | None = None
        self._scheduler: BaseScheduler | None = None
        self._streaming: HttpTransport | None = None
        self.seated = ""  # the token of whoever is signed in here
        self._transports: list[HttpTransport] = []
        self._asking: list[HttpTransport] = []  # those of `line`
        self._pins: Pins | None = None  # one for all lines
        self._pass_keys: KnownPassKeys | None = None

    def _open_journal(self, projections: Sequence[Projection]) -> Journal:
        path, key, known = self.folder / "journal.sqlite", self.keys.secret("journal"), self.district
        member = Member(known.device, known.epoch, known.community) if known is not None and known.device else None
        forget_old(path)

        def open_() -> Journal:
            return Journal(path, self.clock, projections, self.identity.sign.sign, key)

        try:
            journal, self.rescued = open_journal(path, open_, member, key, keyless=self.keys.begun_anew)
        except BaseException:
            self.keys.close()
            raise
        if known is not None and journal.device:
            member_now = replace(known, device=journal.device, epoch=journal.epoch, community=journal.community)
            if member_now != known:
                self._keep(member_now)
        return journal

    @property
    def district(self) -> District | None:
        """The district this node belongs to; None before enrolment."""
        try:
            return District(**json.loads((self.folder / "district.json").read_text("utf-8")))
        except FileNotFoundError:
            return None

    def enrol(self, url: str, code: str, role: str, name: str, certificate: str = "") -> None:
        """Join the district at `url` with a one-time code.

        Raises Mendable: `district_address`, `district_unreachable`, `district_untrusted`, `district_other`, `code_refused`,
        `wrong_district`; `file_unusable`, `pem_wrong` of the certificate.
        """
        check_address(url)
        check_certificate(certificate)
        line = HttpTransport(url, self.clock.now, certificate or True)
        self._asking.append(line)
        try:
            reply = enrol(line, url, self.clock, self.identity, code, role, name, self.journal.epoch)
        finally:
            with suppress(ValueError):  # the node is being stopped
                self._asking.remove(line)
            line.close()
        pins = tuple(sorted(line.pins.known))
        keys = (reply.district_sign_key, reply.district_box_key)
        known = District(url, reply.district, *keys, certificate, pins)
        self._keep(replace(known, device=reply.device, epoch=reply.epoch, community=reply.community))
        self._pins = self._pass_keys = None
        self.journal.become(reply.device, reply.epoch, reply.community)

    def _keep(self, district: District) -> None:
        keep(self.folder / "district.json", json.dumps(asdict(district)).encode())

    def _repin(self, pins: list[str]) -> None:
        """The district has named other TLS keys."""
        if (district := self.district) is not None:
            self._keep(replace(district, pins=tuple(pins)))

    @property
    def pass_keys(self) -> KnownPassKeys | None:
        """By which keys visitors' passes are signed; None before enrolment."""
        if self._pass_keys is None and (district := self.district) is not None:
            known = read_keys(district.pass_keys) if district.pass_keys else None
            self._pass_keys = KnownPassKeys(known, unb64(district.sign_key), self._keep_pass_keys)
        return self._pass_keys

    def _keep_pass_keys(self, keys: PassKeys) -> None:
        """The district has named other keys for passes."""
        if (district := self.district) is not None:
            self._keep(replace(district, pass_keys=msgspec.json.encode(keys).decode()))

    def start(self, scheduler: BaseScheduler, listen: bool = False, replica: bool = False) -> SyncService:
        """Bring up the line: rounds as the scheduler ticks, and the stream where `listen`. The node must be enrolled.

        A `replica` keeps nothing longer than the district says; a kiosk has terms of its own.
        """
        district = self.district
        if district is None:
            raise Mendable("not_enrolled")
        signer = Signer(self.journal.device, self.identity.sign)
        transport = self._transport(district.url, district.certificate)
        transport.sign_as(self.journal.device, signer)
        client = SyncClient(
            self.journal, transport, self.clock, self.identity, self.keys, lambda: unb64(district.box_key)
        )
        sync = self.sync = SyncService(
            client, self.journal, self.clock, urgent=lambda: client.urgent, filling=self.journal.filling
        )
        client.heard = sync.heard
        self._scheduler = scheduler
        scheduler.add_job(sync.tick, Every(TICK_S), id="sync")
        sync.hurry = lambda: scheduler.add_job(sync.tick)
        if replica:
            scheduler.add_job(
                lambda: let_go(self.journal, client.keep_days, self.clock.now_ms()), Every(LET_GO_S), id="let_go"
            )
        if listen:
            line = self._transport(district.url, district.certificate)
            line.sign_as(self.journal.device, signer)
            self._streaming = line
            self.stream = StreamListener(self.journal, line, sync.poke)
            self.stream.start()
        sync.poke()
        return sync

    def seat(self, token: str) -> None:
        """Tell the district who sits here, by the token of a session ('' for nobody): the stream begins anew with it."""
        self.seated = token
        if self._streaming is not None and self._streaming.bearer != token:
            self._streaming.bearer = token
            self._streaming.hang_up()

    def stop(self) -> None:
        """Take the line down; the journal stays open. Nobody waits for a district that takes a connection and says nothing."""
        if self.sync is not None and self._scheduler is not None:
            self.sync.hurry = lambda: None
            self._scheduler.remove_job("sync")
            self.sync = None
        self._streaming = None
        while self._transports:
            self._transports.pop().close()
        self._asking.clear()
        if self.stream is not None:
            self.stream.stop()
            self.stream = None

    def close(self) -> None:
        self.stop()
        self.journal.close()
        self.keys.close()

    def hang_up(self) -> None:
        """Cut the lines on which people ask: nobody is there any more who would hear an answer."""
        for line in list(self._asking):
            line.close()

    def line(self) -> HttpTransport:
        """One more line to the district, signed as this device: for one thread. Raises Mendable `not_enrolled`."""
        district = self.district
        if district is None:
            raise Mendable("not_enrolled")
        line = self._transport(district.url, district.certificate)
        line.sign_as(self.journal.device, Signer(self.journal.device, self.identity.sign))
        self._asking.append(line)
        return line

    def _transport(self, url: str, certificate: str) -> HttpTransport:
        if self._pins is None and (known := self.district) is not None:
            self._pins = Pins(known.pins, unb64(known.sign_key), self._repin)
        transport = HttpTransport(url, self.clock.now, certificate or True, self._pins)
        if (pass_keys := self.pass_keys) is not None:
            transport.heed = pass_keys.learn
        self._transports.append(transport)
        return transport
