"""Who looked at whom, and who changed what: lines chained by hash, the head of each day signed by the district."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from district.store.port import Execute, Row, Sql
from domain.events import from_ms
from offline.keys.identity import Identity, b64, unb64, verified


@dataclass(frozen=True, slots=True)
class Line:
    """`about` is a person, device or account id; `detail` holds no name and no secret. Time in ms."""

    line: int
    at: int
    actor: str
    action: str
    about: str
    detail: str
    hash: str

    def follows(self, previous: str) -> bool:
        return self.hash == _chain(previous, self.line, self.at, self.actor, self.action, self.about, self.detail)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Of a verification: the first line that does not fit, or the first day whose signature does not; None where all do."""

    lines: int
    broken_line: int | None = None
    broken_day: str | None = None

    @property
    def whole(self) -> bool:
        return self.broken_line is None and self.broken_day is None


_LINE = "line, at, actor, action, about, detail, hash"


class Audit:
    def __init__(self, sql: Sql, identity: Identity) -> None:
        self._sql, self._identity = sql, identity

    def note(self, at: int, actor: str, action: str, about: str = "", **detail: object) -> None:
        """Add a line; durable on return."""
        self._sql.write(lambda execute: self.note_within(execute, at, actor, action, about, **detail))

    def note_within(
        self, execute: Execute, at: int, actor: str, action: str, about: str = "", **detail: object
    ) -> None:
        """Add a line in the transaction of the change it tells of."""
        self.lock(execute)
        last = execute(f"SELECT {_LINE} FROM audit ORDER BY line DESC LIMIT 1")
        number, previous = (last[0][0] + 1, last[0][6]) if last else (1, "")
        if last and _day(last[0][1]) != _day(at):
            self._sign(execute, last[0])
        told = json.dumps(detail, ensure_ascii=False, sort_keys=True)
        chained = _chain(previous, number, at, actor, action, about, told)
        execute(
            f"INSERT INTO audit ({_LINE}) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (number, at, actor, action, about, told, chained),
        )

    @staticmethod
    def lock(execute: Execute) -> None:
        """From here to the end of the transaction, nobody else adds a line."""
        execute("INSERT INTO notes (key, value) VALUES ('audit', '') ON CONFLICT (key) DO UPDATE SET value = ''")

    def _sign(self, execute: Execute, last: Row) -> None:
        day = _day(last[1])
        signature = b64(self._identity.sign.sign(_head(day, last[0], last[6])))
        execute(
            "INSERT INTO audit_heads (day, line, hash, signature) VALUES (?, ?, ?, ?) ON CONFLICT (day) DO NOTHING",
            (day, last[0], last[6], signature),
        )

    def lines(
        self, after: int = 0, limit: int = 500, *, actor: str = "", about: str = "", action: str = "",
        since: int = 0, until: int = 2**53,
    ) -> list[Line]:  # fmt: skip
        """In their order. `action` is how it begins; `since` ≤ time < `until`; what is empty asks for nothing."""
        where, given = ["line > ?", "at >= ?", "at < ?"], list[int | str]((after, since, until))
        for condition, values in (
            ("actor = ?", (actor,)), ("about = ?", (about,)), ("substr(action, 1, ?) = ?", (len(action), action)),
        ):  # fmt: skip
            if values[-1]:
                where.append(condition)
                given += values
        rows = self._sql.read(
            f"SELECT {_LINE} FROM audit WHERE {' AND '.join(where)} ORDER BY line LIMIT ?", (*given, limit)
        )
        return [Line(*row) for row in rows]

    def verify(self) -> Verdict:
        """Walk the whole chain and every signed head."""
        previous, number = "", 0
        hashes: dict[int, str] = {}
        while page := self.lines(number, 5_000):
            for line in page:
                if line.line != number + 1 or not line.follows(previous):
                    return Verdict(number, broken_line=number + 1)
                previous, number = line.hash, line.line
                hashes[number] = line.hash
        for day, at, head, signature in self._sql.read(
            "SELECT day, line, hash, signature FROM audit_heads ORDER BY day"
        ):
            signed = verified(self._identity.sign_public, unb64(signature), _head(day, at, head))
            if not signed or hashes.get(at) != head:
                return Verdict(number, broken_day=day)
        return Verdict(number)


def as_rows(lines: Sequence[Line]) -> list[dict[str, object]]:
    return [asdict(line) for line in lines]


def _day(at: int) -> str:
    return from_ms(at).date().isoformat()


def _head(day: str, line: int, head: str) -> bytes:
    return f"audit {day} {line} {head}".encode()


def _chain(previous: str, *fields: object) -> str:
    return hashlib.sha256(json.dumps([previous, *fields], ensure_ascii=False).encode()).hexdigest()
