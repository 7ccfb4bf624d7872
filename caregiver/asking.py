"""Asking the district for something as the person who sits here, and what its refusals mean in words. No Qt."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from domain.errors import Mendable
from offline.transport.errors import Rejected, TryAgain, Untrusted


class PersonLine(Protocol):
    """Raises TryAgain, Rejected or Untrusted."""

    bearer: str

    def as_person(self, method: str, target: str, asked: dict[str, Any] | None = None) -> Any: ...


class Asking:
    """Raises Mendable `{about}_sign_in`, `{about}_no_line`, what `mend` has for the district's code, or `{about}_not_yours`."""

    def __init__(self, line: PersonLine, token: Callable[[], str], about: str, mend: Mapping[str, str]) -> None:
        self._line, self._token, self._about = line, token, about
        self._mend = {"sign_in": f"{about}_sign_in", **mend}

    def __call__(self, method: str, target: str, asked: dict[str, Any] | None = None) -> Any:
        """The answer's JSON; may take seconds."""
        self._line.bearer = self._token()
        if not self._line.bearer:
            raise Mendable(self._mend["sign_in"])
        try:
            return self._line.as_person(method, target, asked)
        except Rejected as e:
            raise Mendable(self._mend.get(e.code, f"{self._about}_not_yours")) from e
        except (TryAgain, Untrusted) as e:
            raise Mendable(self._mend.get(str(e), f"{self._about}_no_line")) from e
