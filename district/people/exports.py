"""Taking logs or a person's record out of the district: one person asks, another allows it, and the first has an hour.

What stands is a fold over the audit's own lines, so that no export can be hidden from it and no table can disagree with it.
"""

import json
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any

from district.people.audit import Audit, Line
from district.people.two_people import settled
from district.scope import EVERYWHERE
from district.store.port import Execute, Sql, Store
from offline.wire import dump

DECIDE_MS = 72 * 3_600_000  # to find a second person
TAKE_MS = 3_600_000
SHOWN_MS = 30 * 86_400_000
_PAGE = 1_000


class What(StrEnum):
    AUDIT = "audit"  # who looked at whom and who changed what
    PERSON = "person"  # every fact about one person in one community


class Reason(StrEnum):
    """Codes and no free text: a name in a reason would stay in the audit for good."""

    SUBJECT = "subject_request"  # the person asked for their own record
    AUTHORITY = "authority"
    INCIDENT = "incident_review"
    INSPECTION = "inspection"


class ExportRefused(Exception):
    """`code`: `bad_request`, `not_found`, `out_of_scope`, `own_request` (it takes another person), `unsettled` (one of the two is
    new to it: `district.people.two_people`), `decided`, `not_allowed`, `expired`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Wanted:
    """`since` ≤ time < `until`, ms; `person` and `community` where it is about one person; `reference`: a file's number."""

    what: What
    reason: Reason
    reference: str = ""
    person: str = ""
    community: str = EVERYWHERE
    since: int = 0
    until: int = 2**53


@dataclass(frozen=True, slots=True)
class Export:
    id: str
    wanted: Wanted
    asked_by: str
    asked: int
    decided_by: str | None = None
    decided: int | None = None
    allowed: bool = False
    taken: int = 0  # times

    def shown(self, now: int) -> dict[str, object]:
        """With `state`: asked, allowed, refused, expired."""
        if self.decided is None:
            state = "asked" if now < self.asked + DECIDE_MS else "expired"
        elif not self.allowed:
            state = "refused"
        else:
            state = "allowed" if now < self.decided + TAKE_MS else "expired"
        return {
            "id": self.id, **asdict(self.wanted), "asked_by": self.asked_by, "asked": self.asked,
            "decided_by": self.decided_by, "decided": self.decided, "taken": self.taken, "state": state,
        }  # fmt: skip


class Exports:
    """Times ms; who may do it is asked before."""

    def __init__(self, sql: Sql, audit: Audit, store: Store) -> None:
        self._sql, self._audit, self._store = sql, audit, store

    def ask(self, wanted: Wanted, by: str, now: int) -> Export:
        id = "x" + secrets.token_hex(12)
        self._audit.note(now, by, "export.asked", id, **asdict(wanted))
        return Export(id, wanted, by, now)

    def known(self, now: int) -> list[Export]:
        """Those of the last 30 days, the newest first."""
        found: dict[str, Export] = {}
        for line in self._lines(now - SHOWN_MS):
            _fold(found, line)
        return sorted(found.values(), key=lambda e: e.asked, reverse=True)

    def find(self, id: str, now: int) -> Export:
        """Raises ExportRefused `not_found`."""
        for export in self.known(now):
            if export.id == id:
                return export
        raise ExportRefused("not_found")

    def decide(self, id: str, allow: bool, by: str, now: int) -> Export:
        """Raises ExportRefused."""
        export = self.find(id, now)
        if export.asked_by == by:
            raise ExportRefused("own_request")
        if now >= export.asked + DECIDE_MS:
            raise ExportRefused("expired")
        if allow and not settled(self._audit, export.asked_by, by, now):
            raise ExportRefused("unsettled")

        def work(execute: Execute) -> None:
            self._audit.lock(execute)  # of two who decide at once, the first has decided
            if execute(
                "SELECT 1 FROM audit WHERE about = ? AND action IN ('export.allowed', 'export.refused') LIMIT 1", (id,)
            ):
                raise ExportRefused("decided")
            self._audit.note_within(execute, now, by, "export.allowed" if allow else "export.refused", id)

        self._sql.write(work)
        return replace(export, decided_by=by, decided=now, allowed=allow)

    def take(self, id: str, by: str, now: int) -> Iterator[bytes]:
        """Lines of JSON: what it is, then the record. Each taking is a line of the audit. Raises ExportRefused at once."""
        export = self.find(id, now)
        if export.asked_by != by or not export.allowed or export.decided is None:
            raise ExportRefused("not_allowed")
        if now >= export.decided + TAKE_MS:
            raise ExportRefused("expired")
        self._audit.note(now, by, "export.taken", id)
        if export.wanted.person:
            self._audit.note(now, by, "record.exported", export.wanted.person, export=id)
        return self._written(replace(export, taken=export.taken + 1), now)

    def _written(self, export: Export, now: int) -> Iterator[bytes]:
        yield json.dumps(export.shown(now), ensure_ascii=False).encode() + b"\n"
        wanted = export.wanted
        if wanted.what is What.PERSON:
            for item in self._store.about(wanted.person, (), wanted.since):
                if item.event.community == wanted.community and item.event.at < wanted.until:
                    yield dump(item) + b"\n"
            return
        after = 0
        while page := self._audit.lines(after, _PAGE, since=wanted.since, until=wanted.until):
            for line in page:
                yield json.dumps(asdict(line), ensure_ascii=False).encode() + b"\n"
            after = page[-1].line

    def _lines(self, since: int) -> Iterator[Line]:
        after = 0
        while page := self._audit.lines(after, _PAGE, action="export.", since=since):
            yield from page
            after = page[-1].line


def _fold(found: dict[str, Export], line: Line) -> None:
    before = found.get(line.about)
    if line.action == "export.asked":
        found[line.about] = Export(line.about, wanted_of(json.loads(line.detail)), line.actor, line.at)
    elif before is not None and line.action in ("export.allowed", "export.refused"):
        allowed = line.action == "export.allowed"
        found[line.about] = replace(before, decided_by=line.actor, decided=line.at, allowed=allowed)
    elif before is not None and line.action == "export.taken":
        found[line.about] = replace(before, taken=before.taken + 1)


def wanted_of(told: Mapping[str, Any]) -> Wanted:
    """Raises ExportRefused `bad_request` for what nobody can mean: a person without a community, the audit of a person."""
    try:
        wanted = Wanted(**{**told, "what": What(told["what"]), "reason": Reason(told["reason"])})
    except (KeyError, TypeError, ValueError) as e:
        raise ExportRefused("bad_request") from e
    one = wanted.what is What.PERSON
    if one != bool(wanted.person) or one != (wanted.community != EVERYWHERE) or wanted.since >= wanted.until:
        raise ExportRefused("bad_request")
    return wanted


def as_rows(exports: Sequence[Export], now: int) -> list[dict[str, object]]:
    return [export.shown(now) for export in exports]
