"""Care plans as they travel in ``careplan.set``, and the plans of everybody as a fold over facts.

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
from domain.consent import GIVEN, WITHDRAWN, Purpose
from domain.events import derived_id, from_ms, to_ms
from domain.incident_kinds import OF_EQUIPMENT, TECHNICAL, Kind, Level, Severity
from domain.ladder_steps import Ladder, default_ladder, everyone_at
from domain.routine import Routine
from domain.signals import CLEARING, Sign
from domain.silences import Learned
from domain.subjects import is_stray
from domain.windows import still_awaited
from offline.roster import ERASED
from watch.consents import Consents
from watch.learning import Learner
from watch.ledger import Ledger, Seen, said_before

PROPOSED = (
    "careplan.proposed"  # by a desk: the plan, and `base`, the id of the `careplan.set` it was made from ('': of none)
)
SET = "careplan.set"  # by the district alone: a proposal that was taken; `proposal` names it
REFUSED = "careplan.refused"  # by the district: `proposal`, `because`, and which plan stands (`standing`, `revision`)
LADDER_SET = (
    "config.ladder_set"  # payload: name, and the ladder in `Ladder.plain`'s form; severity where it is for one only
)
MINUTE = timedelta(minutes=1)
SUPERSEDED = "superseded"  # because: somebody else's change was taken first
NOT_THEIRS = "out_of_scope"  # because: who proposed it may not change plans there
T = TypeVar("T")


def answer_id(proposal: str) -> str:
    """The id of the district's answer to a proposal: of the plan itself, where it is taken."""
    return derived_id(proposal, "careplan.answer")


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
            new = _or(partial(_window, raw), None)
            awaited = old and new and still_awaited((stood, old), (stands, new), from_ms(now), calendar)
            agreed = {"since": now, "first": to_ms(awaited) if awaited else None}
        windows.append({**told, "since": agreed["since"], **({"first": agreed["first"]} if agreed["first"] else {})})
    return {"since": before.get("since"), **plan, "windows": windows}


def _hours(raw: Mapping[str, Any]) -> object:
    """What makes a window another one; None where it cannot be read."""

    def read() -> tuple[object, ...]:
        window = _window(raw)
        return window.id, window.start, window.end, window.days

    return _or(read, None)


def _mappings(raw: object) -> list[Mapping[str, Any]]:
    return [item for item in raw if isinstance(item, Mapping)] if isinstance(raw, list | tuple) else []


def plan_of(elder: str, payload: Mapping[str, Any] | None) -> CarePlan:
    """The plan of a payload; what it leaves out stands as the rules have it."""
    data = payload or {}
    plan = CarePlan(elder)
    return replace(
        plan,
        revision=_or(lambda: int(data["revision"]), plan.revision),
        since=_or(lambda: from_ms(int(data["since"])), None),
        zone=_or(lambda: ZoneInfo(str(data["zone"])).key, plan.zone),
        windows=_each(data.get("windows"), _window),
        counted=_signs(data.get("counted")) or CLEARING,
        quiet=_or(lambda: QuietHours(time.fromisoformat(data["quiet"][0]), time.fromisoformat(data["quiet"][1])), None),
        away=_each(data.get("away"), _away),
        return_watch=_or(lambda: float(data["return_watch_min"]) * MINUTE, plan.return_watch),
        backstops=BACKSTOPS if data.get("backstops") is None else _each(data["backstops"], _backstop),
        false_alarms_per_day=_or(lambda: float(data["false_alarms_per_day"]), plan.false_alarms_per_day),
        blind_after=_or(lambda: float(data["blind_after_min"]) * MINUTE, plan.blind_after),
        paused=frozenset(map(str, data.get("paused") or ())),
        consents=frozenset(p for p in Purpose if p.value in (data.get("consents") or ())),
        contacts=_each(data.get("contacts"), _contact),
        ladder=data["ladder"] if isinstance(data.get("ladder"), str) else "",  # else it is drawn in the plan itself
        language=str(data.get("messages_in") or ""),  # `language` was no choice: desks wrote "zh" into every plan
    )


def _or(read: Callable[[], T], default: T) -> T:
    try:
        return read()
    except (KeyError, ValueError, TypeError, IndexError, OverflowError, OSError):
        return default


def _each(raw: object, read: Callable[[Mapping[str, Any]], T]) -> tuple[T, ...]:
    items: Iterable[Any] = raw if isinstance(raw, list | tuple) else ()
    found: list[T | None] = [_or(partial(read, item), None) for item in items]
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
        _or(lambda: from_ms(int(raw["since"])), None),
        _or(lambda: from_ms(int(raw["first"])), None),
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


class FactPlans:
    """Everybody's plan, consents and ladder as the facts so far have it; fed by the watch in the order of the ledger.

    The district decides which plan stands (`district.watching.plan_changes`); a later revision wins, the first of its number stays.
    Consents come from the ledger of consents and not from the plan's own list.
    """

    def __init__(self, learner: Learner | None = None) -> None:
        self._plans: dict[str, Mapping[str, Any]] = {}
        self._where: dict[str, str] = {}
        self._ids: dict[str, str] = {}
        self._rests: dict[
            str, dict[str, tuple[int, int | None]]
        ] = {}  # of each paused device, from when until when (ms)
        self._consents = Consents()
        self._ladders: dict[tuple[str, str, Severity | None], Ladder] = {}  # by community, name and severity
        self._drawn: dict[tuple[str, str, Severity | None], Seen] = {}
        self._learner = learner

    def recall(self, ledger: Ledger) -> None:
        """Take in what was agreed before this program started."""
        for fact in ledger.told((SET, GIVEN, WITHDRAWN, LADDER_SET, ERASED)):
            self.heed(fact)
        self._forget_the_gone()

    def heed(self, fact: Seen) -> None:
        elder, data = fact.subject, fact.payload
        if fact.kind == SET and elder is not None and data:  # else the elder is erased
            before = self._plans.get(elder, {})
            if not before or _revision(data) > _revision(before):
                self._plans[elder], self._where[elder], self._ids[elder] = data, fact.community, fact.id
                self._rest(elder, min(fact.at, fact.received))
        elif fact.kind in (GIVEN, WITHDRAWN) and elder is not None:
            self._consents.heed(fact)
        elif fact.kind == ERASED and elder is not None and self._where.get(elder) == fact.community:
            for known in (self._plans, self._where, self._ids, self._rests):
                known.pop(elder, None)
            self._consents.forget(elder)
            self._forget_the_gone()
        elif fact.kind == LADDER_SET:
            which = (fact.community, str(data.get("name", "")), _or(lambda: Severity(data["severity"]), None))
            if not said_before(fact, self._drawn.get(which)):
                self._ladders[which], self._drawn[which] = Ladder.of(data), fact

    def elders(self) -> list[tuple[str, str]]:
        """Everybody with a plan, and the community it is kept in."""
        return sorted(self._where.items())

    def community(self, elder: str) -> str | None:
        """Where the plan of an elder is kept; None without one."""
        return self._where.get(elder)

    def standing(self, elder: str) -> tuple[str, int]:
        """Which plan is in force: the id of its fact and its revision; ('', 0) where there is none."""
        found = self._plans.get(elder)
        return ("", 0) if found is None else (self._ids[elder], _revision(found))

    def payload(self, elder: str) -> Mapping[str, Any] | None:
        """The plan in force as it was written."""
        return self._plans.get(elder)

    def plan(self, elder: str) -> CarePlan | None:
        found = self._plans.get(elder)
        if found is None:
            return None
        rests = [(device, a, b) for device, (a, b) in self._rests.get(elder, {}).items() if b is not None]
        if (lapse := self._consents.lapse(elder, Purpose.HOME_MONITORING)) is not None:
            rests.append(("", *lapse))
        spans = [_or(partial(_rest, *rest), None) for rest in rests]
        return replace(plan_of(elder, found), consents=self._consents.of(elder), rests=tuple(filter(None, spans)))

    def _rest(self, elder: str, now: int) -> None:
        """Note which devices are paused from `now` on, and which are listened to again."""
        rests, paused = self._rests.setdefault(elder, {}), self.paused(elder)
        for device in paused:
            if device not in rests or rests[device][1] is not None:
                rests[device] = now, None
        for device, (begun, end) in list(rests.items()):
            if end is None and device not in paused:
                rests[device] = begun, now

    def paused(self, elder: str) -> frozenset[str]:
        """The devices that the elder does not want to be heard by now. Any thread."""
        return frozenset(map(str, self._plans.get(elder, {}).get("paused") or ()))

    def ladder(self, elder: str, kind: Kind, severity: Severity, community: str) -> Ladder:
        """The plan's own ladder, that of its name, or the default with the plan's caregiver and contacts first.

        Named, and a community's own, are those of the community that keeps the plan; without one, of the alarm's `community`.
        """
        data = self._plans.get(elder, {})
        name = data.get("ladder") or ""
        if isinstance(name, Mapping):
            return Ladder.of(name)
        where = self._where.get(elder, community)
        for key in ((where, str(name), severity), (where, str(name), None)):
            if key in self._ladders:
                return self._ladders[key]
        if kind in OF_EQUIPMENT or is_stray(elder):  # those of the community are asked first
            return default_ladder(severity, (everyone_at(Level.COMMUNITY),))
        home = () if kind in TECHNICAL else _home(data)
        return default_ladder(severity, home, bool(data.get("call_elder_first")) and kind not in TECHNICAL)

    def learned(self, elder: str, now: datetime) -> Learned | None:
        plan = self.plan(elder)
        if plan is None or self._learner is None:
            return None
        return self._learner(plan, now, self._where[elder])

    def learn_ahead(self, elder: str, now: datetime) -> bool:
        """Learn somebody's days before they are asked about; whether there was anything to learn."""
        plan = self.plan(elder)
        if plan is None or not plan.watches_home or self._learner is None:
            return False
        return self._learner.renew(plan, now, self._where[elder])

    def learned_at(self, elder: str) -> datetime | None:
        """When what is known of an elder's days was learned; None where nothing is."""
        return None if self._learner is None else self._learner.learned_at(elder)

    def routine(self, elder: str) -> Routine | None:
        """What was learned of somebody's days. Any thread."""
        return None if self._learner is None else self._learner.routine(elder)

    def fresh(self) -> list[tuple[str, str]]:
        """Of whom something else is known since this was last asked, and where: their days were learned beside the watch."""
        found = list(self._learner.fresh()) if self._learner is not None else []
        if not self._where.keys() >= set(found):  # erased while their days were learned
            self._forget_the_gone()
        return [(elder, self._where[elder]) for elder in found if elder in self._where]

    def _forget_the_gone(self) -> None:
        if self._learner is not None:
            self._learner.keep_only(self._plans)


def _rest(device: str, begun: int, end: int) -> tuple[str, datetime, datetime]:
    return device, from_ms(begun), from_ms(end)


def _revision(data: Mapping[str, Any]) -> int:
    return _or(lambda: int(data["revision"]), 1)


def _home(data: Mapping[str, Any]) -> tuple[str, ...]:
    caregiver = data.get("caregiver")
    contacts = [c.person_id for c in _each(data.get("contacts"), _contact)]
    return tuple(dict.fromkeys([*([str(caregiver)] if caregiver else []), *contacts]))
