"""Where the district is put together: which store, which keys, and a server around them."""

import errno
import logging
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import uvicorn

from district.api.app import create_app
from district.config import DistrictSettings
from district.erasures import Erasures
from district.feed import Hub
from district.hubs.above import Above
from district.hubs.hub_line import HubLine
from district.intake.homes import StoreHomes
from district.ledger import StoreLedger
from district.limiting import Limiter
from district.metrics import Metrics
from district.nonces import Nonces
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
from offline.identity import Identity
from offline.keystore import Keystore, master_key
from offline.node_clock import NodeClock
from offline.pins import pin_of_pem
from offline.public_holidays import PublicHolidays, calendar_of
from watch.rotas import Rotas


def node_id(identity: Identity) -> str:
    """The district's own device id."""
    return "d" + identity.fingerprint.replace(" ", "")[:24]


@contextmanager
def opened(settings: DistrictSettings) -> Iterator[Office]:
    """The district's office over its data folder. Raises Mendable as the stores do."""
    folder = settings.data
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        identity = Identity.load_or_create(folder / "identity.json")
        master = master_key(folder / "keys" / "master")
        keys = Keystore(folder / "keys" / "keys.sqlite", master)
    except OSError as e:
        raise Mendable("disk_readonly", path=folder) from e
    store: Store | None = None
    night: Nightwatch | None = None
    line: HubLine | None = None
    nonces: Nonces | None = None
    office: Office | None = None
    clock = NodeClock() if settings.upstream else None  # a hub goes by the time of the one above
    try:
        store = open_store(settings, node_id(identity), clock)
        hub = Hub(store.heads())
        erasures = Erasures(folder / "keys" / "erased.txt", keys)
        erasures.reapply(store)
        store.on_fresh(erasures.heard)
        store.on_fresh(hub.heard)
        audit = Audit(store, identity)
        accounts = Accounts(store, audit, master)
        registry, limiter, figures = Registry(store), Limiter(settings.limits), Metrics(store, hub)
        pass_keys = PassKeyring(registry, identity, master)
        rota = AccountRota(accounts, Rotas(PublicHolidays(settings.holidays)))
        if clock is not None:
            line = HubLine(
                settings.upstream, settings.upstream_certificate, store, registry, identity, keys, clock, pass_keys
            )
            store.on_fresh(line.heard)
        authors = Authors(accounts, settings.trust_desks)
        night = nightwatch(settings, store, keys, accounts, hub, registry, rota, authors, clock, line)
        store.on_fresh(lambda fresh: _wake(night, fresh))
        if line is not None:
            down = line.upstream.downward
            down.left, down.mended = _leaves(hub, night), night.refold
        office = Office(
            settings,
            identity,
            store,
            registry,
            keys,
            master,
            hub,
            limiter,
            audit,
            accounts,
            Exports(store, audit, store),
            rota,
            night,
            authors,
            figures,
            pass_keys,
            line,
        )
        if clock is not None and line is not None:
            office.wall = lambda: clock.now_ms() / 1000
            office.above = Above(line.line, clock.now_ms)
            letters = Above(line.line, clock.now_ms)  # a line of their own: nobody's sign-in holds them up
            line.onward = lambda sent: office.relay.came(sent, line.sign_anew, letters)
            office.letters = letters
        office.pins = tls_pins(settings)
        office.nonces = nonces = Nonces(folder, office.wall())
        if line is None:
            office.refusals.catch_up(office.now_ms())
        yield office
    finally:
        if nonces is not None:
            nonces.close()
        if line is not None:
            line.close()
        if office is not None:
            office.relay.close()
        if night is not None:
            night.close()
        if store is not None:
            store.close()
        keys.close()


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
        lambda id: id if (device := registry.device(id)) is None else device.name,
    )
    night = Nightwatch(around, clock.now if clock else lambda: datetime.now(UTC))
    night.desk.hurry = hub.way.take
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


def listen(settings: DistrictSettings) -> socket.socket:
    """The socket the server will answer on. Raises Mendable `port_in_use`, `port_denied`, `address_unknown`."""
    # the protocol is named: asyncio turns TCP_NODELAY on for such sockets alone, and without it every answer waits 40 ms
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    found = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind((settings.host, settings.port))
        found.listen(2048)
    except socket.gaierror as e:
        found.close()
        raise Mendable("address_unknown", host=settings.host) from e
    except OSError as e:
        found.close()
        if e.errno == errno.EADDRNOTAVAIL:
            raise Mendable("address_unknown", host=settings.host) from e
        if e.errno == errno.EACCES:
            raise Mendable("port_denied", port=settings.port) from e
        raise Mendable("port_in_use", host=settings.host, port=settings.port) from e
    return found


def url_of(settings: DistrictSettings, listening: socket.socket, host: str = "") -> str:
    """Where it answers, by the address it listens at or by another of this machine's."""
    at, port = listening.getsockname()[:2]
    host, scheme = host or at, "https" if settings.tls_cert else "http"
    return f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}"


def outward(host: str) -> str:
    """By which address others reach this machine, where `host` stands for all that it has; else `host`."""
    if host not in ("0.0.0.0", "::"):  # noqa: S104 (asked about, not listened at)
        return host
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as way:
        try:
            way.connect(("192.0.2.1", 9))  # sends nothing: the system only says by which of its addresses it would
        except OSError:
            return "127.0.0.1"  # no network yet
        return str(way.getsockname()[0])


class _Server(uvicorn.Server):
    """Tells when it answers, and lets the streams go when it is told to stop."""

    def __init__(self, config: uvicorn.Config, office: Office, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._office, self._ready = office, ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._office.close_streams()
        await super().shutdown(sockets)


def server(office: Office, ready: Callable[[], None]) -> uvicorn.Server:
    """A server over the office. Raises Mendable `certificate_wrong`."""
    settings = office.settings
    cert, key = settings.tls_cert, settings.tls_key
    try:
        config = uvicorn.Config(
            create_app(office),
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_keep_alive=75,
            timeout_graceful_shutdown=8,
            ssl_certfile=_existing(cert),
            ssl_keyfile=_existing(key),
        )
        config.load()
        logging.getLogger("uvicorn.access").disabled = True  # its lines hold targets, and some of those are tokens
    except (ssl.SSLError, OSError) as e:
        raise Mendable("certificate_wrong", cert=cert, key=key) from e
    return _Server(config, office, ready)


def tls_pins(settings: DistrictSettings) -> tuple[str, ...]:
    """The pins of the certificate in use and of those the settings name. Raises Mendable `certificate_wrong`."""
    if settings.tls_cert is None:
        return tuple(settings.tls_pins)
    try:
        return tuple(dict.fromkeys([pin_of_pem(settings.tls_cert.read_bytes()), *settings.tls_pins]))
    except (OSError, ValueError) as e:
        raise Mendable("certificate_wrong", cert=settings.tls_cert, key=settings.tls_key) from e


def _existing(path: Path | None) -> str | None:
    return None if path is None else str(path)
