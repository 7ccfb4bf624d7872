"""A call for help from a home becomes a fact, and opens an incident or joins the one that rings already."""

from district.intake.signals import ALARMS, Signal
from district.store.registry import Registry
from domain.events import derived_id, from_ms, to_ms
from domain.incident_kinds import OPENED, SEVERITY
from domain.incident_kinds import Kind as IncidentKind
from domain.incidents import EVIDENCE, Incident, fold, incident_id, join
from watch.ledger import Ledger

_RULE = "signal"


def record(ledger: Ledger, registry: Registry, community: str, signals: tuple[Signal, ...], now_ms: int) -> list[str]:
    """Keep what rings; the ids of the incidents it opened or joined. Signals of devices nobody registered are passed over."""
    rung = []
    for signal in signals:
        home = registry.home(community, signal.device)
        if home is not None and signal.kind in ALARMS and signal.live and signal.value is not False:
            rung.append(_ring(ledger, community, *home, signal, now_ms))
    return rung


def _ring(ledger: Ledger, community: str, elder: str, place: str, signal: Signal, now_ms: int) -> str:
    told = {"device": signal.device, "place": place, "source": signal.source}
    sign = ledger.add(
        f"sign.{signal.kind}", told, community, elder, now_ms, derived_id("signal", signal.key) if signal.key else None
    )
    kind, at = IncidentKind(signal.kind.value), from_ms(sign.at)
    joined = join(known_incidents(ledger, elder), elder, kind, at)
    if joined is not None:
        payload = {"incident": joined.incident.id, "by": "system", "sign": sign.id, "rings": joined.rings}
        ledger.add(EVIDENCE, payload, community, elder, sign.at, derived_id("evidence", joined.incident.id, sign.id))
        return joined.incident.id
    id = incident_id(elder, _RULE, str(to_ms(at)))
    payload = {
        "incident": id, "elder": elder, "kind": kind.value, "severity": int(SEVERITY[kind]), "rule": _RULE,
        "happened_at": at.isoformat(), "place": place, "sign": sign.id, "by": "system",
    }  # fmt: skip
    ledger.add(OPENED, payload, community, elder, sign.at, derived_id("opened", id))
    return id


def known_incidents(ledger: Ledger, elder: str) -> list[Incident]:
    """Every incident of one elder, folded from its facts."""
    facts: dict[str, list[object]] = {}
    for seen in ledger.about(elder):
        if seen.kind.startswith("incident.") and "incident" in seen.payload:
            facts.setdefault(str(seen.payload["incident"]), []).append(seen.event())
    return [found for events in facts.values() if (found := fold(events)) is not None]  # type: ignore[arg-type]
