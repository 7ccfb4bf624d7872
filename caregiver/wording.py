"""Facts in the words of the person who reads them. No Qt beyond the language's own object."""

from datetime import datetime, timedelta
from typing import Any, Protocol

from assets.words import catalogue
from domain.incident_kinds import ESCALATED, EVIDENCE, GRADED, LOWERED, REOPENED
from domain.signals import WEIGHT

LANGUAGES = {"zh": "中文", "en": "English"}  # each in its own


class Tongue(Protocol):
    """The part of `qtkit.i18n.Language` that wording needs."""

    @property
    def code(self) -> str: ...

    def tr(self, key: str, **details: object) -> str: ...

    def ago(self, at: datetime, now: datetime) -> str: ...


def term(tongue: Tongue, group: str, value: str) -> str:
    """The word for a value of a closed list (`caregiver.<group>.<value>`); the value itself where the list has grown."""
    key = f"caregiver.{group}.{value}"
    return tongue.tr(key) if key in catalogue(tongue.code) else value


def begin(words: str) -> str:
    """As a cell or a sentence begins: with a capital, where the script has them."""
    return words[:1].upper() + words[1:]


def stamp(at: datetime) -> str:
    """A moment in a column, all of one form so that the eye can run down: "11-23 09:41". `exact` is for hovering."""
    return f"{at:%m-%d %H:%M}"


def ahead(tongue: Tongue, at: datetime, now: datetime) -> str:
    """A moment to come: the clock today, "明天 10:00", then the date. `at` and `now` are local times of one zone."""
    if at.date() == now.date():
        return f"{at:%H:%M}"
    if at.date() == now.date() + timedelta(days=1):
        return tongue.tr("caregiver.board.tomorrow", clock=f"{at:%H:%M}")
    return stamp(at)


def second_of(at: datetime, now: datetime) -> str:
    """The second something happened; with its day where that is not today."""
    return f"{at:%H:%M:%S}" if at.date() == now.date() else f"{at:%m-%d %H:%M:%S}"


def exact(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}"


def sign(tongue: Tongue, kind: str, place: str = "") -> str:
    """What was heard, and where (in words): "客厅 · 有活动", "南门 · 通过门禁"."""
    what = term(tongue, "sign", kind.replace(".", "_"))
    return f"{place} · {what}" if place else what


def sure(tongue: Tongue, what: str, weight: float) -> str:
    """What was heard, with how surely it was the elder's own doing; 0 where its time cannot be believed."""
    return tongue.tr("caregiver.sign.sure" if weight else "caregiver.sign.doubtful", what=what, n=round(100 * weight))


def clock_span(tongue: Tongue, length: timedelta) -> str:
    """What a running clock shows, with its units, so that nobody takes it for a time of day: "41 秒", "9 分 05 秒"."""
    seconds = max(0, int(length.total_seconds()))
    if not 60 <= seconds < 3600:
        return span(tongue, length)
    minutes, seconds = divmod(seconds, 60)
    return tongue.tr("caregiver.span.minutes_seconds", m=minutes, s=f"{seconds:02}")


def span(tongue: Tongue, length: timedelta) -> str:
    """A length in the one or two units that matter: "41 秒", "12 分钟", "3 小时 20 分"."""
    seconds = max(0, int(length.total_seconds()))
    if seconds < 60:
        return tongue.tr("caregiver.span.seconds", n=seconds)
    minutes = seconds // 60
    if minutes < 60:
        return tongue.tr("caregiver.span.minutes", n=minutes)
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return tongue.tr("caregiver.span.hours" if minutes else "caregiver.span.whole_hours", n=hours, m=minutes)
    return tongue.tr("caregiver.span.days" if hours % 24 else "caregiver.span.whole_days", n=hours // 24, h=hours % 24)


def step(tongue: Tongue, kind: str, payload: dict[str, Any]) -> str:
    """One fact of an incident as a line of its history."""
    words = term(tongue, "step", kind.replace(".", "_"))
    extra = payload.get("outcome")
    if kind.startswith("notice."):
        words = f"{words} · {term(tongue, 'channel', str(payload.get('channel', '')))}"
    elif "called" in payload:
        words = term(tongue, "called", str(payload["called"]))
    elif kind == EVIDENCE and "sign" in payload:
        what = term(tongue, "sign", f"sign_{payload['sign']}")
        weight = payload.get("weight", WEIGHT.get(payload["sign"]))
        words = tongue.tr(
            "caregiver.incidents.heard_since", what=what if weight is None else sure(tongue, what, weight)
        )
    elif kind == EVIDENCE and "signal" in payload and payload.get("device"):
        words = tongue.tr("caregiver.incidents.called_again", what=payload["device"])
    elif kind == EVIDENCE and "calls" in payload:
        words = tongue.tr("caregiver.incidents.called_more", n=payload["calls"])
    elif (
        kind in (EVIDENCE, REOPENED)
        and (said := term(tongue, "evidence", why := str(payload.get("reason", "")))) != why
    ):
        words = said
    elif kind in (GRADED, LOWERED):
        words = f"{words} · {term(tongue, 'severity', str(payload.get('severity', '')))}"
    elif kind == ESCALATED and (why := because(tongue, payload)):
        words = f"{words} · {why.rstrip('。.')}"
    elif extra:
        words = f"{words} · {term(tongue, 'outcome', str(extra))}"
    return words


def because(tongue: Tongue, payload: dict[str, Any]) -> str:
    """Why the ladder took a step, as messages say it; '' for a person's own."""
    key = f"incident.reason.{payload.get('reason', '')}"
    return tongue.tr(key) if key in catalogue(tongue.code) else ""
