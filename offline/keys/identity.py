"""Who a node is: an Ed25519 key it signs with and an X25519 key others seal to, both in one file of mode 0600."""

import base64
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from domain.errors import Mendable
from offline.durable import keep


def b64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def unb64(text: str) -> bytes:
    """Raises ValueError for anything but strict base64."""
    return base64.b64decode(text, validate=True)


@dataclass(frozen=True)
class Identity:
    sign: Ed25519PrivateKey
    box: X25519PrivateKey

    @classmethod
    def create(cls) -> "Identity":
        return cls(Ed25519PrivateKey.generate(), X25519PrivateKey.generate())

    @classmethod
    def load_or_create(cls, path: Path) -> "Identity":
        """The identity kept at `path`; a new one is written there, readable by its owner alone, where none is. Raises Mendable
        `identity_broken`: a new one is never made in place of what is there."""
        try:
            raw = json.loads(path.read_text("utf-8"))
            return cls(
                Ed25519PrivateKey.from_private_bytes(unb64(raw["sign"])),
                X25519PrivateKey.from_private_bytes(unb64(raw["box"])),
            )
        except FileNotFoundError:
            made = cls.create()
            text = json.dumps({"sign": b64(made.sign.private_bytes_raw()), "box": b64(made.box.private_bytes_raw())})
            keep(path, text.encode(), new=True)
            return made
        except (ValueError, LookupError, TypeError) as e:
            raise Mendable("identity_broken", path=path) from e

    @property
    def sign_public(self) -> bytes:
        return self.sign.public_key().public_bytes_raw()

    @property
    def box_public(self) -> bytes:
        return self.box.public_key().public_bytes_raw()

    @property
    def box_signature(self) -> bytes:
        return self.sign.sign(self.box_public)

    @property
    def fingerprint(self) -> str:
        return fingerprint(self.sign_public)

    def secret(self, purpose: str) -> bytes:
        """32 bytes for one purpose of whoever has this identity, the same every time."""
        derived = HKDF(SHA256(), 32, salt=None, info=b"identity|" + purpose.encode())
        return derived.derive(self.sign.private_bytes_raw())


def fingerprint(public_key: bytes) -> str:
    """Eight groups of four hex digits that two people can compare on two screens."""
    digest = hashlib.sha256(public_key).hexdigest()[:32]
    return " ".join(digest[i : i + 4] for i in range(0, 32, 4))


def verified(public_key: bytes, signature: bytes, message: bytes) -> bool:
    """Whether `signature` over `message` was made with the private half of `public_key`."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def key_hash(public_key: bytes) -> str:
    """Sixteen hex digits of a key's SHA-256: what an enrolment code carries of the district's key."""
    return hashlib.sha256(public_key).hexdigest()[:16]


def make_code(secret: str, district_key: bytes) -> str:
    """An enrolment code as people type it: the one-time secret and the district's key hash, in one word."""
    return f"{secret}-{key_hash(district_key)}"


def code_matches(code: str, district_key: bytes) -> bool:
    """Whether the district that answered is the one that gave out `code`."""
    return code.strip().lower().rpartition("-")[2] == key_hash(district_key)
