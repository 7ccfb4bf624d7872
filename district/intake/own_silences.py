"""What this server itself has told of a silence, as the facts have it.

What it keeps beside them may know less: it was put back from an older copy, or stopped between the telling and the keeping.
"""

from datetime import datetime

from domain.subjects import gateway_of
from watch.ledger import Ledger, Seen
from watch.signs import BLIND, GATEWAY_SILENT, SOURCE_FACTS, silent_spans, sources


def whose(fact: Seen) -> str:
    """The device or the gateway whose silence this fact begins or ends; "" where it is none."""
    if fact.kind == BLIND:
        return str(fact.payload.get("device", ""))
    return gateway_of(fact.subject) if fact.kind == GATEWAY_SILENT and fact.subject else ""


def lasting(ledger: Ledger, fact: Seen) -> datetime | None:
    """Since when the silence lasts by this server's own words; None where it does not."""
    subject, own = fact.subject or "", ledger.device
    if fact.kind == GATEWAY_SILENT:
        spans = silent_spans(f for f in ledger.about(subject, (GATEWAY_SILENT,)) if f.device == own)
    else:
        told = [f for f in ledger.about(subject, SOURCE_FACTS) if f.kind != BLIND or f.device == own]
        spans = next((source.gaps for source in sources(told) if source.id == whose(fact)), ())
    return next((start for start, end in spans if end is None), None)
