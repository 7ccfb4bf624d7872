"""The connections of a line: whose key one ends at is looked at before anything is said over it, and all can be cut at once."""

import socket
import threading
from contextlib import suppress
from ssl import VERIFY_X509_PARTIAL_CHAIN, SSLSocket
from typing import Any
from weakref import WeakSet

import requests
import requests.adapters
import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.util.ssl_ import create_urllib3_context

from offline.letters.pins import Pins, pin_of


class WrongKey(urllib3.exceptions.SSLError):
    """Whoever answers holds a TLS key that the district has not named."""


class Open:
    """The sockets of a line. Any thread."""

    def __init__(self) -> None:
        self._sockets, self._lock, self.cut_off = WeakSet[socket.socket](), threading.Lock(), False

    def add(self, one: socket.socket | None) -> None:
        with self._lock:
            if one is not None:
                self._sockets.add(one)
            if self.cut_off:
                self._end(one)

    def cut(self) -> None:
        """Whoever waits for an answer on one of them is told at once that none will come; so is whoever opens another."""
        with self._lock:
            self.cut_off = True
            for one in self._sockets:
                self._end(one)

    @staticmethod
    def _end(one: socket.socket | None) -> None:
        if one is not None:
            with suppress(OSError):  # it has ended by itself
                socket.socket.shutdown(one, socket.SHUT_RDWR)  # TLS would wait for the other side


class Pinned(requests.adapters.HTTPAdapter):
    """Looks at the key of every new connection over TLS before anything is sent over it; keeps all of them in `opened`."""

    def __init__(self, pins: Pins, opened: Open) -> None:
        self._pins, self._open = pins, opened
        super().__init__()

    def init_poolmanager(self, *args: Any, **more: Any) -> None:
        super().init_poolmanager(*args, **more)
        pins, opened = self._pins, self._open

        class Plain(HTTPConnection):
            def connect(self) -> None:
                super().connect()
                opened.add(self.sock)

        class PlainPool(HTTPConnectionPool):
            ConnectionCls = Plain

        class Connection(HTTPSConnection):
            def connect(self) -> None:
                if self.ca_certs and self.ssl_context is None:  # it may hold the district's very certificate
                    self.ssl_context = create_urllib3_context()
                    self.ssl_context.verify_flags |= VERIFY_X509_PARTIAL_CHAIN
                super().connect()
                opened.add(self.sock)
                told = self.sock.getpeercert(binary_form=True) if isinstance(self.sock, SSLSocket) else None
                if told is None or not pins.accepts(pin_of(told)):
                    self.close()
                    raise WrongKey("the TLS key of whoever answers is not one of the district's")
                self.is_verified = True  # by its key: more than an authority could say

        class Pool(HTTPSConnectionPool):
            ConnectionCls = Connection

        self.poolmanager.pool_classes_by_scheme = {"http": PlainPool, "https": Pool}
