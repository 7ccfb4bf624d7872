"""What recordings.csv says of each recording, however its lines are written."""

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from domain.errors import Mendable
from evaluate._recording import Unscored, delimiter
from evaluate._stamps import UNTOLD, rate_told, seconds
from evaluate._text import text_of

YES = frozenset({"1", "1.0", "1,0", "true", "t", "yes", "y", "x", "fall", "是"})
NO = frozenset({"", "0", "0.0", "0,0", "false", "f", "no", "n", "adl", "否"})


@dataclass(frozen=True, slots=True)
class Line:
    """One line: its file and what is told of it. `falls` are the moments as they stand, None where one is not told."""

    file: str
    group: str
    position: str
    hz: float | None
    falls: tuple[float | None, ...]


def rows_of(index: Path) -> list[dict[str, str]]:
    """The lines by their columns' names in small letters, without those that stand there twice. Raises Mendable."""
    text = "\n".join(line for line in text_of(index).splitlines() if line.strip() and not line.startswith("#"))
    table = csv.DictReader(text.splitlines(), delimiter=delimiter(text.partition("\n")[0]) or ",", restkey="")
    try:
        rows = [{k.strip().lower(): (v or "").strip() for k, v in row.items() if k} for row in table]
    except csv.Error as e:
        raise Mendable("recordings_unnamed", path=index, column="file") from e
    named = {name.strip().lower() for name in table.fieldnames or ()}
    for column in ("file", "fall"):
        if column not in named:
            raise Mendable("recordings_unnamed", path=index, column=column)
    return list({tuple(row.items()): row for row in rows if any(row.values())}.values())


def marks_falls_alone(rows: Sequence[Mapping[str, str]]) -> bool:
    """Whether an empty cell means "no fall" here: the falls are marked, and nothing says of anything else that it is none."""
    said = {row["fall"].lower() for row in rows}
    return bool(said & YES) and not said & (NO - {""})


def line_of(row: dict[str, str], empty_is_none: bool = False) -> Line:
    """`empty_is_none`: `marks_falls_alone`. Raises Unscored where what is said of the falls or the rate cannot be understood."""
    if not row["fall"] and not empty_is_none:
        raise Unscored("fall_untold")
    try:
        hz = rate_told(row.get("hz", ""))
    except ValueError:
        raise Unscored("hz", hz=row["hz"]) from None
    return Line(row["file"], row.get("group", ""), row.get("position", "") or "waist", hz, _falls(row))


def _falls(row: dict[str, str]) -> tuple[float | None, ...]:
    """The falls of a line; several moments stand beside one another as "12.5|80". Raises Unscored."""
    said, at = row["fall"].lower(), row.get("fall_at_s", "").lower()
    if said not in YES | NO:
        raise Unscored("fall", fall=row["fall"])
    whole = seconds(at)
    words = [at] if whole == whole else re.split(r"[;|/\s]+", at)
    moments = tuple(None if word in UNTOLD else seconds(word.replace(",", ".")) for word in words)
    if any(moment is not None and moment != moment for moment in moments):
        raise Unscored("fall_at_s", moment=at)
    moments = tuple(None if moment is not None and moment < 0 else moment for moment in moments)
    if said in NO and any(moments):
        raise Unscored("fall_or_not", moment=at)
    return moments if said in YES else ()
