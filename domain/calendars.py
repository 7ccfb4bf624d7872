"""The days a country keeps: what a care plan's windows ask of a date."""

from collections.abc import Container
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Calendar:
    """`in` asks for public holidays alone, as rotas and routines do; festivals are kept, and worked on unless they are both."""

    public: Container[date] = frozenset()
    festivals: Container[date] = frozenset()

    def __contains__(self, day: object) -> bool:
        return day in self.public


ORDINARY = Calendar()  # no day is kept
