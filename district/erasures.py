"""Erasure outlives backups: who was erased is kept beside the keys, out of ordinary backups, and applied again at every start."""

import os
from pathlib import Path

from district.store.people import ERASED
from district.store.port import Fresh, Store
from offline.keys.keystore import Keystore


class Erasures:
    """`heard` on every commit destroys keys; `reapply` before serving puts right what a restored database brought back."""

    def __init__(self, path: Path, keys: Keystore) -> None:
        self._path, self._keys = path, keys

    def heard(self, fresh: Fresh) -> None:
        for person, community in fresh.erased:
            self._keep(person, community)
            self._keys.destroy(person)

    def reapply(self, store: Store, tells: bool) -> int:
        """Erase anew whoever the database does not know to be erased; how many payloads that took.

        `tells`: this is the server whose word it is; a hub hears it from there again.
        """
        known = {(r[0], r[1]) for r in store.read("SELECT person, community FROM people WHERE erased IS NOT NULL")}
        listed = self._listed()
        for person, community in known - listed:
            self._keep(person, community)
        for person, _ in known | listed:
            self._keys.destroy(person)
        lost = 0
        for person, community in sorted(listed - known):
            lost += store.erase(person, community)
            if tells:
                store.append_own(ERASED, community, person, 0, {"by": "system", "reason": "restored"})
        return lost

    def _listed(self) -> set[tuple[str, str]]:
        try:
            lines = self._path.read_text("utf-8").splitlines()
        except FileNotFoundError:
            return set()
        found = (line.partition(" ") for line in lines)
        return {(person, community) for person, space, community in found if space}

    def _keep(self, person: str, community: str) -> None:
        """Durable before the key goes; a line more than once does no harm."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("a", encoding="utf-8") as file:
            file.write(f"{person} {community}\n")
            file.flush()
            os.fsync(file.fileno())
