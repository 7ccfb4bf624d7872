"""The gates in service, as they last described themselves. No Qt."""

from collections.abc import Mapping

from caregiver.memory.reading import Reader
from offline.journal.projections import read_payload
from offline.letters.gate_card import GATE_DESCRIBED, GATE_REMOVED, GateCard, read_card

_TOLD = (
    "SELECT f.kind, f.device, p.body FROM facts f JOIN payloads p ON p.fact = f.rowid WHERE f.kind IN (?, ?)"
    " AND p.body IS NOT NULL ORDER BY f.hlc"
)


def gate_names(reader: Reader) -> dict[str, Mapping[str, str]]:
    """What people call each gate, by language, by the gate's own word for itself in facts."""
    return {card.gate: card.name for card in gates(reader).values()}


def gates(reader: Reader) -> dict[str, GateCard]:
    """By device."""
    found: dict[str, GateCard] = {}
    for kind, device, body in reader.rows(_TOLD, (GATE_DESCRIBED, GATE_REMOVED)):
        told = read_payload(body) or {}
        if kind == GATE_REMOVED:
            found.pop(str(told.get("device")), None)
        elif (card := read_card(device, told)) is not None:
            found[device] = card
    return found
