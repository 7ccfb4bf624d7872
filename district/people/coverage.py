"""The proof that somebody can be reached at every level in every hour of the coming week, made anew every hour.

What it finds is a fact, so that desks show a hole days before it matters. A level for which nobody drew shifts is stood for by
everybody with the role, around the clock.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from district.people.rota import AccountRota
from district.reaching.handovers import ROTA_HOLE, Handover, plain, queue
from domain.coverage import WEEK, Hole, Shift, holes
from domain.events import derived_id, to_ms
from domain.incident_kinds import Level
from watch.ledger import Ledger
from watch.rows import Sql

CHECKED = "notice.coverage_checked"
NEAR = timedelta(hours=48)  # time to find somebody


def coverage(rota: AccountRota, community: str, now: datetime) -> list[Hole]:
    """Every hole of the week from `now` in one community."""
    drawn = rota.rotas.of(community)
    shifts = [s for s in drawn.shifts if rota.serves(s.person, community)]
    for level in Level:
        if not drawn.draws(level):
            shifts += [Shift(person, level) for person in rota.with_role(level, community)]
    silent = {s.person for s in shifts if not rota.reachable(s.person)}
    return holes(shifts, now, zone=drawn.zone, unreachable=silent, absent=drawn.absent, holidays=drawn.holidays)


class Coverage:
    """Says how each community's week is covered, where that or the rota has changed, and tells those who can fill what is near."""

    def __init__(self, ledger: Ledger, sql: Sql, rota: AccountRota) -> None:
        self._ledger, self._sql, self._rota = ledger, sql, rota
        self._said: dict[str, object] = {}

    def check(self, communities: Sequence[str], now: datetime) -> int:
        """How many holes there are in all of these communities; for the hourly job."""
        return sum(self._community(community, now) for community in communities)

    def _community(self, community: str, now: datetime) -> int:
        found = coverage(self._rota, community, now)
        # The week moves on with the hour: where a hole ends is what tells it from another.
        ends = [(int(h.level), to_ms(h.end)) for h in found if h.end < now + WEEK] + [(int(h.level), 0) for h in found]
        drawn = self._rota.rotas.of(community)
        # of a new rota a desk knows nothing until it is told, were it the same again
        proved = (ends, drawn.shifts, drawn.absent)
        if self._said.get(community) != proved:
            told = [{"level": int(h.level), "start": to_ms(h.start), "end": to_ms(h.end)} for h in found]
            id = derived_id(CHECKED, community, str(to_ms(now)))
            self._ledger.add(CHECKED, {"holes": told, "by": "system"}, community, None, to_ms(now), id)
            self._said[community] = proved
        near = [h for h in found if h.start < now + NEAR]
        notices = [n for hole in near for n in self._notices(hole, community, to_ms(now))]
        if notices:
            self._sql.write(lambda execute: queue(execute, notices))
        return len(found)

    def _notices(self, hole: Hole, community: str, now: int) -> list[Handover]:
        """To those above, once a hole: they can send somebody. Nobody is above the last level but itself."""
        above = Level(min(hole.level + 1, Level.DISTRICT))
        people = self._rota.with_role(max(above, Level.STREET), community)
        span, level = (to_ms(hole.start), to_ms(hole.end)), int(hole.level)
        return [
            plain(
                derived_id(ROTA_HOLE, community, str(level), str(span[1]), p),
                ROTA_HOLE,
                community,
                "",
                p,
                level,
                span,
                now,
            )
            for p in people
        ]
