"""Residents from a folder: `residents.csv` and the photographs it names. Row by row, nothing half-done, and repeatable."""

import csv
import hashlib
import hmac
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from unicodedata import normalize

from domain.errors import Mendable
from domain.people import Profile
from domain.tables import NO, YES, day_told, decoded, divided_by
from kiosk.enrolling.enroller import ConsentForm, Enroller
from kiosk.faces.enrolment import read_photo

TABLE = "residents.csv"
REQUIRED = ("ref", "family_name", "photos", "consent_by")
HEADINGS = {
    "编号": "ref", "姓": "family_name", "名": "given_name", "称呼": "title_zh", "英文称呼": "title_en", "出生日期": "born",
    "房号": "flat", "门牌": "flat", "独居": "lives_alone", "语言": "language", "电话": "phone", "照片": "photos",
    "同意人": "consent_by", "监护人": "guardian", "年龄": "age", "保留照片": "keep_photos",
    "同意日期": "consent_on",
}  # fmt: skip
PICTURES = (".jpg", ".jpeg", ".png", ".webp", ".bmp")


@dataclass(frozen=True, slots=True)
class RowResult:
    """What came of one row; `error` is None where the resident is enrolled."""

    line: int
    ref: str
    person: str = ""
    photos: int = 0
    refused: tuple[Mendable, ...] = ()
    lookalikes: int = 0
    error: Mendable | None = None


def pseudonym(secret: bytes, ref: str) -> str:
    """The same person id for the same `ref` at this kiosk, and nothing to anybody without its key."""
    return "p" + hmac.new(secret, b"resident|" + ref.encode(), hashlib.sha256).hexdigest()[:32]


def import_folder(folder: Path, enroller: Enroller, secret: bytes, revision: int, today: date) -> Iterator[RowResult]:
    """Enrol every row of `folder`/residents.csv, telling of each as it is done; done again, it brings up to date.

    Columns: ref (the community's own number), family_name, given_name, title_zh, title_en, born (a date), flat, lives_alone
    (yes/no), language, phone, photos (files or a folder, separated by ;), consent_by, guardian (yes/no), age, keep_photos
    (yes/no), consent_on (the day of the consent: whoever has withdrawn since their last one is enrolled only by a later one), or
    their names in Chinese. Raises Mendable `import_no_table`, `import_not_utf8`, `import_columns`, `import_torn`.
    """
    rows, written = _table(folder / TABLE)
    stands: dict[str, int] = {}  # the line of each ref
    for row in _rows(rows):
        told = {name: (value or "").strip() for name, value in row.items() if isinstance(value, str | None)}
        ref = told.get("ref", "")
        try:
            if ref and (line := stands.setdefault(ref, rows.line_num)) != rows.line_num:
                raise Mendable("import_twice", ref=ref, line=line)
            yield _row(folder, rows.line_num, ref, told, enroller, secret, revision, today)
        except Mendable as e:
            yield RowResult(rows.line_num, ref, error=_as_written(e, written))
        except PermissionError as e:
            yield RowResult(rows.line_num, ref, error=Mendable("file_denied", path=e.filename))


def _table(path: Path) -> "tuple[csv.DictReader[str], dict[str, str]]":
    """The table below its heading, and what that calls each column."""
    try:
        text = decoded(path.read_bytes())
    except (FileNotFoundError, NotADirectoryError) as e:
        raise Mendable("import_no_table", path=path) from e
    except ValueError as e:
        raise Mendable("import_not_utf8", path=path) from e
    # strict: a quotation mark that is never closed would swallow the rest
    rows = csv.DictReader(text.splitlines(), restkey="", delimiter=divided_by(text), strict=True)
    heading = [normalize("NFKC", name or "").strip() for name in rows.fieldnames or ()]
    rows.fieldnames = [HEADINGS.get(name, name.lower()) for name in heading]
    if missing := [name for name in REQUIRED if name not in rows.fieldnames]:
        raise Mendable("import_columns", missing=", ".join(missing))
    return rows, dict(zip(rows.fieldnames, heading, strict=True))


def _as_written(error: Mendable, written: dict[str, str]) -> Mendable:
    """An error of a column, by the name that the table has for it."""
    column = error.details.get("column")
    name = written.get(column) if isinstance(column, str) else None
    return error if name is None else Mendable(error.code, **{**error.details, "column": name})


def _rows(table: "csv.DictReader[str]") -> Iterator[dict[str, str]]:
    """Row by row, without those that a spreadsheet left empty, up to where the table is torn."""
    try:
        yield from (row for row in table if any(isinstance(cell, str) and cell.strip() for cell in row.values()))
    except csv.Error as e:
        raise Mendable("import_torn", line=table.line_num) from e


def _row(
    folder: Path,
    line: int,
    ref: str,
    told: dict[str, str],
    enroller: Enroller,
    secret: bytes,
    revision: int,
    today: date,
) -> RowResult:
    for name in REQUIRED:
        if not told.get(name):
            raise Mendable("import_empty", column=name)
    profile = Profile(
        told["family_name"], told.get("given_name", ""), told.get("title_zh", ""), told.get("title_en", ""),
        _born(told.get("born", ""), today), told.get("flat", ""), _yes(told, "lives_alone"),
        told.get("language") or "zh", told.get("phone", ""),
    )  # fmt: skip
    form = ConsentForm(
        told["consent_by"], _yes(told, "keep_photos"), _yes(told, "guardian"), _age(told.get("age", ""), profile, today)
    )
    who = pseudonym(secret, ref)
    _check_stands(enroller, who, ref, form, _agreed_on(told.get("consent_on", ""), today))
    photos = [(path.name, read_photo(path)) for path in _pictures(folder, told["photos"])]
    done = enroller.enrol(profile, photos, form, who, revision)
    refused = tuple(done.enrolment.refused.values())
    return RowResult(line, ref, done.person, len(done.enrolment.accepted), refused, len(done.lookalikes))


def _born(said: str, today: date) -> str:
    born = day_told(normalize("NFKC", said))
    if born is None or (born and date.fromisoformat(born) > today):
        raise Mendable("import_born", born=said)
    return born


def _agreed_on(said: str, today: date) -> date | None:
    day = day_told(normalize("NFKC", said))
    if day is None or (day and date.fromisoformat(day) > today):
        raise Mendable("import_consent_on", said=said)
    return date.fromisoformat(day) if day else None


def _check_stands(enroller: Enroller, who: str, ref: str, form: ConsentForm, agreed_on: date | None) -> None:
    """A table that is read once more takes back no withdrawal and no erasure: its consent is the one that was withdrawn."""
    if enroller.erased(who):
        raise Mendable("import_erased", ref=ref)
    if (withdrawn := enroller.withdrawn(who, form)) is None:
        return
    day = withdrawn.astimezone().date()
    if agreed_on is None or agreed_on <= day:
        raise Mendable("import_withdrawn", day=day.isoformat())


def _age(said: str, profile: Profile, today: date) -> int | None:
    """In years, by the column and by the day of birth: whoever is a child by either is one."""
    if said and not (said.isascii() and said.isdigit()):
        raise Mendable("import_age", age=said)
    told = (int(said) if said else None, profile.age(today))
    return min((age for age in told if age is not None), default=None)


def _yes(row: dict[str, str], column: str) -> bool:
    said = row.get(column, "")
    if said.lower() not in YES | NO:
        raise Mendable("import_yes_no", column=column, said=said)
    return said.lower() in YES


def _pictures(folder: Path, named: str) -> list[Path]:
    """The files a row names; a folder stands for the pictures in it, by name. Nothing outside `folder` is read."""
    found: list[Path] = []
    for name in filter(None, (part.strip() for part in re.split("[;；]", named))):
        path = (folder / name.replace("\\", "/")).resolve()  # as Windows writes it
        if not path.is_relative_to(folder.resolve()):
            raise Mendable("photo_elsewhere", file=name)
        if path.is_dir():
            found += sorted(p for p in path.iterdir() if p.suffix.lower() in PICTURES)
        elif path.exists():
            found.append(path)
        else:
            raise Mendable("photo_missing", file=name)
    return found
