"""Who is calling: a person by the token of a session. What they may do is asked of `district.scope`, here and nowhere else."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from district.api.callers import InOffice, household
from district.api.problems import Refusal
from district.api.turns import session_of
from district.people.sessions import Session
from district.scope import EVERYWHERE, Duty, communities_for, may


@dataclass(frozen=True, slots=True)
class Signedin:
    session: Session
    token: str

    @property
    def person(self) -> str:
        return self.session.account.person

    def must(self, duty: Duty, community: str | None = None) -> None:
        """Refuses what is not this person's duty there (or anywhere)."""
        if not may(self.session.account.grants, duty, community):
            raise Refusal(403, "out_of_scope", "this is not among your duties")

    def sees(self, duty: Duty, community: str) -> bool:
        where = communities_for(self.session.account.grants, duty)
        return EVERYWHERE in where or community in where


async def signed_in(request: Request, office: InOffice) -> Signedin:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    session = None
    if scheme.lower() == "bearer" and 20 <= len(token) <= 100:
        made_up = office.above is not None and not office.above.knows(token)  # until the district has said otherwise
        if made_up and not office.limiter.allows("sign_in", f"token {household(request)}"):
            raise Refusal(429, "too_many", "", {"Retry-After": "60"})
        session = await session_of(office, token)
    if session is None:
        raise Refusal(401, "sign_in", "sign in first", {"WWW-Authenticate": "Bearer"})
    return Signedin(session, token)


Person = Annotated[Signedin, Depends(signed_in)]
