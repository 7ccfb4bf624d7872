"""RFC 9421 signatures over method, target, content digest, created, nonce and key id, with Ed25519."""

import secrets
from collections.abc import Callable, MutableMapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from http_message_signatures import (
    HTTPMessageSigner,
    HTTPMessageVerifier,
    HTTPSignatureKeyResolver,
    algorithms,
)
from http_message_signatures.exceptions import HTTPMessageSignaturesException

WINDOW_SECONDS = 300
_COVERED = ("@method", "@request-target", "content-digest")


@dataclass
class Message:
    """The part of an HTTP request that is signed."""

    method: str
    url: str
    headers: MutableMapping[str, str]
    body: bytes


class Refused(Exception):
    """The request is not signed as it must be; the text says why, for the log."""


class _Private(HTTPSignatureKeyResolver):
    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key

    def resolve_private_key(self, key_id: str) -> Any:  # noqa: ARG002 - the library asks by id; there is one
        return self._key


class _Public(HTTPSignatureKeyResolver):
    def __init__(self, find: Callable[[str], bytes | None]) -> None:
        self._find = find

    def resolve_public_key(self, key_id: str) -> Any:
        raw = self._find(key_id)
        if raw is None:
            raise Refused(f"unknown or revoked key {key_id}")
        return Ed25519PublicKey.from_public_bytes(raw)


class _Verifier(HTTPMessageVerifier):
    def validate_created_and_expires(self, sig_input: Any, max_age: Any = None) -> None:
        """The window is judged by `verify` against the `now` it is given, not against this machine's clock."""


class Signer:
    """Signs requests as one device; `now` is the district's time as far as the device knows it."""

    def __init__(self, device: str, key: Ed25519PrivateKey) -> None:
        self._device = device
        self._signer = HTTPMessageSigner(signature_algorithm=algorithms.ED25519, key_resolver=_Private(key))

    def sign(self, message: Message, now: datetime) -> None:
        """Adds Content-Digest, Signature-Input and Signature to the message's headers."""
        self._signer.sign(
            message,
            key_id=self._device,
            created=now,
            nonce=secrets.token_urlsafe(16),
            label="sw",
            covered_component_ids=_COVERED[:2],
            body=message.body,
        )


@dataclass(frozen=True, slots=True)
class Verified:
    device: str
    nonce: str
    created: datetime


def verify(message: Message, find_key: Callable[[str], bytes | None], now: datetime) -> Verified:
    """Who signed `message`. Raises Refused. That the nonce is new is the caller's to check.

    `find_key` gives the Ed25519 public key (32 bytes) of a device that is known and not revoked, else None.
    """
    verifier = _Verifier(signature_algorithm=algorithms.ED25519, key_resolver=_Public(find_key))
    try:
        results = verifier.verify(message, max_age=None, body=message.body)
    except (HTTPMessageSignaturesException, ValueError, KeyError) as e:
        raise Refused(f"signature: {e}") from e
    if len(results) != 1:
        raise Refused("exactly one signature is wanted")
    result = results[0]
    covered = {name.strip('"') for name in result.covered_components}
    if not set(_COVERED) <= covered:
        raise Refused(f"covers {sorted(covered)} only")
    parameters = result.parameters
    if "nonce" not in parameters or "created" not in parameters:
        raise Refused("nonce and created are wanted")
    created = datetime.fromtimestamp(int(parameters["created"]), UTC)
    if abs((now - created).total_seconds()) > WINDOW_SECONDS:
        raise Refused("outside the time window")
    return Verified(str(parameters["keyid"]), str(parameters["nonce"]), created)
