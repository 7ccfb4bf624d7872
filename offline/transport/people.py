"""Requests of the people who sit at a node: signing in and out, and what they may do as themselves."""

from collections.abc import Iterator
from typing import Any

import msgspec
import requests

from offline.transport.errors import Rejected, TryAgain
from offline.transport.line import Line, bearer
from offline.wire import SignedIn, dump

_UNSIGNED = frozenset({"clock", "signature", "replayed"})  # codes about the signature, not about who asks


class People(Line):
    """A line over which people ask."""

    def sign_in(self, login: str, password: str, code: str, within_s: float | None = None) -> SignedIn:
        """A session of a person. Rejected `sign_in`; TryAgain `locked` or `too_many` with how long to wait, or where no answer
        begins `within_s`."""
        body = dump({"login": login, "password": password, "code": code})
        answer = self._as_desk("POST", "/v1/sign-in", body, within_s=within_s)
        return msgspec.json.decode(answer.content, type=SignedIn)

    def me(self, token: str) -> SignedIn:
        """Whether a session is still in force. Rejected `sign_in` where it is not."""
        return msgspec.json.decode(self._as_desk("GET", "/v1/me", headers=bearer(token)).content, type=SignedIn)

    def standing(self, held: dict[str, str]) -> list[str]:
        """Whose accounts, of those with leases here (stamp by person), are what they were then."""
        answer = self.request("POST", "/v1/leases", dump({"held": held}))
        return msgspec.json.decode(answer.content, type=dict[str, list[str]])["stand"]

    def _as_desk(
        self,
        method: str,
        target: str,
        body: bytes = b"",
        headers: dict[str, str] | None = None,
        within_s: float | None = None,
    ) -> requests.Response:
        """Signed, so that the district knows at which desk somebody sits; a desk whose clock is wrong may sign people in all the
        same, and what takes a person with a role is believed once it has told."""
        if self._signer is None:
            return self.request(method, target, body, sign=False, headers=headers, silence_s=within_s)
        try:
            return self.request(method, target, body, headers=headers, silence_s=within_s)
        except Rejected as e:
            if e.code not in _UNSIGNED:
                raise
            return self.request(method, target, body, sign=False, headers=headers, silence_s=within_s)

    def sign_out(self, token: str) -> None:
        self.request("POST", "/v1/sign-out", sign=False, headers=bearer(token))

    def as_person(
        self, method: str, target: str, asked: dict[str, Any] | None = None, within_s: float | None = None
    ) -> Any:
        """An endpoint of people, as whoever is signed in here (`bearer`); its JSON, None where there is none. TryAgain where no
        answer begins `within_s`."""
        body = b"" if asked is None else dump(asked)
        answer = self.request(method, target, body, sign=False, headers=bearer(self.bearer), silence_s=within_s)
        return answer.json() if answer.content else None

    def person_file(self, target: str) -> Iterator[bytes]:
        """What an endpoint of people gives out as a file, a piece at a time; asked for at once."""
        answer = self.request("POST", target, sign=False, headers=bearer(self.bearer), stream=True)

        def pieces() -> Iterator[bytes]:
            with answer:
                try:
                    yield from answer.iter_content(64 * 1024)
                except requests.RequestException as e:
                    raise TryAgain(f"POST {target}: {e}") from e

        return pieces()
