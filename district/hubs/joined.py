"""What a hub remembers of the one above, and how far each way has gone; in the database, so that a backup holds both."""

import json
from dataclasses import dataclass

from district.store.registry import Registry

NOTE = "upstream"


@dataclass(frozen=True, slots=True)
class Joined:
    """Keys are base64 of 32 bytes. `first` and `then`: positions sent through, of the lanes that go first and of the others."""

    url: str
    device: str
    sign_key: str
    box_key: str
    communities: tuple[str, ...]
    cursor: str = ""
    first: tuple[tuple[str, int], ...] = ()
    then: tuple[tuple[str, int], ...] = ()
    probe: tuple[str, int, int, int] | None = None  # (device, epoch, seq, acknowledged through) of the last batch
    mending: bool = False  # the feed is read anew: what is here and is not as it comes gives way to it


class Membership:
    """Where that is kept; any thread."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    @property
    def joined(self) -> Joined | None:
        """None until this hub has joined."""
        noted = self._registry.note(NOTE)
        if noted is None:
            return None
        told = json.loads(noted)
        pairs = {name: tuple((c, p) for c, p in told[name]) for name in ("first", "then")}
        probe = tuple(told["probe"]) if told["probe"] else None
        return Joined(**{**told, **pairs, "communities": tuple(told["communities"]), "probe": probe})

    def keep(self, joined: Joined) -> Joined:
        slots = {name: getattr(joined, name) for name in Joined.__dataclass_fields__}
        self._registry.put_note(NOTE, json.dumps(slots))
        return joined
