"""What the page behind a reply link shows: what has happened to whom, what may be pressed, and whom to call meanwhile."""

from html import escape
from urllib.parse import quote

from starlette.responses import HTMLResponse

from assets.words import say
from district.api.paper import button, form, heading, hidden, line, sheet, way
from district.reaching.messages import EMERGENCY, Described, happened, map_link
from district.reaching.messages import heading as headline
from district.reaching.replies import Page, Shown
from domain.incident import OUTCOMES, Incident
from domain.incident_kinds import TECHNICAL, Severity
from domain.replying import Step


def reply_page(page: Page, of: Described | None, language: str) -> HTMLResponse:
    """The whole page; `of` is the elder of its incident. A link that never was and one that has ended look alike."""
    if page.shown is Shown.EXPIRED:
        return sheet(language, line(_say(language, "expired")), 404)
    if page.check_in:
        return sheet(language, _check_in(page, language), large=True)
    assert page.incident is not None  # all others are about one
    assert of is not None
    body = _about(page.incident, of, language)
    if page.shown is Shown.ASK:
        body += _asking(page, page.incident, language) + _ways(page.incident, of, language)
    else:
        body += line(_say(language, page.shown.value))
    return sheet(language, body)


def _check_in(page: Page, language: str) -> str:
    """The elder's own: one question, one button, and the number for whoever is not well."""
    if page.shown is not Shown.ASK:
        return heading(_say(language, "well_thanks" if page.shown is Shown.THANKS else page.shown.value))
    return (
        heading(_say(language, "well_ask"))
        + form(button(_say(language, "well_button")))
        + line(_say(language, "well_else"), "muted")
        + _emergency(language)
    )


def _about(incident: Incident, of: Described, language: str) -> str:
    return (
        line(say(language, "incident.line.drill") if incident.exercise else "", "drill")
        + heading(headline(incident, of, language), "alarm" if incident.open else "")
        + line(happened(incident, of, language))
        + line("" if incident.confirmed else say(language, "incident.line.unconfirmed"), "muted")
    )


def _asking(page: Page, incident: Incident, language: str) -> str:
    if page.steps == (Step.TAKE,):
        mine = incident.held_by(page.person)
        told = line(_say(language, "again" if mine else "also" if incident.accepted_by else "ask"))
        return told + form(hidden("step", Step.TAKE), button(_say(language, "button")))
    parts = [line(_say(language, "yours"))]
    onward = [step for step in page.steps if step is not Step.REPORT]
    for step in onward:
        words = "at_work" if step is Step.COMING and incident.kind in TECHNICAL else step.value
        parts.append(form(hidden("step", step), button(_say(language, words), primary=step is onward[0])))
    if Step.REPORT in page.steps:
        outcomes = (button(say(language, f"caregiver.outcome.{o}"), False, "outcome", o) for o in OUTCOMES)
        parts += [f"<h2>{escape(_say(language, 'report'))}</h2>", form(hidden("step", Step.REPORT), *outcomes)]
    return "".join(parts)


def _ways(incident: Incident, of: Described, language: str) -> str:
    """Whom to call and where to go."""
    found = way(_say(language, "call_them", phone=of.phone), f"tel:{quote(of.phone)}", "phone") if of.phone else ""
    if incident.severity is Severity.P1:
        found += _emergency(language)
    if of.position is not None:
        found += way(_say(language, "map"), map_link(of.position, language), "home")
    return f"<nav>{found}</nav>" if found else ""


def _emergency(language: str) -> str:
    number = EMERGENCY[language]
    return way(_say(language, "call", phone=number), f"tel:{number}", "phone")


def _say(language: str, key: str, **details: object) -> str:
    return say(language, f"incident.reply.{key}", **details)
