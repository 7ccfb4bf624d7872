"""What a gate knows of cards, PINs and passes, in memory."""

from dataclasses import dataclass, field

from kiosk.credentials.port import CardHolder


@dataclass
class MemoryBooks:
    """A card, a PIN and a pass book: `cards` by digest, `flats` by their digits, `crew` (name, hash), `used` passes."""

    cards: dict[str, CardHolder] = field(default_factory=dict)
    flats: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    crew: list[tuple[str, str]] = field(default_factory=list)
    used: set[str] = field(default_factory=set)

    def holder(self, digest: str) -> CardHolder | None:
        return self.cards.get(digest)

    def residents(self, flat: str) -> list[tuple[str, str]]:
        return self.flats.get(flat, [])

    def staff(self) -> list[tuple[str, str]]:
        return self.crew

    def spent(self, pass_id: str) -> bool:
        return pass_id in self.used
