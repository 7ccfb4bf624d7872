"""Whose key a line ends at is looked at before anything is said over it."""

from ssl import VERIFY_X509_PARTIAL_CHAIN, SSLSocket
from typing import Any

import requests
import requests.adapters
import urllib3
from urllib3.connection import HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.util.ssl_ import create_urllib3_context

from offline.pins import Pins, pin_of


class WrongKey(urllib3.exceptions.SSLError):
    """Whoever answers holds a TLS key that the district has not named."""


class Pinned(requests.adapters.HTTPAdapter):
    """Looks at the key of every new connection before anything is sent over it."""

    def __init__(self, pins: Pins) -> None:
        self._pins = pins
        super().__init__()

    def init_poolmanager(self, *args: Any, **more: Any) -> None:
        super().init_poolmanager(*args, **more)
        pins = self._pins

        class Connection(HTTPSConnection):
            def connect(self) -> None:
                if self.ca_certs and self.ssl_context is None:  # it may hold the district's very certificate
                    self.ssl_context = create_urllib3_context()
                    self.ssl_context.verify_flags |= VERIFY_X509_PARTIAL_CHAIN
                super().connect()
                told = self.sock.getpeercert(binary_form=True) if isinstance(self.sock, SSLSocket) else None
                if told is None or not pins.accepts(pin_of(told)):
                    self.close()
                    raise WrongKey("the TLS key of whoever answers is not one of the district's")
                self.is_verified = True  # by its key: more than an authority could say

        class Pool(HTTPSConnectionPool):
            ConnectionCls = Connection

        self.poolmanager.pool_classes_by_scheme = {"http": HTTPConnectionPool, "https": Pool}
