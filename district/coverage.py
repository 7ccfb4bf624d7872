"""The proof that somebody can be reached at every level in every hour of the coming week, made anew every hour.

What it finds is a fact, so that desks show a hole days before it matters. A level for which nobody drew shifts is stood for by
everybody with the role, around the clock.
"""

from collections.abc import Sequence
from datetime import datetime

from district.rota import AccountRota
from domain.coverage import Hole, Shift, holes
from domain.events import derived_id, to_ms
from domain.incident_kinds import Level
from watch.ledger import Ledger

CHECKED = "notice.coverage_checked"


def coverage(rota: AccountRota, community: str, now: datetime) -> list[Hole]:
    """Every hole of the week from `now` in one community."""
    drawn = rota.rotas.of(community)
    shifts = [s for s in drawn.shifts if rota.serves(s.person, community)]
    for level in Level:
        if not drawn.draws(level):
            shifts += [Shift(person, level) for person in rota.with_role(level, community)]
    silent = {s.person for s in shifts if not rota.reachable(s.person)}
    return holes(shifts, now, zone=drawn.zone, unreachable=silent, absent=drawn.absent)


def check(ledger: Ledger, rota: AccountRota, communities: Sequence[str], now: datetime) -> int:
    """Say of each community how its week is covered, where that has changed today; how many holes there are."""
    count = 0
    for community in communities:
        found = coverage(rota, community, now)
        count += len(found)
        told = [{"level": int(h.level), "start": to_ms(h.start), "end": to_ms(h.end)} for h in found]
        hour = now.replace(minute=0, second=0, microsecond=0)
        id = derived_id(CHECKED, community, hour.isoformat())
        ledger.add(CHECKED, {"holes": told, "by": "system"}, community, None, to_ms(now), id)
    return count
