"""Where somebody cannot be reached for good: a number that is none, a mailbox that was closed, a channel that is no more.

Known by the last refusal, until a message is taken there again; another address is another matter. Kept without the address.
"""

from collections.abc import Iterable

from district.reaching.channels import Outcome, Result
from domain.events import derived_id
from watch.rows import Sql

NO_CONSENT = "no_consent"  # the elder's word, and nothing that is wrong with an address
_TABLE = "CREATE TABLE IF NOT EXISTS reaching_dead_ends (id TEXT PRIMARY KEY, at BIGINT NOT NULL)"


class DeadEnds:
    """Any thread."""

    def __init__(self, sql: Sql) -> None:
        self._sql = sql
        sql.write(lambda execute: execute(_TABLE))
        self._known = {id for (id,) in sql.read("SELECT id FROM reaching_dead_ends")}

    def heed(self, person: str, channel: str, address: str, outcome: Outcome, at: int) -> None:
        """What came of a message; written down only where that is new. `at` in ms."""
        id = derived_id("dead end", person, channel, address)
        if outcome.result is Result.SENT and id in self._known:
            self._known.discard(id)
            self._sql.write(lambda execute: execute("DELETE FROM reaching_dead_ends WHERE id = ?", (id,)))
        elif outcome.result is Result.PERMANENT and outcome.detail != NO_CONSENT and id not in self._known:
            self._known.add(id)
            insert = "INSERT INTO reaching_dead_ends VALUES (?, ?) ON CONFLICT (id) DO NOTHING"
            self._sql.write(lambda execute: execute(insert, (id, at)))

    def leads_on(self, person: str, addresses: Iterable[tuple[str, str]]) -> bool:
        """Whether one of these (channel, address) is none."""
        return any(derived_id("dead end", person, *each) not in self._known for each in addresses)
