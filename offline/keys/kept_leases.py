"""The leases on a node's disk: one file for each person, sealed under the node's own key, under a name that tells nobody whose."""

import hmac
import json
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from pathlib import Path

from offline.durable import keep
from offline.keys.seal import SealBroken, seal, unseal

_CONTEXT = b"lease"


@dataclass(frozen=True, slots=True)
class Lease:
    """`grants` are roles by community; times ms by the district's clock. `token` is the district's session, '' for none; `stamp` by
    what the district knows the account again as it was; `codes`: signing in takes one; `seated`: whoever it is sits here now."""

    person: str
    login: str
    name: str
    language: str
    grants: dict[str, list[str]]
    token: str
    until: int
    checked: int
    verifier: str
    failures: int = 0
    locked_until: int = 0
    stamp: str = ""
    codes: bool = False
    seated: bool = False

    def roles(self, community: str) -> frozenset[str]:
        """The roles held in a community; a grant for "*" holds everywhere."""
        return frozenset((*self.grants.get(community, ()), *self.grants.get("*", ())))


class KeptLeases:
    """`master` is the node's own key. What cannot be read is as good as none."""

    def __init__(self, folder: Path, master: bytes) -> None:
        self._folder, self._master = folder, master
        self._take_over(folder.with_name("lease"))

    def _take_over(self, old: Path) -> None:
        """The one file of a version that knew only whoever sits here."""
        if (lease := self._read(old)) is not None:
            self.keep(replace(lease, seated=True))
        with suppress(OSError):
            old.unlink(missing_ok=True)

    def all(self) -> list[Lease]:
        found = (self._read(path) for path in sorted(self._folder.glob("*.lease")))
        return [lease for lease in found if lease is not None]

    def of(self, login: str) -> Lease | None:
        return self._read(self._path(login))

    def keep(self, lease: Lease) -> Lease:
        keep(self._path(lease.login), seal(self._master, json.dumps(asdict(lease)).encode(), _CONTEXT))
        return lease

    def wipe(self, lease: Lease) -> None:
        self._path(lease.login).unlink(missing_ok=True)

    def _path(self, login: str) -> Path:
        return self._folder / f"{hmac.new(self._master, login.encode(), sha256).hexdigest()[:32]}.lease"

    def _read(self, path: Path) -> Lease | None:
        try:
            return Lease(**json.loads(unseal(self._master, path.read_bytes(), _CONTEXT)))
        except (OSError, SealBroken, ValueError, TypeError):
            return None
