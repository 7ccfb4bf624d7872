"""Who may speak to the district: devices, one-time codes, bridges, homes. The same on every database."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

from district.scope import DeviceRole, Scope, device_scope
from district.store.port import Execute, Row, Sql


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

    @property
    def scope(self) -> Scope:
        return device_scope(self.role, self.communities, self.gate_log)


@dataclass(frozen=True, slots=True)
class Code:
    role: DeviceRole
    community: str
    gate_log: bool
    expires: int


_DEVICE = "id, role, name, communities, gate_log, sign_key, box_key, epoch, scope_epoch, enrolled, revoked"


def secret_hash(text: str) -> str:
    """What is kept of a secret with 50 bits or more of chance in it."""
    return hashlib.sha256(text.encode()).hexdigest()


class Registry:
    """Devices are kept in mind too, for every request asks for one; a change here is seen at once.

    Where several servers share one PostgreSQL, another server's change is seen after `refresh`.
    """

    def __init__(self, sql: Sql) -> None:
        self._sql = sql
        self._known: dict[str, Device] = {}
        self.heard: dict[str, int] = {}  # when each device last signed a request, since this program started; ms
        self.refresh()

    def refresh(self) -> None:
        self._known = {row[0]: _device(row) for row in self._sql.read(f"SELECT {_DEVICE} FROM devices")}

    # ---- devices ----------------------------------------------------------------------------------------------------

    def device(self, id: str) -> Device | None:
        return self._known.get(id)

    def devices(self) -> list[Device]:
        return sorted(self._known.values(), key=lambda d: d.enrolled)

    def reload(self, id: str) -> Device | None:
        """The device as the database has it now."""
        rows = self._sql.read(f"SELECT {_DEVICE} FROM devices WHERE id = ?", (id,))
        if rows:
            self._known[id] = _device(rows[0])
        return self._known.get(id)

    def enrol(self, code: str, device: Device, now: int) -> Code | None:
        """Use up a code and add the device under it, together; None where the code does not hold (any more)."""

        def work(execute: Execute) -> Code | None:
            rows = execute(
                "DELETE FROM codes WHERE hash = ? AND expires > ? AND role = ? RETURNING role, community, gate_log, expires",
                (secret_hash(code), now, device.role.value),
            )
            if not rows:
                return None
            used = Code(DeviceRole(rows[0][0]), rows[0][1], bool(rows[0][2]), rows[0][3])
            self._insert(execute, device, used)
            return used

        used = self._sql.write(work)
        self.reload(device.id)
        return used

    @staticmethod
    def _insert(execute: Execute, d: Device, used: Code) -> None:
        """A device that enrols again with the same key keeps its id and goes on in a new epoch."""
        execute(
            f"INSERT INTO devices ({_DEVICE}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET"
            " role = excluded.role, name = excluded.name, communities = excluded.communities, gate_log = excluded.gate_log,"
            " box_key = excluded.box_key, epoch = devices.epoch + 1, scope_epoch = devices.scope_epoch + 1, revoked = NULL",
            (d.id, d.role.value, d.name, json.dumps([used.community]), int(used.gate_log), d.sign_key, d.box_key, d.epoch,
             d.scope_epoch, d.enrolled, None),
        )  # fmt: skip

    def revoke(self, id: str, now: int) -> bool:
        """From the next request on nothing of this device is taken; False where it is not known."""
        rows = self._sql.write(
            lambda execute: execute(
                "UPDATE devices SET revoked = coalesce(revoked, ?) WHERE id = ? RETURNING id", (now, id)
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


def _device(row: Row) -> Device:
    return Device(row[0], DeviceRole(row[1]), row[2], tuple(json.loads(row[3])), bool(row[4]), *row[5:])
