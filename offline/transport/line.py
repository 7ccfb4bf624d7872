"""One line over HTTP: requests that are signed, pinned and bounded in time, and what a refusal of the district means."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import requests

from offline.keys.signing import Message, Signer
from offline.letters.pins import Pins
from offline.transport.errors import Forked, NotNow, Rejected, TryAgain, Untrusted
from offline.transport.pinned import Open, Pinned
from offline.wire import Hello

CONNECT_S, READ_S = 3.05, 20.0


class Line:
    """One district at `url`; `now` is the district's time for signatures. `verify` is a certificate file, or True."""

    def __init__(
        self, url: str, now: Callable[[], datetime], verify: str | bool = True, pins: Pins | None = None
    ) -> None:
        self._url, self._now, self._verify = url.rstrip("/"), now, verify
        self._session, self.pins, self._open = requests.Session(), pins or Pins(), Open()
        for scheme in ("https://", "http://"):
            self._session.mount(scheme, Pinned(self.pins, self._open))
        self.heed: Callable[[Hello], None] = lambda _hello: None  # told of every greeting
        self._device, self._signer = "", None  # type: str, Signer | None
        self.bearer = ""  # the token of whoever is signed in here

    def sign_as(self, device: str, signer: Signer) -> None:
        """From here on requests are signed as this device."""
        self._device, self._signer = device, signer

    def close(self) -> None:
        """For good, from any thread: what still waits for an answer raises TryAgain now, as whatever is asked later does."""
        self._open.cut()
        self._session.close()

    def request(
        self,
        method: str,
        target: str,
        body: bytes = b"",
        *,
        sign: bool = True,
        encoding: str = "",
        headers: dict[str, str] | None = None,
        waits_s: float = 0,
        silence_s: float | None = None,
        stream: bool = False,
        refuse: bool = True,
    ) -> requests.Response:
        """Raises TryAgain, Rejected (unless `refuse` is off), Untrusted. `waits_s`: how long the answer may be held back over
        there; `silence_s`: how long a stream may say nothing."""
        if self._open.cut_off:
            raise TryAgain(f"{method} {target.partition('?')[0]}: this line is closed")
        request = requests.Request(method, self._url + target, data=body or None, headers=headers or {}).prepare()
        request.headers["Content-Type"] = "application/json"
        if encoding:
            request.headers["Content-Encoding"] = encoding
        if sign:
            if self._signer is None:
                raise Rejected("not_enrolled")
            self._signer.sign(Message(method, str(request.url), request.headers, body), self._now())
        if isinstance(self._verify, str) and not Path(self._verify).exists():
            raise Untrusted(f"there is no certificate at {self._verify}")
        verify = self._verify if isinstance(self._verify, str) or not self.pins.by_key_alone else False
        settings = self._session.merge_environment_settings(request.url, {}, stream, verify, None)
        try:
            answer = self._session.send(
                request, timeout=(CONNECT_S, silence_s or READ_S + waits_s), allow_redirects=False, **settings
            )
        except requests.exceptions.SSLError as e:
            raise TryAgain("cut off") if self._open.cut_off else Untrusted(str(e)) from e
        except requests.RequestException as e:
            raise TryAgain(f"{method} {target.partition('?')[0]}: {e}") from e
        if answer.status_code < 300 or not refuse:
            return answer
        with answer:
            self._refuse(answer)
        raise AssertionError("refused above")

    @staticmethod
    def _refuse(answer: requests.Response) -> None:
        try:
            told: Any = answer.json()
        except requests.RequestException:
            told = None
        error: dict[str, Any] = told if isinstance(told, dict) else {}
        code = str(error.get("code", f"http_{answer.status_code}"))
        if answer.status_code in (429, 502, 503, 504) or answer.status_code >= 500:
            after = answer.headers.get("Retry-After", "")
            raise NotNow(code, float(after) if after.replace(".", "", 1).isdigit() else None)
        if code == "fork":
            raise Forked(int(error["epoch"]))
        raise Rejected(code, answer.status_code, str(error.get("detail", "")))


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"} if token else {}
