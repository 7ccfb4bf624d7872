"""A device as a district knows it, and what a hub may say of one. A hub speaks for devices of its own communities alone; where two
claim one, it is of the place where it enrolled last: each enrolment begins an epoch."""

import hashlib
import json
from dataclasses import dataclass, replace

from district.scope import DeviceRole, Scope, device_scope
from district.store.port import Row

MOST_EPOCHS = 1 << 31  # what every database here counts to


@dataclass(frozen=True, slots=True)
class Device:
    """Keys are base64 of 32 raw bytes; times ms."""

    id: str
    role: DeviceRole
    name: str
    communities: tuple[str, ...]
    gate_log: bool
    sign_key: str
    box_key: str
    epoch: int
    scope_epoch: int
    enrolled: int
    revoked: int | None = None
    via: str | None = None  # the hub it is enrolled with; such a device does not speak here itself

    @property
    def scope(self) -> Scope:
        return device_scope(self.role, self.communities, self.gate_log)


def device_id(sign_key: bytes) -> str:
    """A device's id, from its public Ed25519 key."""
    return "v" + hashlib.sha256(sign_key).hexdigest()[:24]


def node_of(device: str) -> str:
    """The id under which a hub records facts of its own, from the id it has as a device: both are made of the same key."""
    return "d" + device[1:]


def as_spoken_for(d: Device, id: str, hub: Device) -> Device:
    """The device as a hub speaks for it."""
    return replace(d, id=id, communities=tuple(c for c in d.communities if c in hub.communities))


def is_below(told: Device, known: Device | None, hub: Device) -> bool:
    """Whether a device that `hub` tells of is its own: one that stood elsewhere moves where it was of the same communities."""
    mine = set(hub.communities)
    if told.id == hub.id or not mine & set(told.communities):
        return False
    return known is None or known.via == hub.id or (set(known.communities) <= mine and known.epoch < told.epoch)


def as_told(told: Device, known: Device | None, hub: Device) -> Device:
    """What is to be known of it now. A hub that was restored from an older backup takes back neither a revocation nor an epoch."""
    if known is None:
        return replace(told, via=hub.id)
    revoked = told.revoked if known.revoked is None else known.revoked
    return replace(told, via=hub.id, revoked=revoked, epoch=max(told.epoch, known.epoch))


def differs(told: Device, known: Device | None) -> bool:
    """Whether what a hub tells is news; the epoch of a device's scope is this server's own."""
    return known is None or told != replace(known, sign_key=told.sign_key, scope_epoch=told.scope_epoch)


def is_let_go(told: Device, known: Device | None, hub: Device) -> bool:
    """Whether its hub is not to hear it any more: it is revoked, or has enrolled elsewhere since."""
    if known is None:
        return False
    return known.revoked is not None or (known.via != hub.id and known.epoch > told.epoch)


def device_of(row: Row) -> Device:
    return Device(row[0], DeviceRole(row[1]), row[2], tuple(json.loads(row[3])), bool(row[4]), *row[5:])
