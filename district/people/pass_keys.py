"""The keys of this server by which visitors' passes are signed, and the list of all that count here, its own and those from above.

The first is the server's own identity; after a change each is a key of its own, sealed under the master key in the database. A hub
signs the list of the one above anew, with its own keys added: whoever is enrolled with it knows the hub's key alone (0078).
"""

import threading

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from district.people.access import LONGEST_S
from district.store.registry import Registry
from offline.keys.identity import Identity, b64, unb64
from offline.keys.seal import seal, unseal
from offline.letters.pass_keys import MOST_KEYS, PassKey, PassKeys, sign_keys
from offline.letters.passes import Kind

NOTE = "pass_keys"
_SEALED_FOR = b"pass key"
_LONGEST_MS = 1000 * LONGEST_S[Kind.WEEKLY]


class _Kept(msgspec.Struct, frozen=True):
    """`signing`: the private half of the newest, sealed; '': the identity's. `above_of`: the key of whoever said `above`."""

    number: int
    own: list[PassKey]
    signing: str = ""
    above: PassKeys | None = None
    above_of: str = ""


class PassKeyring:
    """One a process; any thread. Times in ms."""

    def __init__(self, registry: Registry, identity: Identity, master: bytes) -> None:
        self._registry, self._identity, self._master = registry, identity, master
        self._lock = threading.Lock()
        noted = registry.note(NOTE)
        if noted is None:
            self._take(_Kept(1, [PassKey(b64(identity.sign_public))]))
        else:
            self._take(msgspec.json.decode(noted, type=_Kept))

    def _take(self, kept: _Kept) -> None:
        own = {k.key for k in kept.own}
        above = [] if kept.above is None else [k for k in kept.above.keys if k.key not in own]
        self._kept, self.listed = kept, PassKeys(kept.number, [*kept.own, *above][:MOST_KEYS])
        self.told = sign_keys(self.listed, self._identity.sign)  # as a greeting carries it

    def _keep(self, kept: _Kept, now: int) -> None:
        """Under a number that is greater than any before, also than one from before a restore."""
        kept = msgspec.structs.replace(kept, number=max(self._kept.number + 1, now))
        self._registry.put_note(NOTE, msgspec.json.encode(kept).decode())
        self._take(kept)

    def signing(self) -> Ed25519PrivateKey:
        """By which passes are signed that are given out here now."""
        sealed = self._kept.signing
        if not sealed:
            return self._identity.sign
        return Ed25519PrivateKey.from_private_bytes(unseal(self._master, unb64(sealed), _SEALED_FOR))

    def change(self, now: int, revoke: bool) -> None:
        """A new key signs from here on. What the former ones signed stays good for as long as a pass may be; not where `revoke`."""
        fresh = Ed25519PrivateKey.generate()
        sealed = b64(seal(self._master, fresh.private_bytes_raw(), _SEALED_FOR))
        with self._lock:
            before = [] if revoke else [k for k in self._kept.own if not k.until or now < k.until]
            former = [k if k.until else PassKey(k.key, now + _LONGEST_MS) for k in before]
            own = [PassKey(b64(fresh.public_key().public_bytes_raw())), *former]
            self._keep(msgspec.structs.replace(self._kept, own=own, signing=sealed), now)

    def above(self, server: str) -> PassKeys | None:
        """What the server of this key has said last; None where it has not."""
        return self._kept.above if self._kept.above_of == server else None

    def heard(self, server: str, keys: PassKeys, now: int) -> None:
        """The list of the one above, once it is known to be its own."""
        with self._lock:
            self._keep(msgspec.structs.replace(self._kept, above=keys, above_of=server), now)
