"""The two pages people open in a browser: the reply to an alarm, and the first password. GET shows, only POST acts."""

from html import escape
from urllib.parse import parse_qs

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse

from assets.words import say
from district.api.callers import InOffice, RawBody, address
from district.api.problems import Refusal
from district.office import Office
from district.people.accounts import PasswordWeak
from district.reaching.replies import Page, Shown

router = APIRouter(include_in_schema=False)

_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}
_STYLE = (
    "body{font:20px/1.6 system-ui,'Noto Sans CJK SC',sans-serif;max-width:30em;margin:3em auto;padding:0 1em;color:#1b2a33}"
    "button{font:inherit;padding:.6em 1.4em;border:0;border-radius:.5em;background:#0b5c6b;color:#fff}"
    "input{font:inherit;padding:.5em;width:100%;box-sizing:border-box;margin:.3em 0 1em}"
)


@router.get("/r/{token}")
async def look(token: str, office: InOffice) -> HTMLResponse:
    page = await run_in_threadpool(office.nightwatch.replies.look, token, office.now())
    return _reply(office, page)


@router.post("/r/{token}")
async def act(token: str, office: InOffice) -> HTMLResponse:
    page = await run_in_threadpool(office.nightwatch.replies.act, token, office.now())
    office.nightwatch.wake()
    return _reply(office, page)


def _reply(office: Office, page: Page) -> HTMLResponse:
    language, shown = office.settings.language, page.shown.value
    well = "well_" if page.check_in and page.shown in (Shown.ASK, Shown.THANKS) else ""
    words = f"<p>{escape(say(language, f'incident.reply.{well}{shown}'))}</p>"
    if page.shown is Shown.ASK:
        button = escape(say(language, f"incident.reply.{well}button"))
        words += f'<form method="post"><button>{button}</button></form>'
    return _page(language, words, 404 if page.shown is Shown.EXPIRED else 200)


@router.get("/begin/{token}")
async def begin_form(token: str, office: InOffice) -> HTMLResponse:
    account = await run_in_threadpool(office.accounts.invited, token, office.now_ms())
    return _begin(office, None if account is None else account.login)


@router.post("/begin/{token}")
async def begin(token: str, request: Request, office: InOffice, body: RawBody) -> HTMLResponse:
    if not office.limiter.allows("sign_in", address(request)):
        raise Refusal(429, "too_many", "", {"Retry-After": "60"})
    language = office.settings.language
    password = parse_qs(body.decode("utf-8", "replace"), max_num_fields=4).get("password", [""])[0]
    try:
        account = await run_in_threadpool(office.accounts.begin, token, password, office.now_ms())
    except PasswordWeak:
        known = await run_in_threadpool(office.accounts.invited, token, office.now_ms())
        return _begin(office, None if known is None else known.login, say(language, "district.password_weak"))
    if account is None:
        return _begin(office, None)
    return _page(language, f"<p>{escape(say(language, 'district.begun', login=account.login))}</p>")


def _begin(office: Office, login: str | None, problem: str = "") -> HTMLResponse:
    language = office.settings.language
    if login is None:
        return _page(language, f"<p>{escape(say(language, 'district.link_over'))}</p>", 404)
    words = f"<p>{escape(say(language, 'district.begin', login=login))}</p>"
    if problem:
        words += f"<p><strong>{escape(problem)}</strong></p>"
    words += (
        '<form method="post"><input type="password" name="password" autocomplete="new-password" required minlength="12">'
        f"<button>{escape(say(language, 'district.begin_button'))}</button></form>"
    )
    return _page(language, words, 422 if problem else 200)


def _page(language: str, words: str, status: int = 200) -> HTMLResponse:
    title = escape(say(language, "district.title"))
    text = (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head>'
        f"<body><h1>{title}</h1>{words}</body></html>"
    )
    return HTMLResponse(text, status, _HEADERS)
