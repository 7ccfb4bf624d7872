"""The people a visit is about, as far as a screen may know them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from domain.consent import Purpose
from domain.passages import Group


@dataclass(frozen=True, slots=True)
class Guest:
    """What the screen may know of a resident: how to greet them (family name and title), never the full name or the flat."""

    person_id: str
    greeting: Mapping[str, str]  # by language
    group: Group = Group.RESIDENT
    elder: bool = False  # larger, slower, and asked whether they are well
    awaited_until: datetime | None = None  # they have not been heard from today, and are reminded until then


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A resident of the roster who may be enrolled here. `minor`: the guardian agrees; `enrolled`: has a template already.

    `holds` is what they have agreed to beside the face; `outdated`: to words that have changed since.
    """

    person_id: str
    greeting: Mapping[str, str]
    minor: bool = False
    enrolled: bool = False
    holds: frozenset[Purpose] = frozenset()
    outdated: bool = False
