"""The devices in an elder's home, as their care plan speaks of them. No Qt."""

from collections import Counter

from caregiver.memory.reading import Reader
from caregiver.wording import Tongue, begin, term


def sensors(reader: Reader, person: str, tongue: Tongue) -> dict[str, str]:
    """By name, what each is and where; two of a kind in one room are told apart by their names."""
    found = reader.rows(
        "SELECT device, kind, place FROM elders_devices WHERE person = ? ORDER BY kind, place, device", (person,)
    )
    words = {device: _worded(tongue, kind or "", place or "") or device for device, kind, place in found}
    often = Counter(words.values())
    return {device: said if often[said] == 1 else f"{said} · {device}" for device, said in words.items()}


def _worded(tongue: Tongue, kind: str, place: str) -> str:
    parts = (
        term(tongue, "device", kind.replace(".", "_")) if kind else "",
        term(tongue, "place", place) if place else "",
    )
    return begin(" · ".join(part for part in parts if part))
