"""How often an address or a device may ask: moving windows, in memory."""

from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from district.config import Limits


class Limiter:
    def __init__(self, settings: Limits) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._rules = {name: parse(rule) for name, rule in settings.model_dump().items()}

    def allows(self, rule: str, who: str) -> bool:
        """Count one request of `who` under `rule`; False where it is one too many."""
        return self._limiter.hit(self._rules[rule], rule, who)
