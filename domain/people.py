"""Who somebody is to the system. Names and rooms are sealed under the person's own key; facts carry the id alone."""

import re
import secrets
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Role(StrEnum):
    """What a person who signs in may be, always for named communities."""

    CAREGIVER = "caregiver"
    FAMILY = "family"
    GATE_STAFF = "gate_staff"
    SUPERVISOR = "supervisor"
    ADMINISTRATOR = "administrator"


PHONE = re.compile(r"\+?[\d ()-]{5,20}")  # what can be called


def new_person_id() -> str:
    """A pseudonym of 128 random bits that tells nothing of its bearer."""
    return "p" + secrets.token_hex(16)


ELDER_AT = 65  # years


@dataclass(frozen=True, slots=True)
class Profile:
    """What describes a resident. It exists in memory and sealed, never in an envelope."""

    family_name: str
    given_name: str
    title_zh: str = ""  # 奶奶, 先生 …
    title_en: str = ""  # Mrs, Mr …
    born: str = ""  # ISO date; empty where unknown
    flat: str = ""  # building-unit-room
    lives_alone: bool = False
    language: str = "zh"
    phone: str = ""

    @property
    def full_name(self) -> str:
        cjk = any("\u3400" <= c <= "\u9fff" or c >= "\U00020000" for c in self.family_name)  # rare surnames lie beyond
        return self.family_name + self.given_name if cjk else f"{self.given_name} {self.family_name}".strip()

    def age(self, today: date) -> int | None:
        """Whole years; None where the day of birth is not on file, or is no day."""
        try:
            born = date.fromisoformat(self.born)
        except ValueError:
            return None
        return today.year - born.year - ((today.month, today.day) < (born.month, born.day))

    def is_elder(self, today: date) -> bool:
        """Who is given more time and larger words: whoever lives alone, or is old enough for a senior's card nearly everywhere."""
        return self.lives_alone or (self.age(today) or 0) >= ELDER_AT

    def greeting(self, language: str) -> str:
        """Family name and title, never the full name: what a screen at the gate may show."""
        if language == "zh":
            return f"{self.family_name}{self.title_zh}"
        return f"{self.title_en} {self.family_name}".strip()
