"""Where the district is put together: which store, which keys, and what stands on them."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from district.config import DistrictSettings
from district.door.limiting import Limiter
from district.door.nonces import Nonces
from district.erasures import Erasures
from district.feeds.feed import Hub
from district.hubs.above import Above
from district.hubs.hub_line import HubLine
from district.intake.homes import StoreHomes
from district.ledger import StoreLedger
from district.metrics import Metrics
from district.office import Office
from district.people.accounts import Accounts
from district.people.audit import Audit
from district.people.authors import Authors
from district.people.exports import Exports
from district.people.pass_keys import PassKeyring
from district.people.rota import AccountDirectory, AccountRota
from district.reaching.channels import AppriseChannel, DesktopChannel
from district.scope import DeviceRole, Lane
from district.store.port import Fresh, Store
from district.store.registry import Registry
from district.store.sqlite import SqliteStore
from district.watching.nightwatch import Nightwatch, Surroundings
from domain.errors import Mendable
from offline.keys.identity import Identity
from offline.keys.keystore import Keystore, master_key
from offline.letters.pins import pin_of_pem
from offline.node_clock import NodeClock, elapsed
from offline.public_holidays import PublicHolidays, calendar_of
from watch.rotas import Rotas


def node_id(identity: Identity) -> str:
    """The district's own device id."""
    return "d" + identity.fingerprint.replace(" ", "")[:24]


@contextmanager
def opened(settings: DistrictSettings) -> Iterator[Office]:
    """The district's office over its data folder. Raises Mendable as the stores do."""
    with ExitStack() as closing:  # the last that was opened first
        identity, master, keys = _own_keys(settings.data)
        closing.callback(keys.close)
        clock = NodeClock() if settings.upstream else None  # a hub goes by the time of the one above
        store = open_store(settings, node_id(identity), clock)
        closing.callback(store.close)
        store.secret = identity.secret("own facts")
        hub = Hub(store.heads())
        erasures = Erasures(settings.data / "keys" / "erased.txt", keys)
        erasures.reapply(store, tells=not settings.upstream)
        for listener in (erasures.heard, hub.heard):
            store.on_fresh(listener)

        audit = Audit(store, identity)
        accounts = Accounts(store, audit, master)
        registry, limiter, figures = Registry(store), Limiter(settings.limits), Metrics(store, hub)
        pass_keys = PassKeyring(registry, identity, master)
        rota = AccountRota(accounts, Rotas(PublicHolidays(settings.holidays)), settings.channels)
        authors = Authors(accounts, settings.trust_desks)
        line: HubLine | None = None
        if clock is not None:
            line = HubLine(
                settings.upstream, settings.upstream_certificate, store, registry, identity, keys, clock, pass_keys
            )
            store.on_fresh(line.heard)
        night = nightwatch(settings, store, keys, accounts, hub, registry, rota, authors, clock, line)
        closing.callback(night.close)
        store.on_fresh(lambda fresh: _wake(night, fresh))

        exports = Exports(store, audit, store)
        office = Office(
            settings, identity, store, registry, keys, master, hub, limiter, audit, accounts, exports, rota, night, authors,
            figures, pass_keys, line,
        )  # fmt: skip
        closing.callback(office.relay.close)
        if line is not None and clock is not None:
            closing.callback(line.close)
            _join_up(office, line, clock)
        office.pins = tls_pins(settings)
        office.nonces = Nonces(settings.data, office.wall())
        closing.callback(office.nonces.close)
        if line is None:
            office.refusals.catch_up(office.now_ms())
        yield office


def _own_keys(folder: Path) -> tuple[Identity, bytes, Keystore]:
    """Who this district is, what wraps its secrets, and the keys of persons. Raises Mendable `disk_readonly`."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        identity = Identity.load_or_create(folder / "identity.json")
        master = master_key(folder / "keys" / "master")
        return identity, master, Keystore(folder / "keys" / "keys.sqlite", master)
    except OSError as e:
        raise Mendable("disk_readonly", path=folder) from e


def _join_up(office: Office, line: HubLine, clock: NodeClock) -> None:
    """A hub's office goes by the clock of the one above, asks there about people, and hands on what is for those below."""
    down, night = line.upstream.downward, office.nightwatch
    down.left, down.mended = _leaves(office.hub, night), night.refold
    office.wall = lambda: clock.now_ms() / 1000
    office.above = Above(line.line, clock.now_ms)
    letters = office.letters = Above(line.line, clock.now_ms)  # a line of their own: nobody's sign-in holds them up
    line.onward = lambda sent: office.relay.came(sent, line.sign_anew, letters)


def nightwatch(
    settings: DistrictSettings,
    store: Store,
    keys: Keystore,
    accounts: Accounts,
    hub: Hub,
    registry: Registry,
    rota: AccountRota,
    authors: Authors,
    clock: NodeClock | None = None,
    line: HubLine | None = None,
) -> Nightwatch:
    """Intake, rules, ladder and messages over the store; somebody starts it where the district serves."""
    named = [AppriseChannel(name, c.url, c.abroad) for name, c in settings.channels.items()]
    desktop = DesktopChannel(lambda person: hub.present[person] > 0)
    ledger = StoreLedger(store)
    rota.rotas.recall(ledger)
    around = Surroundings(
        ledger,
        store,
        StoreHomes(store),
        rota,
        AccountDirectory(accounts, store, keys, settings.zone, [n for n, c in settings.channels.items() if c.phone]),
        [desktop, *named],
        settings.public_url,
        calendar_of(settings.holidays),
        settings.lines,
        lambda: registry.in_service(DeviceRole.KIOSK),
        lambda: registry.in_service(DeviceRole.HUB),
        registry.heard.get,
        None if line is None else line.stands,
        [rota.rotas.heed],
        authors.may_change_plan,
        registry.name_of,
        store.prove,
        elapsed,
    )
    night = Nightwatch(around, clock.now if clock else lambda: datetime.now(UTC))
    night.desk.hurry, rota.leads_on = hub.way.take, night.dead_ends.leads_on
    return night


def _leaves(hub: Hub, night: Nightwatch) -> Callable[[str], None]:
    def left(community: str) -> None:
        hub.forget(community)
        night.left(community)

    return left


def _wake(night: Nightwatch, fresh: Fresh) -> None:
    """The watch looks at once at whatever it reads; a passage of somebody whose home nobody watches is nothing to it."""
    if any(lanes - {Lane.PASSAGE} for lanes in fresh.lanes.values()):
        night.wake()


def open_store(settings: DistrictSettings, node: str, clock: NodeClock | None = None) -> Store:
    """The store the settings name; it goes by `clock`, or the machine's. Raises Mendable as the stores do."""
    told = {} if clock is None else {"now_ms": clock.now_ms}
    if settings.database:
        # brings alembic along, two seconds that SQLite need not wait
        from district.store.postgresql import PostgresqlStore

        if not settings.database.startswith(("postgresql://", "postgres://")):
            raise Mendable("database_address")
        return PostgresqlStore(settings.database, node, **told)
    return SqliteStore(settings.data / "district.sqlite", node, **told)


def tls_pins(settings: DistrictSettings) -> tuple[str, ...]:
    """The pins of the certificate in use and of those the settings name. Raises Mendable `certificate_wrong`."""
    if settings.tls_cert is None:
        return tuple(settings.tls_pins)
    try:
        return tuple(dict.fromkeys([pin_of_pem(settings.tls_cert.read_bytes()), *settings.tls_pins]))
    except (OSError, ValueError) as e:
        raise Mendable("certificate_wrong", cert=settings.tls_cert, key=settings.tls_key) from e
