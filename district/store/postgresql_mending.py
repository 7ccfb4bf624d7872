"""Mending on PostgreSQL: the row is taken out and copied in again, since what is altered may belong into another partition."""

from collections.abc import Sequence

from district.scope import Lane
from district.store.mending import Found, Mending
from district.store.port import AT, COMMUNITY, DEVICE, EPOCH, ID, SEQ, Payload, Row
from district.store.postgresql_commit import ALL_LANES, FACT, FROM, Transaction, row_of

# Looked for by its number, and where that leads nowhere by where the index of ids says that it is.
_BY_NUMBER = f"SELECT {FACT} {FROM} WHERE facts.device = ? AND epoch = ? AND seq = ?"
_AT_PLACE = (
    f"SELECT {FACT} {FROM} WHERE facts.community = ? AND facts.position = ? AND facts.at = ? AND facts.lane = ANY(?)"
)


ASTRAY = f"facts.position NOT BETWEEN 1 AND feeds.position OR lane NOT BETWEEN 0 AND {max(Lane):d}"
FIND_ASTRAY = f"SELECT replace(id::text, '-', '') FROM facts JOIN feeds USING (community) WHERE {ASTRAY} LIMIT 500"


class PostgresqlMending(Mending[Transaction]):
    def _look(self, fact: Row) -> Found | None:
        execute = self._tx.execute
        places = execute("SELECT community, position, at FROM fact_ids WHERE id = ?::uuid", (fact[ID],))
        rows = execute(_BY_NUMBER, (fact[DEVICE], fact[EPOCH], fact[SEQ])) or [
            row for place in places for row in execute(_AT_PLACE, (*place, ALL_LANES))
        ]
        if not rows:  # taken out: its id and its payload must not stand in the way of its return
            self._tx.take_out(fact[ID], places)
        if len(rows) != 1:
            return None
        position, *found = row_of(rows[0])[:-2]
        here = (found[COMMUNITY], position, found[AT])
        return Found(tuple(found), rows[0][-2:], [*places, here])

    def _found(self, ids: Sequence[str], astray: bool) -> list[Found]:
        """Their payloads, and all that is left at their former places, are where the index of ids says that they are."""
        rows = self._tx.execute(
            f"SELECT i.community, i.position, i.at, {FACT} FROM facts JOIN feeds USING (community) JOIN fact_ids i"
            " ON i.id = facts.id LEFT JOIN payloads p ON p.community = i.community AND p.position = i.position AND p.at = i.at"
            f" WHERE facts.id = ANY(?::uuid[]) AND ({ASTRAY if astray else 'TRUE'})",
            (list(ids),),
        )
        found = []
        for community, position, at, *row in rows:
            here, *fact = row_of(tuple(row[:-2]))
            places = [(community, position, at), (fact[COMMUNITY], here, fact[AT])]
            found.append(Found(tuple(fact), (row[-2], row[-1]), places))
        return found

    def _place(self, found: Found, fact: Row, payload: Payload) -> None:
        self._tx.take_out(fact[ID], found.place)
        self._tx.append_new(fact, payload)

    def _replace(self, found: Found, fact: Row, payload: Payload) -> None:
        (_, position, _) = found.place[-1]
        self._tx.take_out(fact[ID], found.place)
        self._tx.copy([fact], [position], [payload])
