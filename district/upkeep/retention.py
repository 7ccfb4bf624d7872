"""Payloads that have served their time are nulled, a slice at a time; envelopes stay, and with them every chain."""

from dataclasses import dataclass

from district.config import Retention
from district.scope import Lane
from district.store.port import Store

DAY_MS = 86_400_000
SLICE = 5_000
EVERY_MINUTES = 60


@dataclass(frozen=True, slots=True)
class Term:
    """Facts of these lanes lose their payload after so many days. The roster and incidents have no term here."""

    lanes: tuple[Lane, ...]
    days: int


def terms(settings: Retention) -> tuple[Term, ...]:
    return (
        Term((Lane.PASSAGE, Lane.ELDER_PASSAGE), settings.passage_days),
        Term((Lane.CARE,), settings.sign_days),
        Term((Lane.OPERATIONS, Lane.CALL), settings.operations_days),
    )


def expire(store: Store, settings: Retention, now_ms: int) -> int:
    """Null what is due; how many payloads that was. Call again while it returns a full slice."""
    return sum(store.expire([int(lane) for lane in t.lanes], now_ms - t.days * DAY_MS, SLICE) for t in terms(settings))
