"""Residents who agreed to it are known at the community's other gates: this gate lends their templates and holds what it is lent.

A lease runs for 72 h and is renewed while the consent holds and both gates are on the line; a gate that hears nothing lets go. What
is held is told as a fact, which is how the lender knows, and the person can.
"""

import logging
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

import numpy as np
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from domain.consent import WITHDRAWN, Purpose
from domain.errors import Mendable
from kiosk.residents.borrowed import Borrowed
from kiosk.residents.templates import TemplateStore
from offline.journal.journal import Journal
from offline.journal.projections import StoredFact
from offline.keys.identity import Identity
from offline.letters.gate_card import GATE_DESCRIBED, GATE_REMOVED, GateCard, read_card
from offline.letters.lent import DROPPED, HELD, LEASE_MS, Lent, LentRefused, open_lent, origin_of, seal_lent
from offline.roster import ERASED, Roster
from offline.transport.errors import Rejected, TryAgain, Untrusted

log = logging.getLogger(__name__)

RENEW_MS = LEASE_MS // 3  # a lease is renewed once a day: two may be missed
AGAIN_MS = 30 * 60 * 1000  # what was sent is sent again where nothing was heard of it


class LendingLine(Protocol):
    """Raises TryAgain, Rejected or Untrusted."""

    def lend(self, gate: str, sealed: bytes) -> None: ...


def both(roster: Roster) -> dict[str, frozenset[str]]:
    """Who agreed to be known by face at every gate of their community, as `Roster.agreeing`."""
    return roster.agreeing(Purpose.FACE_AT_GATE, Purpose.FACE_AT_OTHER_GATES)


class Lending:
    """`engine` is (name, version) of the one in use; `changed` is told after what is held here has changed, `rests`
    whether any of it may have run out, by a clock that nobody vouches for.

    `offer` and `expire` are called again and again by a scheduler; letters are opened on a thread of its own.
    """

    def __init__(
        self,
        journal: Journal,
        roster: Roster,
        templates: TemplateStore,
        borrowed: Borrowed,
        identity: Identity,
        engine: tuple[str, str],
        line: Callable[[], LendingLine],
        changed: Callable[[], None],
        rests: Callable[[bool], None] = lambda _: None,
    ) -> None:
        self._journal, self._roster, self._templates, self._borrowed = journal, roster, templates, borrowed
        self._identity, self._engine, self._new_line, self._changed = identity, engine, line, changed
        self._rests, self._resting = rests, frozenset[str]()
        self._line: LendingLine | None = None
        self._sent: dict[tuple[str, str], int] = {}  # (person, gate) -> when, ms
        self._letters: deque[bytes] = deque()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="lending")
        borrowed.fill_in(both(roster))
        self._stop = journal.on_change(self._heard_facts)

    def start(self) -> None:
        """Let go of what should have gone while this program was down, and say what is not here any more."""
        self._soon(self.expire)
        self._soon(self.own_up)

    def close(self) -> None:
        self._stop()
        self._thread.shutdown(wait=True)

    # ------------------------------------------------------------ lending

    def offer(self) -> int:
        """Send the templates of those who agreed to every gate that does not hold them for another two days; how many went."""
        me, now, went = self._journal.device, self._borrowed.now_ms(), 0
        gates = {id: card for id, card in self._gates().items() if id != me and card.engine == " ".join(self._engine)}
        agreed = both(
            self._roster
        )  # before the templates: one that went meanwhile is not lent as if it had been asked for since
        people = self._templates.gallery(*self._engine, agreed) if gates and me else []
        held = self._held(now) if people else {}
        for gate, card in gates.items():
            for person, rows in people:
                enough = held.get((person, gate), 0) >= now + LEASE_MS - RENEW_MS
                if enough or now - self._sent.get((person, gate), -AGAIN_MS) < AGAIN_MS:
                    continue
                lent = Lent(
                    person,
                    *self._engine,
                    rows.shape[1],
                    rows.astype("<f4").tobytes(),
                    now + LEASE_MS,
                    sorted(agreed[person]),
                )
                sealed = seal_lent(lent, me, gate, self._identity.sign, card.box_key)
                try:
                    self._line = self._line or self._new_line()
                    self._line.lend(gate, sealed)
                except (Rejected, TryAgain, Untrusted, Mendable) as e:
                    log.info("not lent to %s: %s", gate, e)
                    self._line = None if not isinstance(e, Rejected) else self._line
                    break  # that gate is not there; the next round tries again
                self._sent[person, gate] = now
                went += 1
        return went

    def _held(self, now: int) -> dict[tuple[str, str], int]:
        """Until when each gate holds each template, as the gates have said."""
        told = [fact for kind in (HELD, DROPPED) for fact in self._journal.facts(kind, since=now - LEASE_MS)]
        found: dict[tuple[str, str], int] = {}
        for fact in sorted(told, key=lambda f: f.envelope.hlc):
            until = (fact.payload or {}).get("until", 0)
            found[str(fact.envelope.subject), fact.envelope.device] = until if isinstance(until, int) else 0
        return found

    def _gates(self) -> dict[str, GateCard]:
        """The gates in service as they last described themselves."""
        found: dict[str, GateCard] = {}
        for fact in self._journal.facts(GATE_DESCRIBED):
            if (card := read_card(fact.envelope.device, fact.payload or {})) is not None:
                found[fact.envelope.device] = card
        for fact in self._journal.facts(GATE_REMOVED):
            found.pop(str((fact.payload or {}).get("device")), None)
        return found

    # ------------------------------------------------------------ holding

    def heard(self, sent: bytes) -> None:
        """A template came on the stream; returns at once."""
        self._letters.append(sent)
        self._soon(self._open_all)

    def expire(self) -> int:
        """Let go of what has run out or was withdrawn; how many there were."""
        gone = self._borrowed.keep_only(both(self._roster))
        before, self._resting = self._resting, self._borrowed.resting()
        if gone or before != self._resting:
            self._changed()
            self._rests(bool(self._resting))
        if gone:
            self._journal.append_all([(DROPPED, {"why": why}, person, None, None) for person, why in gone])
        return len(gone)

    def time_told(self) -> None:
        """The district has answered: what rests for want of the time is looked at again, at once."""
        if self._resting:
            self._soon(self.expire)

    def own_up(self) -> int:
        """Say what this gate has said it holds and does not: its file was lost, and only so will it be lent again; how many."""
        me, now = self._journal.device, self._borrowed.now_ms()
        said = [person for (person, gate), until in self._held(now).items() if gate == me and until > now]
        lost = [person for person in said if not self._borrowed.until(person)]
        if lost:
            self._journal.append_all([(DROPPED, {"why": "lost"}, person, None, None) for person in lost])
        return len(lost)

    def _open_all(self) -> None:
        taken = 0
        while self._letters:
            try:
                taken += self._take(self._letters.popleft())
            except LentRefused as e:
                log.warning("a lent template was refused: %s", e)
        if taken:
            self._changed()

    def _take(self, sent: bytes) -> bool:
        origin, sealed = origin_of(sent)
        card = self._gates().get(origin)
        if card is None:
            raise LentRefused("from no gate of this community")
        key = Ed25519PublicKey.from_public_bytes(card.sign_key)
        now, me = self._borrowed.now_ms(), self._journal.device
        lent = open_lent(sealed, origin, me, self._identity.box, key, now)
        agreed = both(self._roster).get(lent.person)
        if agreed is None:
            raise LentRefused("without the person's consent")
        knew = agreed if lent.knew is None else frozenset(lent.knew)
        if not agreed <= knew:
            raise LentRefused("lent before a withdrawal")
        if (lent.engine, lent.version) != self._engine:
            raise LentRefused("of another engine")
        before = self._borrowed.until(lent.person)
        if before >= lent.until:
            return False
        rows = np.frombuffer(lent.rows, "<f4").reshape(-1, lent.dim)
        if not self._borrowed.save(lent.person, self._engine, rows, origin, lent.until, knew):
            raise LentRefused("the person's key is not here yet")
        self._journal.append(HELD, {"from": origin, "until": lent.until}, subject=lent.person)
        return True

    def _heard_facts(self, facts: list[StoredFact]) -> None:
        """A withdrawal: the matcher has let go by its own question; what lies here follows at once."""
        if any(fact.envelope.kind in (WITHDRAWN, ERASED) for fact in facts):
            self._soon(self.expire)

    def _soon(self, work: Callable[[], object]) -> None:
        self._thread.submit(self._logged, work)

    @staticmethod
    def _logged(work: Callable[[], object]) -> None:
        try:
            work()
        except Exception:  # a full disk: the next minute tries again
            log.exception("lending")
