"""The names of those who work here, by the id that facts carry: asked of the district, kept sealed for when it is away. No Qt."""

import json
import os
from pathlib import Path
from threading import Lock

from caregiver.asking import Asking
from domain.errors import Mendable
from offline.keys.seal import SealBroken, seal, unseal

_CONTEXT = b"colleagues"


class Colleagues:
    """`key` seals the file; one that cannot be read is as good as none."""

    def __init__(self, path: Path, key: bytes, asking: Asking | None = None) -> None:
        self._path, self._key, self._asking = path, key, asking
        self._one_at_a_time = Lock()  # one line, one file

    def kept(self) -> dict[str, str]:
        try:
            raw = json.loads(unseal(self._key, self._path.read_bytes(), _CONTEXT))
            return {str(person): str(name) for person, name in raw.items()}
        except (OSError, SealBroken, ValueError, AttributeError):
            return {}

    def ask(self) -> dict[str, str]:
        """As they are now; what was kept where the district cannot be asked. May take seconds."""
        if self._asking is None:
            return self.kept()
        with self._one_at_a_time:
            try:
                told = self._asking("GET", "/v1/colleagues")
            except Mendable:
                return self.kept()
            names = {str(one["person"]): str(one["name"]) for one in told}
            self._keep(names)
        return names

    def _keep(self, names: dict[str, str]) -> None:
        fresh = self._path.with_suffix(".new")
        try:
            with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                file.write(seal(self._key, json.dumps(names).encode(), _CONTEXT))
            fresh.replace(self._path)
        except OSError:  # a full disk: they are asked for again
            fresh.unlink(missing_ok=True)
