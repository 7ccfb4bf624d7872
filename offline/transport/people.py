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

    def sign_in(self, login: str, password: str, code: str) -> SignedIn:
        """A session of a person. Rejected `sign_in`; TryAgain `locked` or `too_many` with how long to wait."""
        body = dump({"login": login, "password": password, "code": code})
        return msgspec.json.decode(self._as_desk("POST", "/v1/sign-in", body).content, type=SignedIn)

    def me(self, token: str) -> SignedIn:
        """Whether a session is still in force. Rejected `sign_in` where it is not."""
        return msgspec.json.decode(self._as_desk("GET", "/v1/me", headers=bearer(token)).content, type=SignedIn)

    def _as_desk(
        self, method: str, target: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> requests.Response:
        """Signed, so that the district knows at which desk somebody sits; a desk whose clock is wrong may sign people in all the
        same, and what takes a person with a role is believed once it has told."""
        if self._signer is None:
            return self.request(method, target, body, sign=False, headers=headers)
        try:
            return self.request(method, target, body, headers=headers)
        except Rejected as e:
            if e.code not in _UNSIGNED:
                raise
            return self.request(method, target, body, sign=False, headers=headers)

    def sign_out(self, token: str) -> None:
        self.request("POST", "/v1/sign-out", sign=False, headers=bearer(token))

    def as_person(self, method: str, target: str, asked: dict[str, Any] | None = None) -> Any:
        """An endpoint of people, as whoever is signed in here (`bearer`); its JSON, None where there is none."""
        body = b"" if asked is None else dump(asked)
        answer = self.request(method, target, body, sign=False, headers=bearer(self.bearer))
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
