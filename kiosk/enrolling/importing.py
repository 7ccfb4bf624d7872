"""Residents from a folder: `residents.csv` and the photographs it names. Row by row, nothing half-done, and repeatable."""

import csv
import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from domain.errors import Mendable
from domain.people import Profile
from kiosk.enrolling.enroller import ConsentForm, Enroller
from kiosk.faces.enrolment import read_photo

TABLE = "residents.csv"
REQUIRED = ("ref", "family_name", "photos", "consent_by")
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

    Columns: ref (the community's own number), family_name, given_name, title_zh, title_en, born (ISO date), flat, lives_alone
    (yes/no), language, phone, photos (files or a folder, separated by ;), consent_by, guardian (yes/no), age, keep_photos
    (yes/no). Raises Mendable `import_no_table`, `import_not_utf8`, `import_columns`, `import_torn`.
    """
    try:
        text = (folder / TABLE).read_text("utf-8-sig")
    except (FileNotFoundError, NotADirectoryError) as e:
        raise Mendable("import_no_table", path=folder / TABLE) from e
    except UnicodeDecodeError as e:
        raise Mendable("import_not_utf8", path=folder / TABLE) from e
    # a quotation mark that is never closed would swallow the rest
    rows = csv.DictReader(text.splitlines(), strict=True)
    missing = [name for name in REQUIRED if name not in (rows.fieldnames or ())]
    if missing:
        raise Mendable("import_columns", missing=", ".join(missing))
    for row in _rows(rows):
        ref = (row.get("ref") or "").strip()
        try:
            yield _row(folder, rows.line_num, ref, row, enroller, secret, revision, today)
        except Mendable as e:
            yield RowResult(rows.line_num, ref, error=e)


def _rows(table: "csv.DictReader[str]") -> Iterator[dict[str, str]]:
    """Row by row, up to where the table is torn."""
    try:
        yield from table
    except csv.Error as e:
        raise Mendable("import_torn", line=table.line_num) from e


def _row(
    folder: Path,
    line: int,
    ref: str,
    row: dict[str, str],
    enroller: Enroller,
    secret: bytes,
    revision: int,
    today: date,
) -> RowResult:
    told = {name: (value or "").strip() for name, value in row.items() if name is not None and isinstance(value, str)}
    for name in REQUIRED:
        if not told.get(name):
            raise Mendable("import_empty", column=name)
    profile = Profile(
        told["family_name"], told.get("given_name", ""), told.get("title_zh", ""), told.get("title_en", ""),
        told.get("born", ""), told.get("flat", ""), _yes(told, "lives_alone"), told.get("language") or "zh",
        told.get("phone", ""),
    )  # fmt: skip
    form = ConsentForm(
        told["consent_by"], _yes(told, "keep_photos"), _yes(told, "guardian"), _age(told.get("age", ""), profile, today)
    )
    photos = [(path.name, read_photo(path)) for path in _pictures(folder, told["photos"])]
    done = enroller.enrol(profile, photos, form, pseudonym(secret, ref), revision)
    refused = tuple(done.enrolment.refused.values())
    return RowResult(line, ref, done.person, len(done.enrolment.accepted), refused, len(done.lookalikes))


def _age(said: str, profile: Profile, today: date) -> int | None:
    """In years, by the column and by the day of birth: whoever is a child by either is one."""
    if said and not (said.isascii() and said.isdigit()):
        raise Mendable("import_age", age=said)
    by_birth = profile.age(today)
    if profile.born and by_birth is None:
        raise Mendable("import_born", born=profile.born)
    return min((age for age in (int(said) if said else None, by_birth) if age is not None), default=None)


def _yes(row: dict[str, str], column: str) -> bool:
    return row.get(column, "").lower() in ("yes", "y", "true", "1", "是")


def _pictures(folder: Path, named: str) -> list[Path]:
    """The files a row names; a folder stands for the pictures in it, by name. Nothing outside `folder` is read."""
    found: list[Path] = []
    for name in filter(None, (part.strip() for part in named.split(";"))):
        path = (folder / name).resolve()
        if not path.is_relative_to(folder.resolve()):
            raise Mendable("photo_unreadable", file=name)
        if path.is_dir():
            found += sorted(p for p in path.iterdir() if p.suffix.lower() in PICTURES)
        else:
            found.append(path)
    return found
