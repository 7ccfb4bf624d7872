"""Reminders: an elder who has not been heard from is asked before the deadline, by message with a check-in link.

The watch says when (`reminder.due`); this queues the message with the rest of the courier's work. The kiosk greets from the
same fact.
"""

from datetime import datetime

from district.reaching.handovers import CHECK_IN, Handover, plain, queue
from domain.events import derived_id, moment, to_ms
from watch.ledger import Seen
from watch.rows import Sql

DUE = "reminder.due"


class Reminders:
    """`follow` is told every fact, `settle` makes durable what it gathered; both from the watch's thread."""

    def __init__(self, sql: Sql) -> None:
        self._sql = sql
        self._waiting: list[Handover] = []

    def follow(self, fact: Seen, now: datetime) -> None:
        if fact.kind != DUE or fact.subject is None:
            return
        due = moment(fact.payload.get("due"))
        if due is not None and due > now:  # a reminder after the deadline would be no more than a fright
            ref = derived_id("reminder", fact.id)
            span = (fact.at, to_ms(due))
            self._waiting.append(plain(ref, CHECK_IN, fact.community, fact.subject, fact.subject, 0, span, fact.at))

    def settle(self, _now: datetime) -> None:
        waiting, self._waiting = self._waiting, []
        if waiting:
            self._sql.write(lambda execute: queue(execute, waiting))
