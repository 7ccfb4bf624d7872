"""The pages people open in a browser: the answer to an alarm, and the first password. GET shows, only POST acts."""

from html import escape
from typing import Literal
from urllib.parse import parse_qs

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, RedirectResponse, Response

from assets.words import LANGUAGES, say
from district.api.callers import InOffice, RawBody, household
from district.api.paper import HEADERS, button, form, heading, line, sheet, tongue_of, way
from district.api.problems import Refusal
from district.api.reply_page import reply_page
from district.office import Office
from district.people.accounts import PasswordWeak
from district.reaching.replies import Page
from domain.replying import Step

router = APIRouter(include_in_schema=False)
Tongue = Literal["zh", "en"] | None


@router.get("/r/{token}")
async def look(token: str, request: Request, office: InOffice) -> HTMLResponse:
    page = await run_in_threadpool(office.nightwatch.replies.look, token, office.now())
    return await run_in_threadpool(_reply, office, page, request)


@router.post("/r/{token}")
async def act(token: str, request: Request, office: InOffice, body: RawBody) -> Response:
    pressed = _form(body)
    step = next((s for s in Step if s == pressed.get("step", Step.TAKE)), None)
    if step is None:  # no button of ours
        return await look(token, request, office)
    outcome = pressed.get("outcome", "")
    page = await run_in_threadpool(office.nightwatch.replies.act, token, office.now(), step, outcome)
    office.nightwatch.wake()
    if page.onward:  # so that whoever loads the page anew presses nothing twice
        return RedirectResponse(page.onward, 303, HEADERS)
    return await run_in_threadpool(_reply, office, page, request)


def _reply(office: Office, page: Page, request: Request) -> HTMLResponse:
    directory = office.nightwatch.directory
    known = directory.recipient(page.person) if page.person else None
    language = known.language if known is not None else tongue_of(request, office.settings.language)
    of = directory.describe(page.incident.elder) if page.incident is not None else None
    return reply_page(page, of, language)


@router.get("/begin/{token}")
async def begin_form(token: str, request: Request, office: InOffice, language: Tongue = None) -> HTMLResponse:
    account = await run_in_threadpool(office.accounts.invited, token, office.now_ms())
    chosen = language or tongue_of(request, office.settings.language)
    return begin_page(chosen, None if account is None else account.login)


@router.post("/begin/{token}")
async def begin(token: str, request: Request, office: InOffice, body: RawBody, language: Tongue = None) -> HTMLResponse:
    if not office.limiter.allows("sign_in", household(request)):
        raise Refusal(429, "too_many", "", {"Retry-After": "60"})
    tongue = language or tongue_of(request, office.settings.language)
    password = _form(body).get("password", "")
    try:
        account = await run_in_threadpool(office.accounts.begin, token, password, office.now_ms(), tongue)
    except PasswordWeak:
        known = await run_in_threadpool(office.accounts.invited, token, office.now_ms())
        return begin_page(tongue, None if known is None else known.login, say(tongue, "district.password_weak"))
    if account is None:
        return begin_page(tongue, None)
    return sheet(tongue, line(say(tongue, "district.begun", login=account.login)))


def begin_page(language: str, login: str | None, problem: str = "") -> HTMLResponse:
    """Where somebody chooses their first password; without a `login` the link is over."""
    if login is None:
        return sheet(language, line(say(language, "district.link_over")), 404)
    other = next(tongue for tongue in LANGUAGES if tongue != language)
    body = (
        heading(say(language, "district.begin_heading", login=login)),
        line(problem, "problem"),
        form(
            f'<label for="password">{escape(say(language, "district.begin"))}</label>',
            '<input id="password" name="password" type="password" autocomplete="new-password" required minlength="12">',
            button(say(language, "district.begin_button")),
        ),
        line(say(language, "district.begin_language"), "muted"),
        way(say(other, "district.begin_otherwise"), f"?language={other}", "globe"),
    )
    return sheet(language, "".join(body), 422 if problem else 200)


def _form(body: bytes) -> dict[str, str]:
    """What was pressed and typed; a form with more than ours have is refused."""
    try:
        return {k: v[0] for k, v in parse_qs(body.decode("utf-8", "replace"), max_num_fields=4).items()}
    except ValueError as e:
        raise Refusal(404, "not_found") from e
