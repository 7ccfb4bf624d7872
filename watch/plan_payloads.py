"""Care plans as they travel in ``careplan.set``.

Times of day are "HH:MM", lengths minutes, moments ms since 1970. An unreadable part of a plan is left out, never the plan.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, time, timedelta
from functools import partial
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from domain.calendars import ORDINARY, Calendar
from domain.careplan import BACKSTOPS, Away, Backstop, CarePlan, Contact, Days, QuietHours, Window
from domain.consent import Purpose
from domain.events import from_ms, to_ms
from domain.signals import CLEARING, Sign
from domain.windows import still_awaited

MINUTE = timedelta(minutes=1)
T = TypeVar("T")


def begun(
    plan: Mapping[str, Any], before: Mapping[str, Any] | None, now: int, calendar: Calendar = ORDINARY
) -> dict[str, Any]:
    """A plan's payload with since when it counts, and each of its windows that was not in the one `before` it as it stands now: of
    a window agreed in the afternoon nobody was expected this morning. One whose hours are moved while it is awaited is awaited
    still (`domain.windows.still_awaited`): nobody's check is called off by a quarter of an hour more. `now` in ms."""
    if before is None:
        return {"since": now, **plan}
    known = {_hours(raw): raw for raw in _mappings(before.get("windows"))}
    stood, stands = plan_of("", before), plan_of("", plan)
    windows = []
    for raw in _mappings(plan.get("windows")):
        same, told = known.get(_hours(raw)), {k: v for k, v in raw.items() if k not in ("since", "first")}
        if same is not None:
            agreed = {"since": same.get("since"), "first": same.get("first")}
        else:
            old = next((w for w in stood.windows if w.id == str(raw.get("id"))), None)
            new = or_else(partial(_window, raw), None)
            awaited = old and new and still_awaited((stood, old), (stands, new), from_ms(now), calendar)
            agreed = {"since": now, "first": to_ms(awaited) if awaited else None}
        windows.append({**told, "since": agreed["since"], **({"first": agreed["first"]} if agreed["first"] else {})})
    return {"since": before.get("since"), **plan, "windows": windows}


def _hours(raw: Mapping[str, Any]) -> object:
    """What makes a window another one; None where it cannot be read."""

    def read() -> tuple[object, ...]:
        window = _window(raw)
        return window.id, window.start, window.end, window.days

    return or_else(read, None)


def _mappings(raw: object) -> list[Mapping[str, Any]]:
    return [item for item in raw if isinstance(item, Mapping)] if isinstance(raw, list | tuple) else []


def plan_of(elder: str, payload: Mapping[str, Any] | None) -> CarePlan:
    """The plan of a payload; what it leaves out stands as the rules have it."""
    data = payload or {}
    plan = CarePlan(elder)
    return replace(
        plan,
        revision=or_else(lambda: int(data["revision"]), plan.revision),
        since=or_else(lambda: from_ms(int(data["since"])), None),
        zone=or_else(lambda: ZoneInfo(str(data["zone"])).key, plan.zone),
        windows=_each(data.get("windows"), _window),
        counted=_signs(data.get("counted")) or CLEARING,
        quiet=or_else(
            lambda: QuietHours(time.fromisoformat(data["quiet"][0]), time.fromisoformat(data["quiet"][1])), None
        ),
        away=_each(data.get("away"), _away),
        return_watch=or_else(lambda: float(data["return_watch_min"]) * MINUTE, plan.return_watch),
        backstops=BACKSTOPS if data.get("backstops") is None else _each(data["backstops"], _backstop),
        false_alarms_per_day=or_else(lambda: float(data["false_alarms_per_day"]), plan.false_alarms_per_day),
        blind_after=or_else(lambda: float(data["blind_after_min"]) * MINUTE, plan.blind_after),
        paused=frozenset(map(str, data.get("paused") or ())),
        consents=frozenset(p for p in Purpose if p.value in (data.get("consents") or ())),
        contacts=_each(data.get("contacts"), _contact),
        ladder=data["ladder"] if isinstance(data.get("ladder"), str) else "",  # else it is drawn in the plan itself
        language=str(data.get("messages_in") or ""),  # `language` was no choice: desks wrote "zh" into every plan
    )


def or_else(read: Callable[[], T], default: T) -> T:
    """What `read` finds; `default` where it cannot be read."""
    try:
        return read()
    except (KeyError, ValueError, TypeError, IndexError, OverflowError, OSError):
        return default


def _each(raw: object, read: Callable[[Mapping[str, Any]], T]) -> tuple[T, ...]:
    items: Iterable[Any] = raw if isinstance(raw, list | tuple) else ()
    found: list[T | None] = [or_else(partial(read, item), None) for item in items]
    return tuple(item for item in found if item is not None)


def _window(raw: Mapping[str, Any]) -> Window:
    return Window(
        str(raw["id"]),
        time.fromisoformat(raw["start"]),
        time.fromisoformat(raw["end"]),
        Days(raw.get("days", "daily")),
        float(raw.get("grace_min", 30)) * MINUTE,
        _signs(raw.get("counted")),
        float(raw.get("remind_min", 30)) * MINUTE,
        or_else(lambda: from_ms(int(raw["since"])), None),
        or_else(lambda: from_ms(int(raw["first"])), None),
    )


def _away(raw: Mapping[str, Any]) -> Away:
    end = raw.get("end")
    return Away(from_ms(int(raw["start"])), None if end is None else from_ms(int(end)), str(raw.get("reason", "")))


def _backstop(raw: Mapping[str, Any]) -> Backstop:
    kinds = _signs(raw["kinds"]) or frozenset()
    return Backstop(
        str(raw["id"]), kinds, float(raw["after_min"]) * MINUTE, float(raw.get("amount", 0.0)), bool(raw.get("alone"))
    )


def _contact(raw: Mapping[str, Any]) -> Contact:
    return Contact(str(raw["person_id"]), str(raw.get("relation", "")), bool(raw.get("has_key")))


def _signs(names: object) -> frozenset[Sign] | None:
    return None if names is None else frozenset(s for s in Sign if isinstance(names, list | tuple) and s.value in names)


def rest_of(device: str, begun: int, end: int) -> tuple[str, datetime, datetime]:
    """When a device was not listened to, from ms; raises what `or_else` takes."""
    return device, from_ms(begun), from_ms(end)


def revision_of(data: Mapping[str, Any]) -> int:
    """Which revision a payload says it is."""
    return or_else(lambda: int(data["revision"]), 1)


def home_of(data: Mapping[str, Any]) -> tuple[str, ...]:
    """Who is asked first: the plan's caregiver and its contacts."""
    caregiver = data.get("caregiver")
    contacts = [c.person_id for c in _each(data.get("contacts"), _contact)]
    return tuple(dict.fromkeys([*([str(caregiver)] if caregiver else []), *contacts]))
