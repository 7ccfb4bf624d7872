"""Asking the district for something as the person who sits here, and what its refusals mean in words. No Qt."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from domain.errors import Mendable
from offline.transport.errors import NotNow, Rejected, TryAgain, Untrusted


class PersonLine(Protocol):
    """Raises TryAgain, Rejected or Untrusted."""

    bearer: str

    def as_person(
        self, method: str, target: str, asked: dict[str, Any] | None = None, within_s: float | None = None
    ) -> Any: ...


def refusal(error: Exception, about: str, mend: Mapping[str, str]) -> Mendable:
    """What somebody is told of an answer that is none, `error` being one of the three of a line: what `mend` has for the district's
    code, `{about}_sign_in`, `{about}_not_yours` or `{about}_no_line`. A reason that nobody foresaw is told as it came."""
    if isinstance(error, Untrusted):
        return Mendable("district_not_itself")
    if not isinstance(error, Rejected | NotNow):
        return Mendable(f"{about}_no_line")
    known = {"sign_in": f"{about}_sign_in", "out_of_scope": f"{about}_not_yours", **_NOT_NOW, **mend}
    if error.code in known:
        return Mendable(known[error.code])
    if isinstance(error, NotNow):
        return Mendable("district_trouble")
    return Mendable("district_refuses", reason=error.code)


_NOT_NOW = {"busy": "district_busy_now", "too_many": "district_too_many"}


class Asking:
    """Raises Mendable as `refusal` has it; where no answer begins `within_s`, as where there is no line."""

    def __init__(
        self,
        line: PersonLine,
        token: Callable[[], str],
        about: str,
        mend: Mapping[str, str],
        within_s: float | None = None,
    ) -> None:
        self._line, self._token, self._about, self._mend, self._within_s = line, token, about, mend, within_s

    def __call__(self, method: str, target: str, asked: dict[str, Any] | None = None) -> Any:
        """The answer's JSON; may take seconds."""
        self._line.bearer = self._token()
        if not self._line.bearer:
            raise Mendable(f"{self._about}_sign_in")
        try:
            return self._line.as_person(method, target, asked, self._within_s)
        except (Rejected, TryAgain, Untrusted) as e:
            raise refusal(e, self._about, self._mend) from e
