"""A passage as a fact: everything that decided it, and nothing that describes a person."""

from typing import Any

from domain.events import to_ms
from domain.identification import Decision
from kiosk.visit.effects import RecordPassage

PASSAGE = "passage.recorded"
WELL = "checkin.pressed"


def passage_payload(passage: RecordPassage, gate: str) -> dict[str, Any]:
    """The payload of `passage.recorded`. Scores and threshold are the engine's own units; times in ms."""
    payload: dict[str, Any] = {
        "ref": passage.ref,
        "gate": gate,
        "direction": passage.direction.value,
        "method": passage.method.value,
        "gate_did": passage.gate.value,
        "ruling": passage.ruling.value if passage.ruling else None,
        "refused": passage.refused,
        "credential": passage.credential,
        "once": passage.once,
        "by": passage.by,
    }
    return payload | (_decision(passage.decision) if passage.decision else {"outcome": None, "reason": None})


def _decision(decision: Decision) -> dict[str, Any]:
    quality = decision.quality
    return {
        "outcome": decision.outcome.value,
        "reason": decision.reason.value,
        "scores": [round(c.score, 4) for c in decision.candidates],
        "threshold": round(decision.threshold, 4),
        "frames": decision.frames_used,
        "quality": {} if quality is None else {name: round(getattr(quality, name), 3) for name in quality.__slots__},
        "liveness": decision.liveness.value,
        "engine": decision.engine,
        "ms": round(decision.ms, 1),
        "decided_at": to_ms(decision.decided_at),
        "first_face_at": to_ms(decision.first_face_at) if decision.first_face_at else None,
    }


def passage_subject(passage: RecordPassage) -> str | None:
    """Whom the fact is about: only somebody the gate was opened for. A near miss accuses and describes nobody."""
    return passage.person_id if passage.ruling is not None else None
