"""The application: endpoints, refusals, and what runs while it serves."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import Depends, FastAPI

from district.api import (
    accounts,
    arrivals,
    below,
    calls,
    devices,
    greeting,
    intake,
    keys,
    letters,
    onward,
    operator,
    pages,
    passages,
    problems,
    records,
    residents,
    signing_in,
    stream,
    sync,
    templates,
)
from district.api.middle import Around
from district.api.strangers import no_strangers
from district.office import Office
from offline.program import program_version


def create_app(office: Office) -> FastAPI:
    """The district's HTTP interface over an office that somebody else opened and will close."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        office.hub.attach(asyncio.get_running_loop())
        try:
            yield
        finally:
            office.hub.detach()

    app = FastAPI(
        title="Shouwang district",
        version=program_version(),
        description="What kiosks and caregiver desktops sync to. docs/PROTOCOL.md tells the story.",
        lifespan=lifespan,
        docs_url="/docs" if office.settings.docs else None,
        redoc_url=None,
        openapi_url="/openapi.json" if office.settings.docs else None,
    )
    app.state.office = office
    app.add_middleware(Around, metrics=office.metrics)
    problems.install(app)
    if office.above is not None:  # before its own: accounts are the district's
        app.include_router(onward.router)
    for part in (
        greeting,
        sync,
        below,
        keys,
        stream,
        calls,
        passages,
        templates,
        letters,
        intake,
        signing_in,
        accounts,
        devices,
        records,
        residents,
        pages,
        arrivals,
        operator,
    ):
        app.include_router(part.router, dependencies=[Depends(no_strangers)], responses=problems.REFUSALS)
    return app
