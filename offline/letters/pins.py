"""The district's TLS keys, pinned: the SHA-256 of each public key (as RFC 7469 has it), signed by the district's own Ed25519 key.

A certificate may be renewed, or signed by somebody who should not have: the key behind it must be one that the district has named,
the one in use or one kept in reserve. The enrolment code carries the hash of the district's key, so that the first contact is
sure too, and no authority need be asked.
"""

import base64
import hashlib
from collections.abc import Callable, Iterable

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from offline.keys.identity import code_matches, unb64, verified
from offline.wire import Hello

_CONTEXT = "shouwang tls pins 1|"


def pin_of(certificate: bytes) -> str:
    """The pin of a certificate (DER)."""
    return pin_of_key(x509.load_der_x509_certificate(certificate).public_key())


def pin_of_key(key: PublicKeyTypes) -> str:
    """Base64 of SHA-256 over the SubjectPublicKeyInfo."""
    spki = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(hashlib.sha256(spki).digest()).decode()


def pin_of_pem(pem: bytes) -> str:
    """The pin of a certificate or of a private key. Raises ValueError for what is neither."""
    if b"PRIVATE KEY" in pem:
        return pin_of_key(load_pem_private_key(pem, None).public_key())
    return pin_of_key(x509.load_pem_x509_certificate(pem).public_key())


def pins_message(pins: Iterable[str]) -> bytes:
    """What the district signs."""
    return (_CONTEXT + ",".join(pins)).encode()


class Pins:
    """What one node knows of its district's TLS keys; `keep` is told when the district has named others. Any thread.

    `first_contact`: nothing is known yet and no authority knows the certificate; whoever answers must prove the key in the code.
    """

    def __init__(
        self, known: Iterable[str] = (), district_key: bytes = b"", keep: Callable[[list[str]], None] = lambda _: None
    ) -> None:
        self.known, self._key, self._keep = frozenset(known), district_key, keep
        self.first_contact = False
        self._met = ""

    @property
    def by_key_alone(self) -> bool:
        """Whether a connection stands or falls with the key, and no authority is asked."""
        return bool(self.known) or self.first_contact

    def accepts(self, pin: str) -> bool:
        """Whether a connection to whoever holds this key may be used."""
        self._met = pin
        return not self.known or pin in self.known

    def learn(self, hello: Hello) -> None:
        """Take over what the district says of its keys, once it is known by its own."""
        if self._key and self._holds(hello, self._key) and self.known != frozenset(hello.pins):
            self.known = frozenset(hello.pins)
            self._keep(hello.pins)

    def meet(self, hello: Hello, code: str) -> bool:
        """Whether the district that answered is the one of the code, over a line that is its own. False: nobody to be trusted.

        One that names no keys stands behind a proxy it knows nothing of: then an authority must have vouched for the line.
        """
        try:
            key = unb64(hello.sign_key)
        except ValueError:
            return False
        if not hello.pins:
            return not self.first_contact
        if not code_matches(code, key) or not self._holds(hello, key) or (self._met and self._met not in hello.pins):
            return False
        self.known, self._key, self.first_contact = frozenset(hello.pins), key, False
        return True

    @staticmethod
    def _holds(hello: Hello, key: bytes) -> bool:
        try:
            return verified(key, unb64(hello.pins_signature), pins_message(hello.pins))
        except ValueError:
            return False
