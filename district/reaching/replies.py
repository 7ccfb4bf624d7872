"""Reply links: a one-time token bound to person, incident and expiry. Looking shows, only `act` does anything.

A link previewer, a virus scanner or a forwarded message may open the page; none of them presses the button. The token's hash
alone is kept. Whoever has taken an incident is led on to a new link, for the step that comes next.
"""

import hashlib
import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from domain.events import derived_id, to_ms
from domain.incident import OUTCOMES, Incident
from domain.incident_kinds import NOTICE_ACKNOWLEDGED, State
from domain.incident_table import FOLDED
from domain.incidents import fold
from domain.replying import KINDS, Step, asked
from watch.ledger import Ledger
from watch.rows import Execute, Sql

VALID = timedelta(hours=24)
KEEP = timedelta(days=30)  # an old link still says that it is over, and not that it never was
CHECK_IN = "checkin"  # stands in for an incident: the elder's own "I am well"
TABLE = """CREATE TABLE IF NOT EXISTS reply_links (
    hash TEXT PRIMARY KEY, person TEXT NOT NULL, incident TEXT NOT NULL, elder TEXT NOT NULL, community TEXT NOT NULL,
    ref TEXT NOT NULL, expires BIGINT NOT NULL, used BIGINT
)"""


class Shown(StrEnum):
    """What the page says; the words are ``incident.reply.*``."""

    ASK = "ask"
    THANKS = "thanks"
    USED = "used"
    EXPIRED = "expired"  # also for a token that was never issued: the page tells a guesser nothing
    REPORTED = "reported"  # somebody has said how it ended: it is looked at and closed at a desk
    OVER = "over"


@dataclass(frozen=True, slots=True)
class Page:
    """`incident` is None for a check-in link and where there is nothing to show. `steps` are what may be pressed, the nearest
    first; `onward` is the token of the page that asks for the next one, '' where nothing is asked any more."""

    shown: Shown
    incident: Incident | None = None
    person: str = ""
    check_in: bool = False
    steps: tuple[Step, ...] = ()
    onward: str = ""


@dataclass(frozen=True, slots=True)
class _Link:
    hash: str
    person: str
    incident: str
    elder: str
    community: str
    ref: str
    expires: int
    used: int | None


class Replies:
    """`base` is the district's public address, ending in "/"."""

    def __init__(self, ledger: Ledger, sql: Sql, base: str) -> None:
        self._ledger, self._sql, self._base = ledger, sql, base
        sql.write(lambda execute: execute(TABLE))

    def link(self, person: str, incident: str, elder: str, community: str, ref: str, now: datetime) -> str:
        """A new link for one message; '' where the district has no public address."""
        if not self._base:
            return ""
        return f"{self._base}r/{self._issue(person, incident, elder, community, ref, now)}"

    def _issue(self, person: str, incident: str, elder: str, community: str, ref: str, now: datetime) -> str:
        token = secrets.token_urlsafe(24)
        row = (_hash(token), person, incident, elder, community, ref, to_ms(now + VALID), None)
        self._sql.write(
            lambda execute: execute(
                "INSERT INTO reply_links (hash, person, incident, elder, community, ref, expires, used)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                row,
            )
        )
        return token

    def check_in_link(self, elder: str, community: str, ref: str, now: datetime) -> str:
        """The elder's own link by message."""
        return self.link(elder, CHECK_IN, elder, community, ref, now)

    def expire(self, now: int) -> None:
        """Forget links that have long ended; for the hourly job."""
        sql = "DELETE FROM reply_links WHERE expires < ?"
        self._sql.write(lambda execute: execute(sql, (now - KEEP // timedelta(milliseconds=1),)))

    def look(self, token: str, now: datetime) -> Page:
        """What a GET shows. Changes nothing, however often it is called."""
        link = self._find(token)
        if link is None or link.expires <= to_ms(now):
            return Page(Shown.EXPIRED)
        return self._page(link, Shown.USED if link.used is not None else Shown.ASK)

    def act(self, token: str, now: datetime, step: Step = Step.TAKE, outcome: str = "") -> Page:
        """What a POST does: the step of the button, as the person the link was sent to, once. A report needs its outcome.

        Where another step is asked for by now, nothing is done: the page that they saw is old.
        """
        page, link = self.look(token, now), self._find(token)
        if link is None or page.shown is not Shown.ASK:
            return page
        # The facts first, under ids of their own: a crash before the token is spent lets the person press again.
        at = to_ms(now)
        if link.incident == CHECK_IN:
            told = {"ref": link.ref, "by": link.person}
            self._ledger.add("sign.link", told, link.community, link.elder, at, derived_id(link.hash, "checkin"))
        elif page.incident is None or not self._take(link, page, page.incident.id, at, step, outcome):
            return page
        self._spend(link, at)
        return self._thanks(link, now)

    def _take(self, link: _Link, page: Page, incident: str, at: int, step: Step, outcome: str) -> bool:
        """Write the step down; False where it is not asked for."""
        kind, id = KINDS[step], derived_id(link.hash, KINDS[step])
        pressed_before = any(fact.id == id for fact in self._ledger.about(link.elder, (kind,)))
        if not pressed_before and (step not in page.steps or (step is Step.REPORT and outcome not in OUTCOMES)):
            return False
        told = {"incident": incident, "by": link.person, "ref": link.ref, "channel": "reply_link"}
        if step is Step.TAKE:
            heard = derived_id(link.hash, NOTICE_ACKNOWLEDGED)
            self._ledger.add(NOTICE_ACKNOWLEDGED, told, link.community, link.elder, at, heard)
        if step is Step.REPORT:
            told |= {"outcome": outcome}
        self._ledger.add(kind, told, link.community, link.elder, at, id)
        return True

    def _thanks(self, link: _Link, now: datetime) -> Page:
        page = self._page(link, Shown.THANKS)
        if not page.steps:
            return page
        onward = self._issue(link.person, link.incident, link.elder, link.community, link.ref, now)
        return replace(page, onward=onward)

    def _spend(self, link: _Link, at: int) -> None:
        def work(execute: Execute) -> None:
            execute("UPDATE reply_links SET used = coalesce(used, ?) WHERE hash = ?", (at, link.hash))

        self._sql.write(work)

    def _page(self, link: _Link, shown: Shown) -> Page:
        if link.incident == CHECK_IN:
            return Page(shown, None, link.person, check_in=True)
        incident = self._incident(link)
        if incident is None:
            return Page(Shown.EXPIRED)
        steps = asked(incident, link.person)
        if not steps and shown is Shown.ASK:
            shown = Shown.OVER if not incident.open else Shown.REPORTED
        return Page(shown, incident, link.person, steps=steps)

    def _incident(self, link: _Link) -> Incident | None:
        """What the link asks about; of an incident that was merged, the one that it is part of now, which still wants somebody."""
        facts = [f for f in self._ledger.about(link.elder, FOLDED) if f.community == link.community]
        known, id = dict[str, Incident](), link.incident
        while id not in known:
            found = fold(f.event() for f in facts if f.payload.get("incident") == id)
            if found is None:
                break
            known[id] = found
            id = found.merged_into if found.state is State.MERGED and found.merged_into else id
        return list(known.values())[-1] if known else None

    def _find(self, token: str) -> _Link | None:
        rows = self._sql.read(
            "SELECT hash, person, incident, elder, community, ref, expires, used FROM reply_links WHERE hash = ?",
            (_hash(token),),
        )
        return _Link(*rows[0]) if rows else None


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
