"""Who may speak to the district: devices, one-time codes, bridges, homes. The same on every database."""

import hashlib
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from district.scope import DeviceRole, Scope, device_scope
from district.store.devices import Device, as_spoken_for, as_told, device_of, differs, is_below, is_let_go, node_of
from district.store.hearing import Hearing
from district.store.port import Execute, Sql


@dataclass(frozen=True, slots=True)
class Code:
    role: DeviceRole
    community: str
    gate_log: bool
    expires: int


_DEVICE = "id, role, name, communities, gate_log, sign_key, box_key, epoch, scope_epoch, enrolled, revoked, via"


def secret_hash(text: str) -> str:
    """What is kept of a secret with 50 bits or more of chance in it."""
    return hashlib.sha256(text.encode()).hexdigest()


_WAS_BELOW = "was below "


def _below_note(hub: str, device: str) -> str:
    return f"{_WAS_BELOW}{hub} {device}"


def _scope_note(device: str, scope_epoch: int) -> str:
    return f"scope {device} {scope_epoch}"


class Registry:
    """Devices are kept in mind too, for every request asks for one; a change here is seen at once.

    Where several servers share one PostgreSQL, another server's change is seen after `refresh`.
    """

    def __init__(self, sql: Sql) -> None:
        self._sql = sql
        self._known: dict[str, Device] = {}
        self.nearest: dict[str, str] = {}  # of devices below a hub's hub: the one they are enrolled with, as last told
        self.heard = Hearing(time.time_ns() // 1_000_000)
        self._was_below: set[str] = set()  # notes of hubs and devices that were enrolled with them and are no longer
        self.refresh()

    def refresh(self) -> None:
        self._known = {row[0]: device_of(row) for row in self._sql.read(f"SELECT {_DEVICE} FROM devices")}
        notes = self._sql.read("SELECT key FROM notes WHERE substr(key, 1, ?) = ?", (len(_WAS_BELOW), _WAS_BELOW))
        self._was_below = {row[0] for row in notes}

    # ---- devices ----------------------------------------------------------------------------------------------------

    def device(self, id: str) -> Device | None:
        return self._known.get(id)

    def name_of(self, id: str) -> str:
        """What people call a device, or the hub that records facts of its own under this id; the id of one that is not known."""
        found = self._known.get(id) or self._known.get("v" + id[1:])
        return id if found is None else found.name

    def devices(self) -> list[Device]:
        return sorted(self._known.values(), key=lambda d: d.enrolled)

    def in_service(self, role: DeviceRole) -> list[Device]:
        """`via` is the hub that hears them, however far down."""
        found = [d for d in self.devices() if d.role is role and d.revoked is None]
        return [replace(d, via=self.nearest.get(d.id, d.via)) for d in found]

    def reload(self, id: str) -> Device | None:
        """The device as the database has it now."""
        rows = self._sql.read(f"SELECT {_DEVICE} FROM devices WHERE id = ?", (id,))
        if rows:
            self._known[id] = device_of(rows[0])
        return self._known.get(id)

    def enrol(self, code: str, device: Device, now: int) -> Code | None:
        """Use up a code and add the device under it, together; None where the code does not hold (any more)."""

        before = self._known.get(device.id)

        def work(execute: Execute) -> Code | None:
            rows = execute(
                "DELETE FROM codes WHERE hash = ? AND expires > ? AND role = ? RETURNING role, community, gate_log, expires",
                (secret_hash(code), now, device.role.value),
            )
            if not rows:
                return None
            used = Code(DeviceRole(rows[0][0]), rows[0][1], bool(rows[0][2]), rows[0][3])
            self._insert(execute, device, used)
            if before is not None:
                left = json.dumps([list(before.communities), before.gate_log])
                note = _scope_note(device.id, before.scope_epoch)
                execute("INSERT INTO notes (key, value) VALUES (?, ?) ON CONFLICT DO NOTHING", (note, left))
                self._note_leaving(execute, before)
            return used

        used = self._sql.write(work)
        self.refresh()
        return used

    @staticmethod
    def _note_leaving(execute: Execute, d: Device) -> None:
        """What it said there may still be on its way."""
        if d.via is not None:
            execute("INSERT INTO notes (key, value) VALUES (?, '') ON CONFLICT DO NOTHING", (_below_note(d.via, d.id),))

    @staticmethod
    def _insert(execute: Execute, d: Device, used: Code) -> None:
        """A device that enrols again with the same key keeps its id, and goes on in an epoch that neither it nor we have used."""
        execute(
            f"INSERT INTO devices ({_DEVICE}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET"
            " role = excluded.role, name = excluded.name, communities = excluded.communities, gate_log = excluded.gate_log,"
            " box_key = excluded.box_key, scope_epoch = devices.scope_epoch + 1, revoked = NULL, via = NULL,"
            " epoch = CASE WHEN excluded.epoch > devices.epoch THEN excluded.epoch ELSE devices.epoch + 1 END,"
            " enrolled = excluded.enrolled",
            (d.id, d.role.value, d.name, json.dumps([used.community]), int(used.gate_log), d.sign_key, d.box_key, d.epoch,
             d.scope_epoch, d.enrolled, None, None),
        )  # fmt: skip

    def origin(self, id: str, hub: Device) -> Device | None:
        """The device whose facts `hub` hands on: enrolled with it, or the hub itself as the node that it is."""
        if id == node_of(hub.id):
            return replace(hub, id=id)
        found = self._named(id)
        return None if found is None or found.via != hub.id else as_spoken_for(found, id, hub)

    def former(self, id: str, hub: Device) -> Device | None:
        """The device that was enrolled with `hub` and is elsewhere now, in a later epoch."""
        found = self._named(id)
        gone = found is not None and found.via != hub.id and _below_note(hub.id, found.id) in self._was_below
        return as_spoken_for(found, id, hub) if found is not None and gone else None

    def _named(self, id: str) -> Device | None:
        found = self._known.get(id) or self._known.get("v" + id[1:])  # a hub's own facts carry its node id
        return found if found is not None and (found.id == id or found.role is DeviceRole.HUB) else None

    def declare(self, hub: Device, told: Sequence[Device]) -> list[str]:
        """Learn which devices are enrolled with a hub; the ids of those that it is not to hear any more."""
        known = self._known
        found = [as_told(d, known.get(d.id), hub) for d in told if is_below(d, known.get(d.id), hub)]

        def work(execute: Execute) -> None:
            for d in found:
                if (before := known.get(d.id)) is not None and before.via != d.via:
                    self._note_leaving(execute, before)
                execute(
                    f"INSERT INTO devices ({_DEVICE}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET"
                    " role = excluded.role, name = excluded.name, communities = excluded.communities,"
                    " gate_log = excluded.gate_log, box_key = excluded.box_key, enrolled = excluded.enrolled, via = excluded.via,"
                    " epoch = excluded.epoch, revoked = coalesce(devices.revoked, excluded.revoked)",
                    (d.id, d.role.value, d.name, json.dumps(d.communities), int(d.gate_log), d.sign_key, d.box_key, d.epoch,
                     d.scope_epoch, d.enrolled, d.revoked, d.via),
                )  # fmt: skip

        if any(differs(d, known.get(d.id)) for d in found):
            self._sql.write(work)
            self.refresh()
        return [d.id for d in told if is_let_go(d, self._known.get(d.id), hub)]

    def rescope(self, id: str, communities: Sequence[str], gate_log: bool) -> bool:
        """Give a device other communities or lanes; what it may no longer read is taken from it. False where it is unknown."""
        before = self.reload(id)
        if before is None:
            return False
        left = json.dumps([list(before.communities), before.gate_log])

        def work(execute: Execute) -> None:
            execute(
                "UPDATE devices SET communities = ?, gate_log = ?, scope_epoch = ? WHERE id = ?",
                (json.dumps(list(communities)), int(gate_log), before.scope_epoch + 1, id),
            )
            execute("INSERT INTO notes (key, value) VALUES (?, ?)", (_scope_note(id, before.scope_epoch), left))

        self._sql.write(work)
        self.reload(id)
        return True

    def scope_at(self, device: Device, scope_epoch: int) -> Scope | None:
        """What the device could read in an epoch of its scope; None where that is not known."""
        if scope_epoch == device.scope_epoch:
            return device.scope
        noted = self.note(_scope_note(device.id, scope_epoch))
        if noted is None:
            return None
        communities, gate_log = json.loads(noted)
        return device_scope(device.role, tuple(communities), bool(gate_log))

    def revoke(self, id: str, now: int, epoch: int | None = None) -> bool:
        """From the next request on nothing of this device is taken; False where it is not known, or not in `epoch` any more."""
        still, of = ("", ()) if epoch is None else (" AND epoch = ?", (epoch,))
        rows = self._sql.write(
            lambda execute: execute(
                f"UPDATE devices SET revoked = coalesce(revoked, ?) WHERE id = ?{still} RETURNING id", (now, id, *of)
            )
        )
        self.reload(id)
        return bool(rows)

    # ---- codes ------------------------------------------------------------------------------------------------------

    def put_code(self, code: str, wanted: Code) -> None:
        def work(execute: Execute) -> None:
            execute(
                "INSERT INTO codes (hash, role, community, gate_log, expires) VALUES (?, ?, ?, ?, ?)",
                (secret_hash(code), wanted.role.value, wanted.community, int(wanted.gate_log), wanted.expires),
            )

        self._sql.write(work)

    # ---- cursors ----------------------------------------------------------------------------------------------------

    def put_cursor(self, device: str, cursor: str, now: int) -> None:
        self._sql.write(
            lambda execute: execute(
                "INSERT INTO cursors (device, cursor, at) VALUES (?, ?, ?)"
                " ON CONFLICT (device) DO UPDATE SET cursor = excluded.cursor, at = excluded.at",
                (device, cursor, now),
            )
        )

    def cursors(self) -> dict[str, tuple[str, int]]:
        """What each device has said it applied, and when."""
        return {row[0]: (row[1], row[2]) for row in self._sql.read("SELECT device, cursor, at FROM cursors")}

    # ---- people and homes -------------------------------------------------------------------------------------------

    def communities_of(self, people: Sequence[str]) -> dict[str, set[str]]:
        """Where each of these people belongs; the erased and the unknown are left out."""
        rows = self._sql.read(
            f"SELECT person, community FROM people WHERE erased IS NULL AND person IN ({', '.join('?' * len(people))})",
            people,
        )
        found: dict[str, set[str]] = {}
        for person, community in rows:
            found.setdefault(person, set()).add(community)
        return found

    def erased(self, person: str) -> bool:
        return bool(self._sql.read("SELECT 1 FROM people WHERE person = ? AND erased IS NOT NULL", (person,)))

    def home(self, community: str, name: str) -> tuple[str, str] | None:
        """(elder, place) of a device in somebody's home."""
        rows = self._sql.read("SELECT elder, place FROM homes WHERE community = ? AND name = ?", (community, name))
        return (rows[0][0], rows[0][1]) if rows else None

    # ---- bridges ----------------------------------------------------------------------------------------------------

    def put_bridge(self, id: str, community: str, secret: str) -> None:
        self._sql.write(
            lambda execute: execute(
                "INSERT INTO bridges (id, community, secret) VALUES (?, ?, ?)", (id, community, secret)
            )
        )

    def bridge(self, id: str) -> tuple[str, str] | None:
        """(community, sealed secret) of a bridge in force."""
        rows = self._sql.read("SELECT community, secret FROM bridges WHERE id = ? AND revoked IS NULL", (id,))
        return (rows[0][0], rows[0][1]) if rows else None

    # ---- notes ------------------------------------------------------------------------------------------------------

    def note(self, key: str) -> str | None:
        rows = self._sql.read("SELECT value FROM notes WHERE key = ?", (key,))
        return rows[0][0] if rows else None

    def put_note(self, key: str, value: str) -> None:
        self._sql.write(
            lambda execute: execute(
                "INSERT INTO notes (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                (key, value),
            )
        )
