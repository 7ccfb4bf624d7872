"""Who is calling: a person by the token of a session. What they may do is asked of `district.scope`, here and nowhere else."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from fastapi.concurrency import run_in_threadpool

from district.api.callers import InOffice
from district.api.problems import Refusal
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
        session = await run_in_threadpool(office.session, token)
    if session is None:
        raise Refusal(401, "sign_in", "sign in first", {"WWW-Authenticate": "Bearer"})
    return Signedin(session, token)


Person = Annotated[Signedin, Depends(signed_in)]
