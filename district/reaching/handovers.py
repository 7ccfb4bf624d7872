"""Notices on their way to people, as rows: queued with the step that caused them, claimed before a channel is asked, then done.

A row found claimed by an earlier run was handed over or was about to be: it goes out again under the same ref, marked as a
possible repeat. Everything else goes out once.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from domain.events import derived_id
from domain.incident_kinds import Severity
from watch.rows import Execute, Sql

CHECK_IN = "check_in"  # the elder is reminded that we have not heard from them today
ROTA_HOLE = "rota_hole"  # nobody will be on duty
KEEP_MS = 45 * 86_400_000  # as long as `watch.cases` looks back

TABLES = (
    """CREATE TABLE IF NOT EXISTS ladder_handovers (
        ref TEXT PRIMARY KEY, incident TEXT NOT NULL, community TEXT NOT NULL, elder TEXT NOT NULL, kind TEXT NOT NULL,
        severity BIGINT NOT NULL, person TEXT NOT NULL, act TEXT NOT NULL, level BIGINT NOT NULL, reason TEXT NOT NULL,
        about TEXT NOT NULL, exercise BIGINT NOT NULL, due BIGINT NOT NULL, attempts BIGINT NOT NULL, owner TEXT NOT NULL,
        repeated BIGINT NOT NULL, done BIGINT NOT NULL
    )""",
    "CREATE INDEX IF NOT EXISTS ladder_handovers_due ON ladder_handovers (done, due)",
    "CREATE INDEX IF NOT EXISTS ladder_handovers_incident ON ladder_handovers (incident)",
    "CREATE TABLE IF NOT EXISTS ladder_together (message TEXT NOT NULL, ref TEXT NOT NULL, PRIMARY KEY (message, ref))",
)
_COLUMNS = "ref, incident, community, elder, kind, severity, person, act, level, reason, about, exercise, due, attempts, repeated"


@dataclass(frozen=True, slots=True)
class Handover:
    """One notice for one person. `due` in ms of the ladder's clock; `repeated`: an earlier run may have handed it over.

    Without an `incident` (`CHECK_IN`, `ROTA_HOLE`) its `reason` says from when and until when it matters (`span`).
    """

    ref: str
    incident: str
    community: str
    elder: str
    kind: str
    severity: int
    person: str
    act: str
    level: int
    reason: str
    about: str
    exercise: bool
    due: int
    attempts: int = 0
    repeated: bool = False

    @property
    def told(self) -> dict[str, object]:
        """What every fact about this notice says of it."""
        about = {"incident": self.incident, "reason": self.reason, "exercise": self.exercise} if self.incident else {}
        return {
            **about, "by": "system", "ref": self.ref, "person": self.person, "act": self.act, "level": self.level,
        }  # fmt: skip

    @property
    def span(self) -> tuple[int, int]:
        """Of a notice without an incident: (from, until), ms."""
        start, _, end = self.reason.partition("-")
        return int(start), int(end)


def plain(
    ref: str, act: str, community: str, elder: str, person: str, level: int, span: tuple[int, int], due: int
) -> Handover:
    """A notice that is about no incident."""
    reason, about = f"{span[0]}-{span[1]}", ""
    return Handover(ref, "", community, elder, "", int(Severity.P3), person, act, level, reason, about, False, due)


def queue(execute: Execute, handovers: Sequence[Handover]) -> None:
    """Add rows inside the transaction that moves the ladder on; one that is known already stays as it is."""
    for h in handovers:
        execute(
            f"INSERT INTO ladder_handovers ({_COLUMNS}, owner, done) VALUES ({', '.join('?' * 15)}, '', 0)"
            " ON CONFLICT (ref) DO NOTHING",
            (h.ref, h.incident, h.community, h.elder, h.kind, h.severity, h.person, h.act, h.level, h.reason, h.about,
             int(h.exercise), h.due, h.attempts, int(h.repeated)),
        )  # fmt: skip


class Handovers:
    """`owner` names this run of the program."""

    def __init__(self, sql: Sql, owner: str) -> None:
        self._sql, self._owner = sql, owner
        sql.write(lambda execute: [execute(statement) for statement in TABLES])

    def recover(self) -> int:
        """At the start: whatever an earlier run had claimed is queued again as a possible repeat. Returns how many."""
        return len(
            self._sql.write(
                lambda execute: execute(
                    "UPDATE ladder_handovers SET owner = '', repeated = 1 WHERE done = 0 AND owner <> '' AND owner <> ?"
                    " RETURNING ref",
                    (self._owner,),
                )
            )
        )

    def take_back(self, under_way: Collection[str], due: int) -> None:
        """What this run had claimed and is not about: the database failed between. Queued again for `due` as a possible repeat."""
        sql = "SELECT ref FROM ladder_handovers WHERE done = 0 AND owner = ?"
        left = [ref for (ref,) in self._sql.read(sql, (self._owner,)) if ref not in under_way]
        again = "UPDATE ladder_handovers SET owner = '', repeated = 1, attempts = attempts + 1, due = ? WHERE ref = ? AND done = 0"
        self._sql.write(lambda execute: [execute(again, (due, ref)) for ref in left])

    def claim(self, now: int, mildest: Severity = Severity.P4, limit: int = 200) -> list[Handover]:
        """Take what is due, the worst first, nothing milder than `mildest`; durable before it returns."""

        def work(execute: Execute) -> list[Handover]:
            rows = execute(
                f"SELECT {_COLUMNS} FROM ladder_handovers WHERE done = 0 AND due <= ? AND owner = '' AND severity <= ?"
                " ORDER BY severity, due LIMIT ?",
                (now, int(mildest), limit),
            )
            for row in rows:
                execute("UPDATE ladder_handovers SET owner = ? WHERE ref = ?", (self._owner, row[0]))
            return [_handover(*row) for row in rows]

        if not self._sql.read(
            "SELECT 1 FROM ladder_handovers WHERE done = 0 AND due <= ? AND owner = '' AND severity <= ? LIMIT 1",
            (now, int(mildest)),
        ):
            return []
        return self._sql.write(work)

    def done(self, ref: str) -> None:
        """Handed over, or given up."""
        self._sql.write(lambda execute: execute("UPDATE ladder_handovers SET done = 1 WHERE ref = ?", (ref,)))

    def again(self, ref: str, due: int, perhaps_sent: bool = False) -> None:
        """No channel took it, or (`perhaps_sent`) one may have: try again at `due`."""
        sql = (
            "UPDATE ladder_handovers SET owner = '', attempts = attempts + 1, due = ?,"
            " repeated = CASE WHEN ? = 1 THEN 1 ELSE repeated END WHERE ref = ?"
        )
        self._sql.write(lambda execute: execute(sql, (due, int(perhaps_sent), ref)))

    def reopen(self, ref: str) -> None:
        """A channel had taken it and says that it did not arrive: it is due again."""
        sql = "UPDATE ladder_handovers SET owner = '', attempts = attempts + 1, done = 0 WHERE ref = ?"
        self._sql.write(lambda execute: execute(sql, (ref,)))

    def together(self, refs: Sequence[str]) -> str:
        """The name of one message for these notices: its own for one, else of them all, kept before any channel is asked."""
        if len(refs) == 1:
            return refs[0]
        message = derived_id("together", *sorted(refs))
        sql = "INSERT INTO ladder_together VALUES (?, ?) ON CONFLICT DO NOTHING"
        self._sql.write(lambda execute: [execute(sql, (message, ref)) for ref in refs])
        return message

    def carried(self, message: str) -> list[Handover]:
        """The notices of a message by its name, done or not; none where they were forgotten, or never were."""
        rows = self._sql.read(
            f"SELECT {_COLUMNS} FROM ladder_handovers WHERE ref = ?"
            " OR ref IN (SELECT ref FROM ladder_together WHERE message = ?) ORDER BY ref",
            (message, message),
        )
        return [_handover(*row) for row in rows]

    def hold(self, ref: str, due: int) -> None:
        """Not tried yet, and not before `due`."""
        self._sql.write(
            lambda execute: execute("UPDATE ladder_handovers SET owner = '', due = ? WHERE ref = ?", (due, ref))
        )

    def forget(self, incident: str, community: str) -> None:
        """The incident is over: what is still queued about it, other than news, no longer matters."""
        self._sql.write(
            lambda execute: execute(
                "UPDATE ladder_handovers SET done = 1 WHERE incident = ? AND community = ? AND done = 0 AND owner = ''"
                " AND act <> 'inform'",
                (incident, community),
            )
        )

    def said_again(self, n: Handover) -> bool:
        """Whether the same is on its way to this person by a later notice: behind a channel that is dead they pile up."""
        sql = (
            "SELECT 1 FROM ladder_handovers WHERE incident = ? AND community = ? AND person = ? AND act = ? AND reason = ?"
            " AND done = 0 AND attempts < ? LIMIT 1"
        )
        return bool(self._sql.read(sql, (n.incident, n.community, n.person, n.act, n.reason, n.attempts)))

    def untried(self, incident: str, community: str, level: int) -> bool:
        """Whether somebody asked at this level has not been tried on any channel yet."""
        sql = "SELECT 1 FROM ladder_handovers WHERE incident = ? AND community = ? AND level = ? AND act = 'alarm' AND done = 0"
        return bool(self._sql.read(sql + " AND attempts = 0 LIMIT 1", (incident, community, level)))

    def expire(self, now: int) -> None:
        """Forget what was done so long ago that no ladder can come back to it; for the hourly job."""

        def work(execute: Execute) -> None:
            execute("DELETE FROM ladder_handovers WHERE done = 1 AND due < ?", (now - KEEP_MS,))
            execute("DELETE FROM ladder_together WHERE ref NOT IN (SELECT ref FROM ladder_handovers)")

        self._sql.write(work)

    def waiting(self) -> int:
        """How many are not done."""
        return int(self._sql.read("SELECT count(*) FROM ladder_handovers WHERE done = 0")[0][0])


def _handover(*row: Any) -> Handover:
    values = dict(zip(_COLUMNS.split(", "), row, strict=True))
    return Handover(**{**values, "exercise": bool(values["exercise"]), "repeated": bool(values["repeated"])})
