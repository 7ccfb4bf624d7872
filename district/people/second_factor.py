"""Codes of an authenticator (RFC 6238) beside the password: begun, in force once a first code was right, ended."""

from hmac import compare_digest

import pyotp

from district.people.audit import Audit
from district.store.port import Execute, Sql
from offline.keys.identity import b64, unb64
from offline.keys.seal import seal, unseal

ISSUER = "Shouwang"
_STEP_S = 30
_STEPS = (0, -1, 1)  # RFC 6238, 5.2: one step for the way; and one for a telephone that is ahead


class SecondFactor:
    """Secrets are sealed with `master`. Times ms; `now` is an argument."""

    def __init__(self, sql: Sql, audit: Audit, master: bytes) -> None:
        self._sql, self._audit, self._master = sql, audit, master

    def begin(self, person: str, login: str) -> tuple[str, str]:
        """A new secret and its address for an authenticator (otpauth://…). Asked for once `confirm` has heard a code of it."""
        secret = pyotp.random_base32()
        sealed = b64(seal(self._master, secret.encode(), b"totp|" + person.encode()))
        self._sql.write(
            lambda execute: execute(
                "INSERT INTO notes (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                (_begun(person), sealed),
            )
        )
        return secret, pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=ISSUER)

    def confirm(self, person: str, code: str, now: int) -> bool:
        """From now on a code is asked for. False where none was begun, or the code is not right."""
        begun = self._sql.read("SELECT value FROM notes WHERE key = ?", (_begun(person),))
        if not begun or not self.right(person, begun[0][0], code, now):
            return False

        def work(execute: Execute) -> None:
            execute("UPDATE accounts SET totp = ? WHERE person = ?", (begun[0][0], person))
            execute("DELETE FROM notes WHERE key = ?", (_begun(person),))
            self._audit.note_within(execute, now, person, "second_factor.added", person)

        self._sql.write(work)
        return True

    def end_within(self, execute: Execute, person: str, now: int) -> None:
        """No code is asked for any more, within somebody else's transaction."""
        if execute("UPDATE accounts SET totp = NULL WHERE person = ? AND totp IS NOT NULL RETURNING person", (person,)):
            self._audit.note_within(execute, now, person, "second_factor.ended", person)

    def right(self, person: str, sealed: str, code: str, now: int) -> bool:
        """Whether the code is right for this step or one beside it, and neither it nor a later one was used yet."""
        totp = pyotp.TOTP(unseal(self._master, unb64(sealed), b"totp|" + person.encode()).decode())
        at, given = now // 1000, code.encode("utf-8", "replace")
        step = next((s for s in _STEPS if compare_digest(totp.at(at + s * _STEP_S).encode(), given)), None)
        if step is None:
            return False
        row = (f"totp|{person}", str(at // _STEP_S + step))
        fresh = self._sql.write(
            lambda execute: execute(
                "INSERT INTO notes (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value"
                " WHERE CAST(notes.value AS BIGINT) < CAST(excluded.value AS BIGINT) RETURNING key",
                row,
            )
        )
        return bool(fresh)


def _begun(person: str) -> str:
    return f"totp begun|{person}"
