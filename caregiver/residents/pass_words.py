"""When a visitor's pass opens the gate, in words. No Qt."""

from datetime import date, datetime, time

from caregiver.residents.access import PassForm
from caregiver.wording import Tongue, ahead, term
from offline.letters.passes import Kind

MIDNIGHT = time(0)


def for_visitor(tongue: Tongue, form: PassForm) -> str:
    """With every date, as it is sent or printed."""
    if form.kind == Kind.WEEKLY:
        days = f"{form.first}" if form.first == form.last else f"{form.first} – {form.last}"
        return f"{_weekly(tongue, form)} · {days}"
    if form.first == form.last:
        return f"{form.first} {_hours(form)}"
    return f"{form.first} {form.start:%H:%M} – {form.last} {_end(form)}"


def for_maker(tongue: Tongue, form: PassForm, now: datetime) -> str:
    """From where whoever makes it stands, and whether it opens the gate yet. `now` is local. Raises Mendable `access_pass_…`."""
    key = "pass_holds" if form.opens(now) <= now else "pass_holds_later"
    return tongue.tr(f"caregiver.residents.{key}", when=_when(tongue, form, now))


def made(tongue: Tongue, form: PassForm, now: datetime) -> str:
    """That it is ready, and from when on it opens the gate where it does not yet."""
    opens = form.opens(now)
    if opens <= now:
        return tongue.tr("caregiver.residents.pass_issued")
    return tongue.tr("caregiver.residents.pass_issued_later", at=_day(tongue, opens.date(), opens.time(), now))


def _when(tongue: Tongue, form: PassForm, now: datetime) -> str:
    if form.kind == Kind.WEEKLY:
        return f"{_weekly(tongue, form)} · {form.first:%m-%d} – {form.last:%m-%d}"
    if form.first == form.last:
        return f"{_day(tongue, form.first, form.start, now)}–{_end(form)}"
    return f"{_day(tongue, form.first, form.start, now)} – {form.last:%m-%d} {_end(form)}"


def _day(tongue: Tongue, day: date, at: time, now: datetime) -> str:
    moment = datetime.combine(day, at, now.tzinfo)
    if day == now.date():
        return tongue.tr("caregiver.residents.pass_today", clock=f"{at:%H:%M}")
    return ahead(tongue, moment, now)


def _weekly(tongue: Tongue, form: PassForm) -> str:
    on = " ".join(term(tongue, "weekday", str(day)) for day in form.days) or tongue.tr("caregiver.rota.daily")
    return f"{on} {_hours(form)}"


def _hours(form: PassForm) -> str:
    return f"{form.start:%H:%M}–{_end(form)}"


def _end(form: PassForm) -> str:
    """Midnight is the end of its day."""
    return "24:00" if form.end == MIDNIGHT else f"{form.end:%H:%M}"
