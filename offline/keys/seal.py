"""Two seals: under a person's key (AES-256-GCM), and to a device's X25519 key (an ephemeral key, HKDF, AES-256-GCM).

The second is the construction of RFC 9180 in its base mode reduced to one fixed suite: fresh ephemeral key, shared secret through
HKDF-SHA256 bound to both public keys and the context, zero nonce because each key seals one message.
"""

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32
_NONCE_BYTES = 12


class SealBroken(Exception):
    """The seal does not open: another key, another context, or somebody changed it."""


def new_key() -> bytes:
    return os.urandom(KEY_BYTES)


def seal(key: bytes, plain: bytes, context: bytes) -> bytes:
    """nonce + ciphertext. `context` says what it is and whose; it must be the same to open."""
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plain, context)


def unseal(key: bytes, sealed: bytes, context: bytes) -> bytes:
    """Raises SealBroken."""
    try:
        return AESGCM(key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], context)
    except (InvalidTag, ValueError) as e:
        raise SealBroken from e


def seal_to(box_public: bytes, plain: bytes, context: bytes) -> bytes:
    """Seal to the bearer of an X25519 key: ephemeral public key (32 bytes) + ciphertext."""
    ephemeral = X25519PrivateKey.generate()
    ours = ephemeral.public_key().public_bytes_raw()
    shared = ephemeral.exchange(X25519PublicKey.from_public_bytes(box_public))
    return ours + AESGCM(_derive(shared, ours, box_public, context)).encrypt(bytes(_NONCE_BYTES), plain, context)


def unseal_with(box: X25519PrivateKey, sealed: bytes, context: bytes) -> bytes:
    """Raises SealBroken."""
    theirs = sealed[:32]
    try:
        shared = box.exchange(X25519PublicKey.from_public_bytes(theirs))
        key = _derive(shared, theirs, box.public_key().public_bytes_raw(), context)
        return AESGCM(key).decrypt(bytes(_NONCE_BYTES), sealed[32:], context)
    except (InvalidTag, ValueError) as e:
        raise SealBroken from e


def _derive(shared: bytes, ephemeral: bytes, recipient: bytes, context: bytes) -> bytes:
    return HKDF(SHA256(), KEY_BYTES, salt=ephemeral + recipient, info=b"shouwang seal 1|" + context).derive(shared)
