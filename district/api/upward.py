"""Waiting for the one above without holding a thread that something urgent needs."""

from collections.abc import Callable
from functools import partial
from typing import ParamSpec, TypeVar

from anyio import CapacityLimiter, to_thread

from district.office import Office
from district.people.sessions import Session

P = ParamSpec("P")
T = TypeVar("T")


async def in_turn(turns: CapacityLimiter, work: Callable[P, T], *given: P.args, **named: P.kwargs) -> T:
    """What `work` returns; it runs on one of the few threads of `turns` (`district.hubs.above`)."""
    return await to_thread.run_sync(partial(work, *given, **named), limiter=turns)


async def session_of(office: Office, token: str) -> Session | None:
    """Whose session a token is, where it is in force. A hub may have to ask."""
    if office.above is None:
        return await to_thread.run_sync(office.session, token)
    return await in_turn(office.above.looks, office.session, token)
