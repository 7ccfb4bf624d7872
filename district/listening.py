"""The socket that the district listens at, the addresses by which it is reached, and the server that answers there."""

import errno
import logging
import socket
import ssl
from collections.abc import Callable
from pathlib import Path

import uvicorn

from district.api.app import create_app
from district.config import DistrictSettings
from district.door.patience import Patient
from district.office import Office
from domain.errors import Mendable

UNREAD = 128 * 1024  # bytes that the system keeps for a reader who does not read: unbounded it is megabytes each


def listen(settings: DistrictSettings) -> socket.socket:
    """The socket the server will answer on. Raises Mendable `port_in_use`, `port_denied`, `address_unknown`."""
    # the protocol is named: asyncio turns TCP_NODELAY on for such sockets alone, and without it every answer waits 40 ms
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    found = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, UNREAD)
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
            http=Patient,
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


def _existing(path: Path | None) -> str | None:
    return None if path is None else str(path)
