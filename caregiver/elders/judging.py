"""Asks the rules how an elder stands; the board's own addition (incidents on top) is in `standing`."""

from datetime import datetime, tzinfo
from typing import Any

from caregiver.elders.board import Judge
from caregiver.elders.standing import Standing, simple
from caregiver.reading import Reader


def judge_for(reader: Reader, zone: tzinfo | None) -> Judge:
    """The judge over what the replica holds."""

    def judge(person: str, plan: dict[str, Any] | None, last: datetime | None, blind: int, now: datetime) -> Standing:
        return simple(plan, last, blind, now)

    return judge
