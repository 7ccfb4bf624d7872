"""Care plans as this desk writes them (`watch.plans` reads them back), and in plain words. No Qt."""

from collections.abc import Mapping
from datetime import timedelta, tzinfo
from types import MappingProxyType
from typing import Any

from caregiver.elders.rules import counting, cut_off, kinds, paused, reaching, silence
from caregiver.wording import Tongue, span, term
from domain.careplan import BACKSTOPS, CarePlan, Window
from domain.events import to_ms

MINUTE = timedelta(minutes=1)


def _minutes(length: timedelta) -> int | float:
    """Whole where it is: a plan whose times nobody touched is written as it was read."""
    minutes = length / MINUTE
    return int(minutes) if minutes.is_integer() else minutes


def plain_of(plan: CarePlan, **beside: Any) -> dict[str, Any]:
    """The payload of a plan; `beside` are the desk's own entries (who looks after the elder, sealed notes)."""
    return {
        "revision": plan.revision,
        "zone": plan.zone,
        "windows": [
            {
                "id": w.id, "start": f"{w.start:%H:%M}", "end": f"{w.end:%H:%M}", "days": w.days.value,
                "grace_min": _minutes(w.grace), "remind_min": _minutes(w.remind_before),
                "counted": sorted(w.counted) if w.counted is not None else None,
            }
            for w in plan.windows
        ],
        "counted": sorted(plan.counted),
        "quiet": [f"{plan.quiet.start:%H:%M}", f"{plan.quiet.end:%H:%M}"] if plan.quiet else None,
        "away": [{"start": to_ms(a.start), "end": to_ms(a.end) if a.end else None, "reason": a.reason} for a in plan.away],
        "return_watch_min": _minutes(plan.return_watch),
        "backstops": None if plan.backstops == BACKSTOPS else [
            {"id": b.id, "kinds": sorted(b.kinds), "after_min": _minutes(b.after), "amount": b.amount, "alone": b.alone}
            for b in plan.backstops
        ],
        "false_alarms_per_day": plan.false_alarms_per_day,
        "blind_after_min": _minutes(plan.blind_after),
        "paused": sorted(plan.paused),
        "consents": sorted(plan.consents),
        "contacts": [{"person_id": c.person_id, "relation": c.relation, "has_key": c.has_key} for c in plan.contacts],
        "ladder": plan.ladder,
        "messages_in": plan.language,
        **beside,
    }  # fmt: skip


def summary(
    plan: CarePlan,
    tongue: Tongue,
    zone: tzinfo | None = None,
    beside: Mapping[str, Any] = MappingProxyType({}),
    sensors: Mapping[str, str] = MappingProxyType({}),
) -> list[str]:
    """The plan as somebody would say it, a sentence a rule. `beside`: what its payload says beside it; `sensors`: what those of the
    home are called."""
    say, lines = tongue.tr, []
    for w in plan.windows:
        lines.append(
            say("caregiver.plan.window", days=term(tongue, "days", w.days), start=f"{w.start:%H:%M}", end=f"{w.end:%H:%M}",
                grace=round(w.grace / MINUTE))
        )  # fmt: skip
        if not w.remind_before:
            lines.append(say("caregiver.plan.window_no_reminder", window=when(w, tongue)))
        if w.counted is not None and w.counted != plan.counted:
            lines.append(say("caregiver.plan.window_counts", window=when(w, tongue), kinds=kinds(tongue, w.counted)))
    if not plan.windows:
        lines.append(say("caregiver.plan.no_window"))
    lines += counting(plan, tongue)
    if plan.quiet:
        lines.append(say("caregiver.plan.quiet", start=f"{plan.quiet.start:%H:%M}", end=f"{plan.quiet.end:%H:%M}"))
    lines.append(say("caregiver.plan.return", span=span(tongue, plan.return_watch)))
    lines.append(say("caregiver.plan.home" if plan.watches_home else "caregiver.plan.no_home"))
    lines += [
        *silence(plan, tongue),
        *paused(plan, tongue, sensors),
        *cut_off(plan, tongue),
        *reaching(plan, tongue, beside),
    ]
    for away in plan.away:
        until = f"{away.end.astimezone(zone):%m-%d %H:%M}" if away.end else say("caregiver.plan.open_end")
        lines.append(say("caregiver.plan.away", start=f"{away.start.astimezone(zone):%m-%d %H:%M}", end=until))
    return lines


def when(window: Window, tongue: Tongue) -> str:
    """ "Every day 09:00-11:00"."""
    return f"{term(tongue, 'days', window.days)} {window.start:%H:%M}–{window.end:%H:%M}"
