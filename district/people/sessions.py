"""Sessions, which end at once where the account does, and the desks at which they were used."""

from dataclasses import dataclass

from district.people.account import COLUMNS, Account, account_of
from district.store.port import Execute, Sql
from district.store.registry import secret_hash

SESSION_MS = 12 * 3_600_000
LEASE_MS = 72 * 3_600_000  # a desktop may go on that long without the district
LONGEST_SESSION_MS = 7 * 24 * 3_600_000  # however busy it was


@dataclass(frozen=True, slots=True)
class Session:
    account: Account
    created: int
    expires: int


class Sessions:
    """Times ms; `now` is an argument. What ends a person's sessions together with something else is `…_within` its transaction."""

    def __init__(self, sql: Sql) -> None:
        self._sql = sql
        self.changes = 0  # who holds a session open looks again when this has moved

    def find(self, token: str, now: int) -> Session | None:
        """The session of a token, where it is in force and the account is."""
        rows = self._sql.read(
            f"SELECT {', '.join('a.' + c for c in COLUMNS)}, s.created, s.expires FROM sessions s"
            " JOIN accounts a ON a.person = s.person WHERE s.hash = ? AND s.expires > ? AND a.disabled IS NULL",
            (secret_hash(token), now),
        )
        return Session(account_of(rows[0][:-2]), rows[0][-2], rows[0][-1]) if rows else None

    @staticmethod
    def open_within(execute: Execute, person: str, token: str, now: int) -> None:
        execute("DELETE FROM sessions WHERE expires <= ?", (now,))
        execute(
            "INSERT INTO sessions (hash, person, created, expires) VALUES (?, ?, ?, ?)",
            (secret_hash(token), person, now, now + SESSION_MS),
        )

    def renew(self, token: str, now: int) -> None:
        """A session that is in use goes on, for as long as a lease may run and no longer."""
        self._sql.write(
            lambda execute: execute(
                "UPDATE sessions SET expires = CASE WHEN ? < created + ? THEN ? ELSE expires END WHERE hash = ?",
                (now + SESSION_MS, LONGEST_SESSION_MS, now + SESSION_MS, secret_hash(token)),
            )
        )

    def end(self, token: str) -> None:
        self._sql.write(lambda execute: execute("DELETE FROM sessions WHERE hash = ?", (secret_hash(token),)))
        self.changes += 1

    @staticmethod
    def end_all_within(execute: Execute, person: str) -> None:
        """Whoever asks for it moves `changes` once it is committed."""
        execute("DELETE FROM sessions WHERE person = ?", (person,))

    # ---- desks ------------------------------------------------------------------------------------------------------

    def sit(self, person: str, device: str, now: int) -> None:
        """Somebody's session was used at this desk, which has signed that."""
        self._sql.write(
            lambda execute: execute(
                "INSERT INTO notes (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                (_seat(person, device), str(now)),
            )
        )

    def last_sat(self, person: str, device: str) -> int | None:
        """When a session of somebody was last used at this desk; None where that never was."""
        rows = self._sql.read("SELECT value FROM notes WHERE key = ?", (_seat(person, device),))
        return int(rows[0][0]) if rows else None

    def asked_at(self, device: str) -> bool:
        """Whether anybody ever signed in at this desk."""
        begins = _seat("", device)
        return bool(self._sql.read("SELECT 1 FROM notes WHERE substr(key, 1, ?) = ? LIMIT 1", (len(begins), begins)))


def _seat(person: str, device: str) -> str:
    return f"seat|{device}|{person}"
