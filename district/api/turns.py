"""Threads apart for what waits long, and for what must not wait: everything else shares forty, and takes turns for them."""

from collections.abc import Callable
from functools import partial
from typing import ParamSpec, TypeVar

from anyio import CapacityLimiter, to_thread

from district.api.problems import Refusal
from district.office import Office
from district.people.sessions import Session

MOST_WAITING = 50
P = ParamSpec("P")
T = TypeVar("T")


async def in_turn(turns: CapacityLimiter, work: Callable[P, T], *given: P.args, **named: P.kwargs) -> T:
    """What `work` returns; it runs on one of the few threads of `turns`."""
    return await to_thread.run_sync(partial(work, *given, **named), limiter=turns)


def refuse_a_crowd(turns: CapacityLimiter) -> None:
    """Raises Refusal where whoever came now would wait until nobody waits for the answer any more."""
    if turns.statistics().tasks_waiting >= MOST_WAITING:
        raise Refusal(503, "busy", "too many are waiting", {"Retry-After": "5"})


async def session_of(office: Office, token: str) -> Session | None:
    """Whose session a token is, where it is in force. A hub may have to ask."""
    if office.above is None:
        return await to_thread.run_sync(office.session, token)
    return await in_turn(office.above.looks, office.session, token)
