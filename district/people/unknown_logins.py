"""Logins that nobody has are locked as those are that somebody has: who tries learns from it neither way."""

from collections import OrderedDict

from domain.lockout import wait_ms

_MOST = 10_000  # remembered at once; whoever tries more from one address is held up by the limit of that address before


class UnknownLogins:
    """In memory, until the server starts again. Times ms."""

    def __init__(self) -> None:
        self._failed: OrderedDict[str, tuple[int, int]] = OrderedDict()  # login: failures, locked until

    def locked_until(self, login: str) -> int:
        return self._failed.get(login, (0, 0))[1]

    def failed(self, login: str, now: int) -> None:
        failures = self._failed.pop(login, (0, 0))[0] + 1
        self._failed[login] = (failures, now + wait_ms(failures))
        while len(self._failed) > _MOST:
            self._failed.popitem(last=False)
