"""What every endpoint works with: the district's identity, its store, registry, keys and hub. Made by `bootstrap`."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from anyio import CapacityLimiter

from district.config import DistrictSettings
from district.door.limiting import Limiter
from district.door.nonces import Nonces
from district.feeds.feed import Hub
from district.feeds.marks import Marks
from district.feeds.receipts import Receipts
from district.feeds.refusals import Refusals
from district.hubs.above import Above
from district.hubs.checksums import Checksums
from district.hubs.findings import Findings
from district.hubs.held import hold
from district.hubs.hub_line import HubLine
from district.hubs.patrol import Patrol
from district.hubs.relay import Relay
from district.ledger import StoreLedger
from district.metrics import Metrics
from district.people import belonging
from district.people.access import Access
from district.people.accounts import Accounts
from district.people.audit import Audit
from district.people.authors import Authors
from district.people.duties_told import DutiesTold
from district.people.erasing import Erasing
from district.people.exports import Exports
from district.people.medical_notes import MedicalNotes
from district.people.pass_keys import PassKeyring
from district.people.rota import AccountRota
from district.people.sessions import Session
from district.pictures.call_pictures import Pictures
from district.pictures.looks import Looks
from district.store.lost import Lost
from district.store.port import Prepared, Store
from district.store.registry import Registry
from district.watching import outage_claims
from district.watching.clock_doubt import ClockDoubt
from district.watching.nightwatch import Nightwatch
from domain.events import from_ms
from offline.keys.identity import Identity
from offline.keys.keystore import Keystore


@dataclass
class Office:
    settings: DistrictSettings
    identity: Identity
    store: Store
    registry: Registry
    keys: Keystore
    master: bytes  # wraps secrets in the database; kept apart from it
    hub: Hub
    limiter: Limiter
    audit: Audit
    accounts: Accounts
    exports: Exports
    rota: AccountRota
    nightwatch: Nightwatch
    authors: Authors
    metrics: Metrics
    pass_keys: PassKeyring
    hub_line: HubLine | None = None  # this is a hub, and the line to the one above
    above: Above | None = None  # whom a hub asks about people
    letters: Above | None = None  # by which a hub answers for those enrolled with it
    pins: tuple[str, ...] = ()  # of the TLS keys that nodes may meet (`offline.letters.pins`)
    nonces: Nonces = field(default_factory=Nonces)
    # threads apart: hashing a password takes a while, and no call for help waits for sign-ins or for readers
    proofs: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(4))
    intake: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(8))
    # after a power cut all nodes compare at once
    sums: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(4))
    pictures: Pictures = field(default_factory=Pictures)
    looks: Looks = field(default_factory=Looks)
    relay: Relay = field(init=False)
    checksums: Checksums = field(init=False)
    lost: Lost = field(init=False)
    marks: Marks = field(init=False)
    patrol: Patrol = field(init=False)
    findings: Findings = field(init=False)
    receipts: Receipts = field(init=False)
    access: Access = field(init=False)
    erasing: Erasing = field(init=False)
    medical_notes: MedicalNotes = field(init=False)
    duties_told: DutiesTold = field(init=False)
    clock_doubt: ClockDoubt = field(init=False)
    refusals: Refusals = field(init=False)
    wall: Callable[[], float] = time.time
    expired: int | None = None  # when retention was last enforced since this program started, ms
    open: bool = True  # False: the server is stopping, streams end

    def __post_init__(self) -> None:
        self.checksums, self.lost, self.marks = Checksums(self.store), Lost(self.store), Marks(self.store)
        drift = None if self.hub_line is None else self.hub_line.upstream.drift
        self.patrol = Patrol(self.store, self.registry) if drift is None else drift.patrol
        self.clock_doubt = ClockDoubt(self.registry, self.now_ms)
        self.patrol.put_right = self._sum_anew
        self.findings = Findings(self.store, self.registry, self.patrol, drift, self.settings.called, self.now_ms)
        self.metrics.stands(
            "facts_altered", "Facts that are not what their hash says.", lambda: len(self.patrol.unsettled)
        )
        self.metrics.stands(
            "facts_differing", "Facts that are sound here and above, and not the same.",
            lambda: self.findings.standing()["differing"],
        )  # fmt: skip
        self.metrics.stands("facts_mended", "Facts made whole again since the start.", lambda: self.patrol.mended)
        self.metrics.stands(
            "clock_ahead_seconds", "By how much the clock seems to be ahead; 0 where it is believed.",
            lambda: doubt.ahead / 1000 if (doubt := self.clock_doubt.doubt) else 0,
        )  # fmt: skip
        self.metrics.stands(
            "watch_quiet_seconds", "Since the watch last went through whole.", lambda: self.nightwatch.pulse.quiet_s
        )
        self.refusals = Refusals(self.store, self.registry)
        self.receipts = Receipts(self.store, self.registry, self.now_ms, hub=self.hub_line is not None)
        self.relay = Relay(self.hub, self.registry)
        self.access = Access(self.store, self.registry, self.audit, self.pass_keys.signing)
        self.erasing = Erasing(self.store, self.registry, self.audit)
        self.medical_notes = MedicalNotes(self.store, self.audit)
        self.duties_told = DutiesTold(self.store, self.registry, self.audit, self.accounts)

    def session(self, token: str) -> Session | None:
        """Whose session a token is, where it is in force."""
        return self.accounts.sessions.find(token, self.now_ms()) if self.above is None else self.above.session(token)

    def judged(self, batch: Prepared, communities: tuple[str, ...]) -> Prepared:
        """A device's batch with what it may not say put aside; `communities` are those that it serves. The accounts are at the
        district: what takes a person is judged there, and a hub holds back what cannot wait for that."""
        if batch.asks:
            batch = self.authors.judge(batch) if self.hub_line is None else hold(batch)
        if batch.claims and self.hub_line is None:
            batch = outage_claims.judge(batch, StoreLedger(self.store), self.registry, self.now_ms())
        return belonging.judge(batch, communities, self.registry) if batch.places else batch

    def now_ms(self) -> int:
        return int(self.wall() * 1000)

    def now(self) -> datetime:
        return from_ms(self.now_ms())

    def look_over(self) -> None:
        """Look at the next facts that are kept here, and tell people what is wrong with them; for the job of every minute."""
        rounds = self.patrol.rounds
        self.patrol.walk()
        if self.patrol.rounds > rounds:
            self._sum_anew()
            self.lost.forget()
        self.findings.tell()

    def _sum_anew(self) -> None:
        self.checksums.forget()
        if self.hub_line is not None:
            self.hub_line.upstream.drift.forget_sums()

    def close_streams(self) -> None:
        """The server stops: whoever listens is let go."""
        self.open = False
        self.hub.ring_all()
