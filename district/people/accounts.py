"""People who sign in: passwords, second factors, and the one-time links that begin it all."""

import hmac
import json
import secrets
import threading
from collections.abc import Mapping
from hashlib import sha256

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from district.people.account import COLUMNS, Account, account_of
from district.people.audit import Audit
from district.people.passwords import LONGEST, weak
from district.people.second_factor import SecondFactor
from district.people.sessions import Session, Sessions
from district.people.unknown_logins import UnknownLogins
from district.scope import EVERYWHERE, Grants
from district.store.port import Execute, Sql
from district.store.registry import secret_hash
from domain.lockout import left_ms, wait_ms
from domain.people import Role, new_person_id
from offline.keys.identity import b64

INVITATION_MS = 72 * 3_600_000


class SignInRefused(Exception):
    """`wait_s` > 0: locked for so long. The caller is never told which part was wrong."""

    def __init__(self, wait_s: float = 0) -> None:
        super().__init__(f"refused, wait {wait_s:.0f} s")
        self.wait_s = wait_s


class PasswordWeak(Exception):
    """Too short, too long, or too easily guessed (`district.people.passwords`)."""


_ACCOUNT = ", ".join(COLUMNS)


class Accounts:
    """`master` wraps secrets of second factors. Times ms; `now` is an argument."""

    def __init__(self, sql: Sql, audit: Audit, master: bytes, hasher: PasswordHasher | None = None) -> None:
        self._sql, self._audit, self.second_factor = sql, audit, SecondFactor(sql, audit, master)
        self._master = master
        self.sessions, self._unknown = Sessions(sql), UnknownLogins()
        self._hasher = hasher or PasswordHasher()  # Argon2id, RFC 9106's low-memory profile
        self._nobody = self._hasher.hash(secrets.token_hex(16))  # so that an unknown login takes as long as a known one
        self._hashing = threading.Semaphore(2)  # 64 MiB each

    # ---- accounts ---------------------------------------------------------------------------------------------------

    def invite(
        self,
        login: str,
        name: str,
        grants: Mapping[str, frozenset[Role]],
        now: int,
        by: str,
        language: str = "zh",
        addresses: tuple[tuple[str, str], ...] = (),
    ) -> tuple[Account, str]:
        """A new account and the token of its one-time link. Raises ValueError where the login is taken."""
        person, token = new_person_id(), secrets.token_urlsafe(24)
        told = json.dumps({c: sorted(r.value for r in roles) for c, roles in grants.items()})

        def work(execute: Execute) -> None:
            if execute("SELECT 1 FROM accounts WHERE login = ?", (login,)):
                raise ValueError("login taken")
            execute(
                "INSERT INTO accounts (person, login, name, language, grants, addresses, failures, locked_until, created)"
                " VALUES (?, ?, ?, ?, ?, ?, 0, 0, ?)",
                (person, login, name, language, told, json.dumps(addresses), now),
            )
            self._link(execute, person, token, now)
            self._audit.note_within(execute, now, by, "account.invited", person, grants=told)

        self._sql.write(work)
        found = self.account(person)
        assert found is not None
        return found, token

    def first_administrator(self, now: int) -> str | None:
        """The token of the first administrator's link; None where an administrator has a password already."""
        for account in self.accounts():
            if Role.ADMINISTRATOR in account.grants.get(EVERYWHERE, frozenset()):
                if self._has_password(account.person):
                    return None
                return self.invite_again(account.person, now, "system")
        return self.invite("admin", "admin", {EVERYWHERE: frozenset({Role.ADMINISTRATOR})}, now, "system")[1]

    def invite_again(self, person: str, now: int, by: str) -> str:
        """A new one-time link; older ones end."""
        token = secrets.token_urlsafe(24)

        def work(execute: Execute) -> None:
            execute("DELETE FROM invitations WHERE person = ?", (person,))
            self._link(execute, person, token, now)
            self._audit.note_within(execute, now, by, "account.invited_again", person)

        self._sql.write(work)
        return token

    @staticmethod
    def _link(execute: Execute, person: str, token: str, now: int) -> None:
        execute(
            "INSERT INTO invitations (hash, person, expires) VALUES (?, ?, ?)",
            (secret_hash(token), person, now + INVITATION_MS),
        )

    def invited(self, token: str, now: int) -> Account | None:
        """Whose link this is; changes nothing."""
        rows = self._sql.read(
            "SELECT person FROM invitations WHERE hash = ? AND expires > ?", (secret_hash(token), now)
        )
        return self.account(rows[0][0]) if rows else None

    def begin(self, token: str, password: str, now: int, language: str = "") -> Account | None:
        """Spend a one-time link on a password; None where the link is not in force. Raises PasswordWeak.

        `language` is the one in which they read the page, and get messages from then on; '' leaves it as it is. A second factor
        ends: whoever was invited anew may have lost the telephone.
        """
        account = self.invited(token, now)
        if account is None:
            return None
        kept = self._hashed(account, password)

        def work(execute: Execute) -> bool:
            if not execute("DELETE FROM invitations WHERE hash = ? RETURNING person", (secret_hash(token),)):
                return False
            self._set_password(execute, account.person, kept)
            execute("UPDATE accounts SET language = ? WHERE person = ?", (language or account.language, account.person))
            self.second_factor.end_within(execute, account.person, now)
            self._audit.note_within(execute, now, account.person, "account.began", account.person)
            return True

        if not self._sql.write(work):
            return None
        self.sessions.changes += 1
        return account

    def change(
        self, person: str, now: int, by: str, grants: Grants | None = None, disabled: bool | None = None
    ) -> bool:
        """Change grants, or disable; every session of the person ends. False where there is no such account."""

        def work(execute: Execute) -> bool:
            if not execute("SELECT 1 FROM accounts WHERE person = ?", (person,)):
                return False
            if grants is not None:
                told = json.dumps({c: sorted(r.value for r in roles) for c, roles in grants.items()})
                execute("UPDATE accounts SET grants = ? WHERE person = ?", (told, person))
                self._audit.note_within(execute, now, by, "account.granted", person, grants=told)
            if disabled is not None:
                execute("UPDATE accounts SET disabled = ? WHERE person = ?", (now if disabled else None, person))
                self._audit.note_within(execute, now, by, "account.disabled" if disabled else "account.enabled", person)
            self.sessions.end_all_within(execute, person)
            return True

        done = self._sql.write(work)
        self.sessions.changes += 1
        return done

    def reach(self, person: str, now: int, by: str, language: str, addresses: tuple[tuple[str, str], ...]) -> None:
        """Where, and in which language, messages reach somebody from now on. The audit has the services, not the numbers."""

        def work(execute: Execute) -> None:
            execute(
                "UPDATE accounts SET language = ?, addresses = ? WHERE person = ?",
                (language, json.dumps(addresses), person),
            )
            channels = sorted(channel for channel, _ in addresses)
            self._audit.note_within(execute, now, by, "account.reached", person, language=language, channels=channels)

        self._sql.write(work)
        self.sessions.changes += 1

    def account(self, person: str) -> Account | None:
        rows = self._sql.read(f"SELECT {_ACCOUNT} FROM accounts WHERE person = ?", (person,))
        return account_of(rows[0]) if rows else None

    def accounts(self) -> list[Account]:
        return [account_of(row) for row in self._sql.read(f"SELECT {_ACCOUNT} FROM accounts ORDER BY created, person")]

    def stamp(self, person: str) -> str:
        """By which a desk asks whether somebody may still come in there: another one as soon as their password, codes or duties are
        others, and '' for an account that has ended."""
        rows = self._sql.read("SELECT password, totp, grants, disabled FROM accounts WHERE person = ?", (person,))
        if not rows or rows[0][3] is not None:
            return ""
        told = json.dumps([person, *rows[0][:3]]).encode()
        return b64(hmac.new(self._master, b"lease|" + told, sha256).digest()[:16])

    # ---- signing in -------------------------------------------------------------------------------------------------

    def sign_in(self, login: str, password: str, code: str, now: int) -> tuple[Session, str]:
        """A session and its token. Raises SignInRefused."""
        rows = self._sql.read("SELECT person FROM accounts WHERE login = ?", (login,))
        if rows:
            self._prove(rows[0][0], password, code, now)
            return self._open(rows[0][0], now)
        _locked(self._unknown.locked_until(login), now)
        self._matches(self._nobody, password)
        self._unknown.failed(login, now)
        raise SignInRefused

    def _prove(self, person: str, password: str, code: str, now: int) -> None:
        """That it is this person: the password, and a code where one is asked for. Raises SignInRefused, and counts it."""
        asked = "SELECT locked_until, password, totp, disabled FROM accounts WHERE person = ?"
        locked_until, kept, totp, disabled = self._sql.read(asked, (person,))[0]
        _locked(locked_until, now)
        right = self._matches(kept or self._nobody, password) and kept is not None and disabled is None
        if not right or not (totp is None or self.second_factor.right(person, totp, code, now)):
            self._failed(person, now)
            raise SignInRefused
        _locked(self._sql.read(asked, (person,))[0][0], now)  # others may have failed while this one was looked at

    def _failed(self, person: str, now: int) -> None:
        def work(execute: Execute) -> None:
            counted = "UPDATE accounts SET failures = failures + 1 WHERE person = ? RETURNING failures"
            [(failures,)] = execute(counted, (person,))
            execute("UPDATE accounts SET locked_until = ? WHERE person = ?", (now + wait_ms(failures), person))
            self._audit.note_within(execute, now, person, "sign_in.failed", person, failures=failures)

        self._sql.write(work)

    def _open(self, person: str, now: int) -> tuple[Session, str]:
        token = secrets.token_urlsafe(32)

        def work(execute: Execute) -> None:
            execute("UPDATE accounts SET failures = 0, locked_until = 0 WHERE person = ?", (person,))
            self.sessions.open_within(execute, person, token, now)
            self._audit.note_within(execute, now, person, "sign_in", person)

        self._sql.write(work)
        session = self.sessions.find(token, now)
        assert session is not None
        return session, token

    # ---- secrets ----------------------------------------------------------------------------------------------------

    def change_password(self, person: str, old: str, code: str, new: str, now: int) -> None:
        """Every session of the person ends. Raises SignInRefused, PasswordWeak."""
        self._prove(person, old, code, now)
        account = self.account(person)
        assert account is not None
        kept = self._hashed(account, new)

        def work(execute: Execute) -> None:
            self._set_password(execute, person, kept)
            self._audit.note_within(execute, now, person, "password.changed", person)

        self._sql.write(work)
        self.sessions.changes += 1

    def begin_second_factor(self, account: Account, password: str, now: int) -> tuple[str, str]:
        """The secret for an authenticator, and its address. Raises SignInRefused."""
        self._prove(account.person, password, "", now)
        return self.second_factor.begin(account.person, account.login)

    def end_second_factor(self, person: str, password: str, code: str, now: int) -> None:
        """Ask for no code any more. Raises SignInRefused."""
        self._prove(person, password, code, now)
        self._sql.write(lambda execute: self.second_factor.end_within(execute, person, now))

    def _hashed(self, account: Account, password: str) -> str:
        if weak(password, account.login):
            raise PasswordWeak
        with self._hashing:
            return self._hasher.hash(password)

    def _matches(self, kept: str, password: str) -> bool:
        if len(password) > LONGEST:
            return False
        try:
            with self._hashing:
                return self._hasher.verify(kept, password)
        except (VerificationError, InvalidHashError):
            return False

    def _set_password(self, execute: Execute, person: str, kept: str) -> None:
        execute("UPDATE accounts SET password = ?, failures = 0, locked_until = 0 WHERE person = ?", (kept, person))
        self.sessions.end_all_within(execute, person)

    def _has_password(self, person: str) -> bool:
        return bool(self._sql.read("SELECT 1 FROM accounts WHERE person = ? AND password IS NOT NULL", (person,)))


def _locked(until: int, now: int) -> None:
    if left := left_ms(until, now):
        raise SignInRefused(left / 1000)
