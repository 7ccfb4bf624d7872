"""By which keys visitors' passes are signed: a list that a server signs for the nodes enrolled with it, its own keys and those of
whoever is above it.

The list travels in the greeting, beside the TLS pins, and its number with every page of the feed. A node verifies it with the one
key it has pinned, its server's, and keeps it: passes are good without a line.
"""

from collections.abc import Callable

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from offline.keys.identity import b64, unb64, verified
from offline.wire import Hello

_CONTEXT = b"shouwang pass keys 1|"
MOST_KEYS = 64


class PassKey(msgspec.Struct, frozen=True):
    """`key`: base64 of a 32-byte Ed25519 key. `until` in ms: nothing it signed is taken from then on; 0: while it is listed."""

    key: str
    until: int = 0


class PassKeys(msgspec.Struct, frozen=True):
    """`number` grows with every change: an older list never takes the place of a newer one."""

    number: int
    keys: list[PassKey] = []

    def in_force(self, now_ms: int) -> list[Ed25519PublicKey]:
        """The keys that count at this moment."""
        return [Ed25519PublicKey.from_public_bytes(unb64(k.key)) for k in self.keys if not k.until or now_ms < k.until]


def sign_keys(keys: PassKeys, key: Ed25519PrivateKey) -> tuple[str, str]:
    """(the list as it travels, its signature)."""
    text = msgspec.json.encode(keys)
    return text.decode(), b64(key.sign(_CONTEXT + text))


def read_keys(text: str) -> PassKeys:
    """A list as it travels or is kept. Raises ValueError for what is none."""
    try:
        found = msgspec.json.decode(text, type=PassKeys)
    except msgspec.DecodeError as e:
        raise ValueError("not a list of keys") from e
    if len(found.keys) > MOST_KEYS or any(len(unb64(k.key)) != 32 for k in found.keys):
        raise ValueError("not a list of keys")
    return found


def number_of(hello: Hello) -> int:
    """The number of the list that came with a greeting; 0 where none did."""
    try:
        return read_keys(hello.pass_keys).number
    except ValueError:
        return 0


class KnownPassKeys:
    """What one node knows of its server's list; `keep` is told of a newer one. Any thread."""

    def __init__(
        self, known: PassKeys | None, server_key: bytes, keep: Callable[[PassKeys], None] = lambda _: None
    ) -> None:
        self.known, self._key, self._keep = known, server_key, keep

    def learn(self, hello: Hello) -> None:
        """Take over the list of a greeting, where the server whose key is pinned has signed it and it is newer."""
        try:
            told, signature = read_keys(hello.pass_keys), unb64(hello.pass_keys_signature)
        except ValueError:
            return  # a server of an older version names none
        newer = self.known is None or told.number > self.known.number
        if newer and verified(self._key, signature, _CONTEXT + hello.pass_keys.encode()):
            self.known = told
            self._keep(told)

    def in_force(self, now_ms: int) -> list[Ed25519PublicKey]:
        """By which a pass may be signed; a server that has named none signs with its own key."""
        if self.known is None:
            return [Ed25519PublicKey.from_public_bytes(self._key)]
        return self.known.in_force(now_ms)
