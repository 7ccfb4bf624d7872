"""What intake must remember between messages: the last state of every device, messages already heard, and what went wrong."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from district.intake.signals import Kind
from district.store.port import Execute, Row, Sql

TABLES = (
    """CREATE TABLE IF NOT EXISTS intake_devices (
        community TEXT NOT NULL, name TEXT NOT NULL, heard BIGINT NOT NULL, online BIGINT NOT NULL, state TEXT NOT NULL,
        blind_since BIGINT, PRIMARY KEY (community, name)
    )""",
    "CREATE TABLE IF NOT EXISTS intake_heard (key TEXT PRIMARY KEY, at BIGINT NOT NULL)",
    "CREATE INDEX IF NOT EXISTS intake_heard_at ON intake_heard (at)",
    """CREATE TABLE IF NOT EXISTS intake_problems (
        at BIGINT NOT NULL, community TEXT NOT NULL, source TEXT NOT NULL, problem TEXT NOT NULL, device TEXT NOT NULL,
        raw TEXT NOT NULL
    )""",
    "CREATE INDEX IF NOT EXISTS intake_problems_at ON intake_problems (at)",
    "CREATE TABLE IF NOT EXISTS intake_paces (community TEXT NOT NULL, gateway TEXT NOT NULL, days TEXT NOT NULL,"
    " PRIMARY KEY (community, gateway))",
    "CREATE TABLE IF NOT EXISTS intake_mute (community TEXT NOT NULL, name TEXT NOT NULL, since BIGINT NOT NULL,"
    " PRIMARY KEY (community, name))",
    "CREATE TABLE IF NOT EXISTS intake_listened (id BIGINT PRIMARY KEY, since BIGINT NOT NULL, until BIGINT NOT NULL,"
    " stood BIGINT NOT NULL)",
)
GATEWAY = "gateway"  # among the states: what the device is heard through, and since when
HUB = "hub/"  # what the name of a gateway that is a hub of ours begins with
BEHIND = "behind"  # among the states of a hub: it cannot be heard for the silence of the one it is enrolled with
KEEP_HEARD_MS = 24 * 3600_000
KEEP_PROBLEMS_MS = 30 * 24 * 3600_000
STRANGER = "unknown_device"  # the problem with a device that stands in nobody's home
MAX_RAW = 4096
MAX_PROBLEMS_AN_HOUR = 1000  # a device gone mad must not fill the disk; beyond it they are only counted


@dataclass(frozen=True, slots=True)
class DeviceState:
    """`state`: by kind [value, ms]. `heard` and `blind_since` in ms."""

    heard: int
    online: bool = True
    state: Mapping[str, tuple[Any, int]] = field(default_factory=dict)
    blind_since: int | None = None

    @property
    def gateway(self) -> str:
        """What it is heard through; "" where that cannot fall silent by itself. A gateway is heard through itself."""
        return str((self.state.get(GATEWAY) or ("", 0))[0])

    @property
    def turned(self) -> int:
        """When it came or went, ms."""
        return int((self.state.get(Kind.ONLINE) or (None, self.heard))[1])

    @property
    def through_hub(self) -> bool:
        """A hub hears it and judges what it hears."""
        return self.gateway.startswith(HUB)


@dataclass(frozen=True, slots=True)
class Known:
    """A device that was heard at least once."""

    community: str
    name: str
    device: DeviceState


@dataclass(frozen=True, slots=True)
class Listened:
    """Since when devices were listened to without a break, until when that is known, and for how long the server stood still before
    that; ms."""

    since: int
    until: int
    stood: int = 0


class Memory:
    """One row a device; safe from any thread, for every change is one transaction of the store."""

    def __init__(self, sql: Sql) -> None:
        self._sql = sql
        # when a gateway last told of anything in this run, of strangers too; ms
        self.spoken = dict[tuple[str, str], int]()
        sql.write(lambda execute: [execute(statement) for statement in TABLES])

    def device(self, community: str, name: str) -> DeviceState | None:
        rows = self._sql.read(
            "SELECT heard, online, state, blind_since FROM intake_devices WHERE community = ? AND name = ?",
            (community, name),
        )
        return _state(rows[0]) if rows else None

    def devices(self) -> list[Known]:
        rows = self._sql.read("SELECT heard, online, state, blind_since, community, name FROM intake_devices")
        return [Known(row[4], row[5], _state(row)) for row in rows]

    def put(self, community: str, name: str, device: DeviceState) -> None:
        self._sql.write(
            lambda execute: execute(
                "INSERT INTO intake_devices (community, name, heard, online, state, blind_since) VALUES (?, ?, ?, ?, ?, ?)"
                " ON CONFLICT (community, name) DO UPDATE SET heard = excluded.heard, online = excluded.online,"
                " state = excluded.state",
                (community, name, device.heard, int(device.online), json.dumps(device.state), device.blind_since),
            )
        )

    def forget(self, community: str, name: str) -> None:
        """The device was taken down; whoever puts it up again begins anew."""
        sql = "DELETE FROM intake_devices WHERE community = ? AND name = ?"
        self._sql.write(lambda execute: execute(sql, (community, name)))

    def leave(self, community: str) -> None:
        """Nothing of this community is heard here any more."""

        def work(execute: Execute) -> None:
            for table in ("intake_devices", "intake_problems", "intake_paces", "intake_mute"):
                execute(f"DELETE FROM {table} WHERE community = ?", (community,))

        self._sql.write(work)

    def mark_blind(self, community: str, name: str, since: int | None) -> None:
        """Since when the device has told nothing; beside `put`, for the two come from different threads."""
        self._sql.write(
            lambda execute: execute(
                "UPDATE intake_devices SET blind_since = ? WHERE community = ? AND name = ?", (since, community, name)
            )
        )

    def mute(self) -> dict[tuple[str, str], int]:
        """Of which devices it was told that they say nothing at all, and since when, ms."""
        rows = self._sql.read("SELECT community, name, since FROM intake_mute")
        return {(community, name): since for community, name, since in rows}

    def mark_mute(self, community: str, name: str, since: int | None) -> None:
        def work(execute: Execute) -> None:
            execute("DELETE FROM intake_mute WHERE community = ? AND name = ?", (community, name))
            if since is not None:
                execute("INSERT INTO intake_mute (community, name, since) VALUES (?, ?, ?)", (community, name, since))

        self._sql.write(work)

    def pace(self, community: str, gateway: str) -> list[tuple[int, int, bool]]:
        """The silences of a gateway by day, as `district.intake.paces` has them of a device."""
        sql = "SELECT days FROM intake_paces WHERE community = ? AND gateway = ?"
        rows = self._sql.read(sql, (community, gateway))
        return [(day, silent, mere) for day, silent, mere in json.loads(rows[0][0])] if rows else []

    def put_pace(self, community: str, gateway: str, days: Sequence[tuple[int, int, bool]]) -> None:
        sql = (
            "INSERT INTO intake_paces (community, gateway, days) VALUES (?, ?, ?)"
            " ON CONFLICT (community, gateway) DO UPDATE SET days = excluded.days"
        )
        self._sql.write(lambda execute: execute(sql, (community, gateway, json.dumps(days))))

    def listened(self) -> Listened | None:
        """None before the first look."""
        rows = self._sql.read("SELECT since, until, stood FROM intake_listened WHERE id = 1")
        return Listened(*rows[0]) if rows else None

    def note_listened(self, told: Listened) -> None:
        sql = (
            "INSERT INTO intake_listened (id, since, until, stood) VALUES (1, ?, ?, ?)"
            " ON CONFLICT (id) DO UPDATE SET since = excluded.since, until = excluded.until, stood = excluded.stood"
        )
        self._sql.write(lambda execute: execute(sql, (told.since, told.until, told.stood)))

    def heard_before(self, key: str, since: int = 0) -> bool:
        """Whether a message of this key was noted, at `since` (ms) or later."""
        return bool(self._sql.read("SELECT 1 FROM intake_heard WHERE key = ? AND at >= ?", (key, since)))

    def note_heard(self, key: str, at: int) -> None:
        """After the fact is durable, never before: a crash between must lead to hearing it again, not to losing it."""

        def work(execute: Execute) -> None:
            execute("INSERT INTO intake_heard (key, at) VALUES (?, ?) ON CONFLICT (key) DO NOTHING", (key, at))

        self._sql.write(work)

    def keep(self, at: int, community: str, source: str, problem: str, device: str = "", raw: bytes = b"") -> None:
        """Put a message aside for somebody to look at."""
        text = raw[:MAX_RAW].decode("utf-8", "backslashreplace").replace("\0", "\\0")

        def work(execute: Execute) -> None:
            count = execute("SELECT count(*) FROM intake_problems WHERE at > ?", (at - 3600_000,))[0][0]
            if count < MAX_PROBLEMS_AN_HOUR:
                execute(
                    "INSERT INTO intake_problems (at, community, source, problem, device, raw) VALUES (?, ?, ?, ?, ?, ?)",
                    (at, community, source, problem, device[:200].replace("\0", ""), text),
                )

        self._sql.write(work)

    def problems(self, limit: int = 100) -> list[dict[str, Any]]:
        """What was put aside, newest first."""
        names = ("at", "community", "source", "problem", "device", "raw")
        rows = self._sql.read(f"SELECT {', '.join(names)} FROM intake_problems ORDER BY at DESC LIMIT ?", (limit,))
        return [dict(zip(names, row, strict=True)) for row in rows]

    def strangers(self, limit: int = 500) -> list[dict[str, Any]]:
        """What speaks and stood in nobody's home when it did: each with its newest word, the latest first."""
        rows = self._sql.read(
            "SELECT p.community, p.device, p.at, p.raw FROM intake_problems p JOIN (SELECT community, device, max(at) AS at"
            " FROM intake_problems WHERE problem = ? AND device <> '' GROUP BY community, device) newest"
            " ON p.community = newest.community AND p.device = newest.device AND p.at = newest.at"
            " WHERE p.problem = ? ORDER BY p.at DESC LIMIT ?",
            (STRANGER, STRANGER, limit),
        )
        found = {
            (row[0], row[1]): dict(zip(("community", "device", "heard", "said"), row, strict=True)) for row in rows
        }
        return list(found.values())

    def expire(self, now: int) -> None:
        """Forget what can no longer matter; for the daily job."""

        def work(execute: Execute) -> None:
            execute("DELETE FROM intake_heard WHERE at < ?", (now - KEEP_HEARD_MS,))
            execute("DELETE FROM intake_problems WHERE at < ?", (now - KEEP_PROBLEMS_MS,))

        self._sql.write(work)


def _state(row: Row) -> DeviceState:
    return DeviceState(row[0], bool(row[1]), json.loads(row[2]), row[3])
