"""What holds of everybody's consent, as a fold over facts: in whatever order they come, a withdrawal wins over every consent that
was not given in the knowledge of it (`domain.consent`)."""

from domain.consent import GIVEN, WITHDRAWN, ConsentEvent, Purpose, ledger, outlives
from watch.ledger import Seen


def consent_event(fact: Seen) -> ConsentEvent | None:
    """The fact as a line of the ledger of consents; None where it is none, or says nothing that can be read."""
    if fact.kind not in (GIVEN, WITHDRAWN) or fact.subject is None or fact.payload.get("purpose") not in list(Purpose):
        return None
    given, after = fact.kind == GIVEN, fact.payload.get("after")
    return ConsentEvent(
        fact.subject, Purpose(fact.payload["purpose"]), given, str(fact.payload.get("version", "")),
        str(fact.payload.get("by", "")), fact.at, (fact.said, "", fact.position), fact.id,
        frozenset(map(str, after)) if given and isinstance(after, list) else None,
    )  # fmt: skip


class Consents:
    """Fed fact by fact; a fact that comes twice counts once."""

    def __init__(self) -> None:
        self._words: dict[str, dict[str, ConsentEvent]] = {}
        self._holding: dict[str, frozenset[Purpose]] = {}

    def heed(self, fact: Seen) -> None:
        word = consent_event(fact)
        if word is not None:
            words = self._words.setdefault(word.person_id, {})
            words[word.id] = word
            self._holding[word.person_id] = frozenset(purpose for _, purpose in ledger(words.values()))

    def forget(self, person: str) -> None:
        """Somebody who is erased agrees to nothing any more."""
        self._words.pop(person, None)
        self._holding.pop(person, None)

    def of(self, person: str) -> frozenset[Purpose]:
        """What somebody has agreed to now."""
        return self._holding.get(person, frozenset())

    def lapse(self, person: str, purpose: Purpose) -> tuple[int, int] | None:
        """From when until when (ms) somebody had not agreed, before the consent that holds now; from 0 where it is the first."""
        if purpose not in self.of(person):
            return None
        words = [w for w in self._words[person].values() if w.purpose is purpose]
        withdrawn = [w for w in words if not w.given]
        standing = [g.at for g in words if g.given and all(outlives(g, w) for w in withdrawn)]
        return max((w.at for w in withdrawn), default=0), min(standing)
