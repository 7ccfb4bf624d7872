"""Residents from a table (CSV or XLSX): read, checked row by row, shown, and only then taken over, all together. No Qt."""

import csv
import json
import re
import unicodedata
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from io import StringIO
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from caregiver.memory.people import Person
from domain.errors import Mendable
from domain.people import PHONE, Profile, new_person_id
from domain.tables import NO, YES, day_told, decoded, divided_by
from offline.journal.journal import Journal
from offline.keys.identity import b64
from offline.keys.keystore import Keystore
from offline.keys.seal import seal
from offline.roster import REGISTERED

MAX_ROWS = 50_000
EVERY = 100  # rows between two looks at whether somebody wants it to stop
HEADINGS = {
    "family_name": ("family_name", "family name", "surname", "姓"),
    "given_name": ("given_name", "given name", "名"),
    "name": ("name", "full name", "姓名"),
    "title": ("title", "称呼"),
    "born": ("born", "birthday", "date of birth", "出生日期", "生日"),
    "flat": ("flat", "room", "address", "门牌", "房号"),
    "phone": ("phone", "telephone", "mobile", "电话", "手机"),
    "lives_alone": ("lives_alone", "lives alone", "独居"),
}
DOUBLE = (
    "欧阳",
    "司马",
    "上官",
    "诸葛",
    "司徒",
    "夏侯",
    "皇甫",
    "尉迟",
    "公孙",
    "慕容",
    "长孙",
    "宇文",
    "东方",
    "令狐",
)
MOST_NAME = 64  # characters; what is longer is no name but a slip of columns
_NO_BOOK = (BadZipFile, zlib.error, SyntaxError, LookupError, TypeError, AttributeError, EOFError, RuntimeError)
_HAN = re.compile(r"[\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff·\s]+")
_PARTS_OF_FLAT = re.compile(r"号楼|栋|幢|座|单元|室|号")
_FLAT = re.compile(r"\w+(-\w+){1,3}")
_DAY = re.compile(r"\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?|\d{8}")


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the table. `problems` are keys below ``caregiver.import``; a row without any can be taken over."""

    number: int  # as the person counts, the heading being 1
    profile: Profile
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Preview:
    lines: tuple[Line, ...]

    @property
    def good(self) -> list[Line]:
        return [line for line in self.lines if not line.problems]

    @property
    def bad(self) -> list[Line]:
        return [line for line in self.lines if line.problems]


def preview(
    path: Path, people: Iterable[Person], today: date, told: Callable[[float], None] = lambda _: None
) -> Preview:
    """Read and check a table beside those `people` who are known; `told` hears how far it is, and may stop it by raising.

    Raises Mendable `table_unreadable`, `table_headings` or `table_too_long`.
    """
    rows = _rows(path)
    if not rows:
        raise Mendable("table_headings", path=path.name)
    columns = _columns(rows[0])
    if not ({"name"} <= columns.keys() or {"family_name", "given_name"} <= columns.keys()) or "flat" not in columns:
        raise Mendable("table_headings", path=path.name)
    if len(rows) > MAX_ROWS:
        raise Mendable("table_too_long", path=path.name, limit=MAX_ROWS)
    known = {(person.name, person.profile.flat) for person in people}
    lines: list[Line] = []
    for number, cells in enumerate(rows[1:], 2):
        if number % EVERY == 0:
            told(number / len(rows))
        if any(cell.strip() for cell in cells):
            line = _line(
                number, {name: _plain(cells[i]) if i < len(cells) else "" for name, i in columns.items()}, known, today
            )
            known.add((line.profile.full_name, line.profile.flat))
            lines.append(line)
    return Preview(tuple(lines))


def take_over(
    lines: Iterable[Line], journal: Journal, keys: Keystore, told: Callable[[float], None] = lambda _: None
) -> list[str]:
    """Register everybody of these lines in one transaction: all or none. Returns the new person ids in order.

    `told` hears how far it is and may stop it by raising, until the transaction begins.
    """
    people = {new_person_id(): line.profile for line in lines}
    made = keys.create_all(people)  # a key without a fact opens nothing and harms nobody
    facts: list[tuple[str, dict[str, Any], str | None, int | None, str | None]] = []
    for number, (person, profile) in enumerate(people.items()):
        if number % EVERY == 0:
            told(0.8 * number / len(people))
        plain = json.dumps(asdict(profile), ensure_ascii=False).encode()
        sealed = seal(made[person], plain, b"profile|" + person.encode())
        facts.append((REGISTERED, {"profile": b64(sealed), "revision": 1}, person, None, None))
    journal.append_all(facts)
    return list(people)


def _rows(path: Path) -> list[list[str]]:
    try:
        if path.suffix.lower() in (".xlsx", ".xlsm"):
            return _sheet(path)
        words = decoded(path.read_bytes())
        return list(csv.reader(StringIO(words), delimiter=divided_by(words)))
    except (OSError, ValueError, csv.Error, KeyError) as e:
        raise Mendable("table_unreadable", path=path.name) from e


def _sheet(path: Path) -> list[list[str]]:
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = load_workbook(path, read_only=True, data_only=True)
        try:
            return [[_cell(value) for value in row] for row in book.worksheets[0].iter_rows(values_only=True)]
        finally:
            book.close()
    except (InvalidFileException, *_NO_BOOK) as e:  # a damaged one breaks wherever it is read
        raise ValueError("not a workbook") from e


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _plain(cell: str) -> str:
    """Without the breaks and wide spaces that a cell is laid out with."""
    return " ".join(cell.split())


def _columns(heading: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for i, cell in enumerate(heading):
        word = cell.strip().lower()
        for name, spellings in HEADINGS.items():
            if word in spellings:
                found.setdefault(name, i)
    return found


def _line(number: int, cells: dict[str, str], known: set[tuple[str, str]], today: date) -> Line:
    profile, problems = read_profile(cells, today)
    if not problems and (profile.full_name, profile.flat) in known:
        problems.append("known")
    return Line(number, profile, tuple(problems))


def read_profile(cells: Mapping[str, str], today: date) -> tuple[Profile, list[str]]:
    """What somebody wrote down of a resident, under the keys of HEADINGS; and what is wrong with it: in ``caregiver.import``."""
    problems = []
    family, given = cells.get("family_name", ""), cells.get("given_name", "")
    if not (family or given):
        family, given = _split(cells.get("name", ""))
    if not (family and given):
        problems.append("no_name")
    if len(family) + len(given) > MOST_NAME:
        problems.append("long_name")
        family, given = "", f"{(family + given)[:MOST_NAME]}…"
    flat = _flat(cells.get("flat", ""))
    if not flat:
        problems.append("no_flat")
    elif _DAY.fullmatch(flat) and len(flat.partition("-")[0]) == 4:
        problems.append("flat_is_day")
    elif not _FLAT.fullmatch(flat):
        problems.append("bad_flat")
    born = day_told(unicodedata.normalize("NFKC", cells.get("born", "")))
    if born is None:
        problems.append("no_such_day" if _DAY.fullmatch(cells["born"]) else "bad_born")
    elif born and date.fromisoformat(born) > today:
        problems.append("no_such_day")
    phone = unicodedata.normalize("NFKC", cells.get("phone", ""))
    if phone and not PHONE.fullmatch(phone):
        problems.append("bad_phone")
    alone = cells.get("lives_alone", "").lower()
    if alone not in YES | NO:
        problems.append("bad_yes_no")
    shown = cells.get("born", "") if born is None else born  # what cannot be read is shown as it was written
    return Profile(family, given, cells.get("title", ""), "", shown, flat, alone in YES, "zh", phone), problems


def _flat(words: str) -> str:
    """3-2-501 for that, for ３－２－501 and for 3栋2单元501室."""
    plain = unicodedata.normalize("NFKC", words).replace("—", "-").replace("–", "-").replace(" ", "")
    return _PARTS_OF_FLAT.sub("-", plain).strip("-")


def _split(name: str) -> tuple[str, str]:
    """Family and given name of a full name: as Chinese names are written, whatever space is between; others by the last space."""
    if _HAN.fullmatch(name):
        name = "".join(name.split())
    if " " in name:
        given, _, family = name.rpartition(" ")
        return family, given
    head = 2 if name[:2] in DOUBLE and len(name) > 2 else 1
    return name[:head], name[head:]
