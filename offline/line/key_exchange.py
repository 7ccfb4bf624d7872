"""Persons' keys between a node and the one above it, sealed to whoever is to read them."""

import logging
from collections.abc import Callable
from typing import Protocol

from offline.keys.identity import Identity, b64, unb64
from offline.keys.keystore import Keystore, person_context
from offline.keys.seal import SealBroken, seal_to, unseal_with
from offline.transport.errors import Rejected
from offline.wire import MAX_KEYS, SealedKey

log = logging.getLogger(__name__)
AGAIN_MS, LONGEST_MS = 5_000, 15 * 60_000  # until a key that was not there is asked for again, twice as long each time


class KeyLine(Protocol):
    def share_keys(self, keys: list[SealedKey]) -> None: ...

    def wanted_keys(self, people: list[str]) -> list[SealedKey]: ...


class KeyExchange:
    """`district_box` is the X25519 key of the one above, 32 bytes."""

    def __init__(self, keys: Keystore, identity: Identity, district_box: Callable[[], bytes]) -> None:
        self._keys, self._identity, self._district_box = keys, identity, district_box
        self._unanswered: frozenset[str] = frozenset()  # people whose keys the district did not give
        self._wait_ms = self._asked_ms = 0

    def share(self, line: KeyLine, between: Callable[[], None] = lambda: None) -> None:
        """Persons' keys that were made here go up before what is sealed under them; `between` after each few hundred.

        Where they are not taken the facts go all the same: nobody's alarm waits for a name.
        """
        unshared = self._keys.unshared()
        for people in (unshared[i : i + MAX_KEYS] for i in range(0, len(unshared), MAX_KEYS)):
            sealed = [
                SealedKey(person, b64(seal_to(self._district_box(), key, person_context(person))))
                for person in people
                if (key := self._readable(person)) is not None
            ]
            try:
                line.share_keys(sealed)
            except Rejected as e:
                log.error("the district does not take %d keys: %s", len(sealed), e.code)
                return
            self._keys.mark_shared(each.person for each in sealed)
            between()

    def _readable(self, person: str) -> bytes | None:
        try:
            return self._keys.find(person)
        except SealBroken:
            log.exception("the key of %s came to harm here and stays behind", person)
            return None

    def fetch(self, line: KeyLine, wanted: set[str], now_ms: int) -> None:
        """Ask for the keys of these people; for those who were asked for in vain alone, again after a while.

        A key may follow the facts that it is for: whoever made it had a full disk, a slow line, or was restored.
        """
        fresh = wanted - self._unanswered
        if not wanted or (not fresh and 0 <= now_ms - self._asked_ms < self._wait_ms):
            return
        self._wait_ms = AGAIN_MS if fresh else min(2 * self._wait_ms, LONGEST_MS)
        self._asked_ms = now_ms
        arrived: dict[str, bytes] = {}
        asking = sorted(wanted)
        for people in (asking[i : i + MAX_KEYS] for i in range(0, len(asking), MAX_KEYS)):
            for each in line.wanted_keys(people):
                try:
                    key = unseal_with(self._identity.box, unb64(each.sealed), person_context(each.person))
                except (SealBroken, ValueError):
                    log.exception("a key that does not open, for %s", each.person)
                else:
                    if self._readable(each.person) != key:
                        arrived[each.person] = key
        if arrived:
            self._keys.take(arrived)
        self._unanswered = frozenset(wanted - arrived.keys())
