"""One's own account: the password, and codes of an authenticator beside it. Asked of the district, never kept here. No Qt."""

from collections.abc import Callable
from dataclasses import dataclass

from caregiver.asking import Asking, PersonLine

_MEND = {
    "proof": "account_proof",
    "code": "account_code",
    "password_weak": "account_password_weak",
    "second_factor": "account_has_codes",
    "locked": "account_locked",
}


@dataclass(frozen=True, slots=True)
class Secret:
    """For an authenticator: `uri` as a QR code, `words` in groups of four to be typed."""

    uri: str
    words: str


class OwnAccount:
    """Every call may take seconds and raises Mendable."""

    def __init__(self, line: PersonLine, token: Callable[[], str]) -> None:
        self._ask = Asking(line, token, "account", _MEND)

    def asks_for_codes(self) -> bool:
        """Whether signing in takes a code."""
        return bool(self._ask("GET", "/v1/me")["second_factor"])

    def change_password(self, old: str, new: str, code: str) -> None:
        """Every session ends, this desk's too."""
        self._ask("POST", "/v1/me/password", {"old": old, "new": new, "code": code})

    def begin_codes(self, password: str) -> Secret:
        """Codes are asked for once `confirm_codes` has had a first one."""
        told = self._ask("POST", "/v1/me/second-factor", {"password": password})
        secret = str(told["secret"])
        return Secret(str(told["uri"]), " ".join(secret[n : n + 4] for n in range(0, len(secret), 4)))

    def confirm_codes(self, code: str) -> None:
        self._ask("POST", "/v1/me/second-factor/confirmation", {"code": code})

    def end_codes(self, password: str, code: str) -> None:
        self._ask("POST", "/v1/me/second-factor/removal", {"password": password, "code": code})
