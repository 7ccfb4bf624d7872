"""What desks order of this gate about cards, PINs and passes: done here, and said to be done."""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from domain.errors import Mendable
from kiosk.credentials.desk import card_digest
from kiosk.credentials.pins import Pins
from offline.journal.journal import Journal
from offline.journal.projections import StoredFact
from offline.keys.seal import SealBroken
from offline.letters.access_orders import (
    APPLIED,
    CARD_ISSUED,
    CARD_ORDERED,
    ORDERS,
    PIN_ORDERED,
    PIN_SET,
    open_at_gate,
)

log = logging.getLogger(__name__)
_WAITING = (
    "SELECT o.id FROM credentials_orders o JOIN facts f ON f.id = o.id WHERE f.device <> ? AND NOT EXISTS"
    " (SELECT 1 FROM credentials_applied a WHERE a.id = o.id AND a.device = ?) ORDER BY f.hlc"
)
_NEWER_PIN = "SELECT 1 FROM credentials_pins WHERE person = ? AND device IN (?, '', '*') AND hlc > ? LIMIT 1"


class AccessOrders:
    """Works through what waits, in the order of the facts, on a thread of its own; `recorded` is told after each.

    What ends a card, a PIN or a pass has its effect by being folded; only the receipt is made here. The receipt and what was
    done are one write: an order that a power cut falls into is done again, never half.
    """

    def __init__(
        self, journal: Journal, box: X25519PrivateKey, pins: Pins, card_key: bytes, recorded: Callable[[], None]
    ) -> None:
        self._journal, self._box, self._pins, self._card_key = journal, box, pins, card_key
        self._recorded = recorded
        self._working = threading.Lock()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="access-orders")
        self._stop = journal.on_change(self._heard)

    def start(self) -> None:
        """Do what came while this program was down."""
        self._thread.submit(self._logged)

    def close(self) -> None:
        self._stop()
        self._thread.shutdown(wait=True)

    def work(self) -> int:
        """Do what waits; how many orders that was. Each is answered once, whoever asks and how often."""
        device = self._journal.device
        if not device:
            return 0
        with self._working:
            waiting = [row["id"] for row in self._journal.query(_WAITING, (device, device))]
            for id in waiting:
                if (order := self._journal.find(id)) is not None:
                    self._journal.append_all(self._done(order, device))
        if waiting:
            self._recorded()
        return len(waiting)

    def _done(
        self, order: StoredFact, device: str
    ) -> list[tuple[str, dict[str, Any], str | None, int | None, str | None]]:
        """The facts that answer one order; a refusal is a code."""
        made: list[tuple[str, dict[str, Any]]] = []
        refused = ""
        try:
            made = self._made(order, device)
        except Mendable as e:
            refused = e.code
        except SealBroken:
            refused = "seal_broken"
        if refused:
            log.warning("order %s not done: %s", order.envelope.id, refused)
        receipt = {"order": order.envelope.id, "refused": refused}
        return [(kind, told, order.envelope.subject, None, None) for kind, told in (*made, (APPLIED, receipt))]

    def _made(self, order: StoredFact, device: str) -> list[tuple[str, dict[str, Any]]]:
        e, p = order.envelope, order.payload
        if e.kind not in (CARD_ORDERED, PIN_ORDERED):
            return []
        if p is None or e.subject is None:
            raise Mendable("order_gone")
        id = str(p.get("card" if e.kind == CARD_ORDERED else "pin"))
        secret = open_at_gate(self._box, device, e.kind, id, e.subject, p.get("sealed"))
        if secret is None:
            raise Mendable("order_not_for_here")
        if e.kind == PIN_ORDERED:
            if self._journal.query(_NEWER_PIN, (e.subject, device, e.hlc)):
                raise Mendable("order_overtaken")
            # it counts from when it was ordered: what was cleared after that stays cleared, however late this gate hears of it
            return [(PIN_SET, {"hash": self._pins.hash(secret), "pin": id, "ordered": e.hlc})]
        last = {"last_day": p["last_day"]} if p.get("last_day") else {}
        return [(CARD_ISSUED, {"digest": card_digest(secret, self._card_key), "card": id} | last)]

    def _heard(self, facts: list[StoredFact]) -> None:
        if any(fact.envelope.kind in ORDERS for fact in facts):
            self._thread.submit(self._logged)

    def _logged(self) -> None:
        try:
            self.work()
        except Mendable as e:  # a disk that is full: what waits is tried again at the next order and the next start
            log.error("orders wait: %s", e)
        except Exception:
            log.exception("orders wait")
