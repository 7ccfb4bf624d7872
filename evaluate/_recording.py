"""One recording as times in s and values, whatever program wrote it.

Columns go by their names, in any order and among others, or are the first four where nothing is named. What can be read in one way
only is read so and noted (times in ms, as dates, as a count of samples); what could be read in several is refused by a fault.
"""

import csv
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

import numpy as np

from evaluate._stamps import Stamps, seconds, stamps
from evaluate._text import opened
from motion.resample import Floats

_TIME = re.compile(
    r"(t|time|times|timestamp|timestamps|ts|elapsed|elapsedtime|secondselapsed|timeelapsed|datetime|date|时间|时间戳)"
    r"(s|sec|secs|second|seconds|ms|us|ns|msec|millis|utc)?|s|sec|secs|seconds|ms|millis|milliseconds"
)
_AXES = [
    re.compile(rf"(a|acc|accel|accelerometer|acceleration|加速度)?(axis)?{axis}(axis|轴)?(加速度)?(g|mg|ms2|mss)?")
    for axis in "xyz"
]
_PREAMBLE = 40  # lines a logger may write before its table
_COMMENT = ("#", "%", "//")
_MOST_OF_A_VALUE, _MOST_OF_A_TIME = 1e9, 1e20  # in any unit; what is larger counts as no number


class Unscored(Exception):
    """Why a recording is not scored: `fault` names a sentence of the catalogues (`evaluate.unscored.<fault>`)."""

    def __init__(self, fault: str, **details: object) -> None:
        super().__init__(fault)
        self.fault, self.details = fault, details


@dataclass(frozen=True, slots=True)
class Recording:
    """Times (n,) in s and values (n, 3) as they stand; `own` is one of the file's units of time in s; `notes` as in `Stamps`."""

    t: Floats
    a: Floats
    own: float = 1.0
    notes: tuple[tuple[str, dict[str, object]], ...] = ()


def located(folder: Path, name: str) -> Path:
    """The file that recordings.csv means, as it is, packed, or named with the other system's strokes. Raises Unscored."""
    for known in (name, name.replace("\\", "/")):
        for path in (folder / known, folder / f"{known}.gz"):
            if known and path.is_file():
                return path
    raise Unscored("missing")


def read(path: Path, hz: float | None = None) -> Recording:
    """`hz` is what recordings.csv says of the rate. What is no number becomes NaN. Line by line, for it may be days long.

    Raises Unscored, OSError, EOFError, zlib.error.
    """
    try:
        t, a = _table(path, _quick)
    except ValueError:
        t, a = _table(path, _patient)
    if not len(a):
        return Recording(np.zeros(0), a)
    a = np.where(np.abs(a) < _MOST_OF_A_VALUE, a, np.nan)
    t = None if t is None else np.where(np.abs(t) < _MOST_OF_A_TIME, t, np.nan)
    told: Stamps = stamps(t, a, hz)
    if told.fault:
        raise Unscored(told.fault)
    return Recording(told.t, a[told.order], told.own, told.notes)


Reading = Callable[[Iterator[str], str | None, list[int]], Floats]


def _table(path: Path, reading: Reading) -> tuple[Floats | None, Floats]:
    """Times (n,), None where there is no column of them, and values (n, 3). Raises ValueError, Unscored."""
    with opened(path) as f:
        shape = _shape(line for line in f if line.strip() and not line.lstrip().startswith(_COMMENT))
        if shape.first is None:
            return None, np.zeros((0, 3))
        lines = _whole(chain([shape.first], shape.rest), shape.between)
        table = reading(lines, shape.between, [*shape.time, *shape.axes])
    return (table[:, 0] if shape.time else None), table[:, len(shape.time) :]


@dataclass(frozen=True, slots=True)
class _Shape:
    """Where the columns stand and what stands between them; the table's first line (None: it has none) and the others."""

    time: list[int]  # none or one
    axes: list[int]
    between: str | None
    first: str | None
    rest: Iterator[str]


def _shape(lines: Iterator[str]) -> _Shape:
    """Raises Unscored."""
    widths: set[int] = set()
    for line in islice(lines, _PREAMBLE):
        between = delimiter(line)
        words = cells(line, between)
        if len(words) >= 3 and not np.isnan([seconds(w) for w in words[:4]]).any():
            if len(words) in widths:  # below names that are none of ours
                break
            time = [0] if len(words) > 3 else []
            return _Shape(time, [len(time) + k for k in range(3)], between, line, lines)
        names = [_bare(w) for w in cells(re.sub(r"\s*[(\[][^)\]]*[)\]]", "", line), between)]
        axes = [_named(names, pattern) for pattern in _AXES]
        if all(axes):
            return _below(lines, names, _named(names, _TIME)[:1], [c[0] for c in axes], between)
        widths.add(len(words))
    raise Unscored("no_columns" if widths else "empty")


def _below(lines: Iterator[str], names: list[str], time: list[int], axes: list[int], between: str | None) -> _Shape:
    """The table below its names, without a line that tells the units. Raises Unscored where names and cells do not match."""
    first = next(lines, None)
    if first is not None and np.isnan([seconds(w) for w in cells(first, delimiter(first))]).all():
        first = next(lines, first)
    if first is None:
        return _Shape(time, axes, between, None, lines)
    if len(cells(first, between)) < len(names):
        between = max(between, delimiter(first), key=lambda sign: len(cells(first, sign)))
    found = len(cells(first, between))
    if found > len(names) + 1 or (between is None and found < len(names)):
        raise Unscored("cells", cells=found, names=len(names))
    return _Shape(time, axes, between, first, lines)


def _named(names: list[str], pattern: re.Pattern[str]) -> list[int]:
    """The columns whose name fits, "ax" before "x" and "acc_x_g"."""
    fit = [i for i, name in enumerate(names) if pattern.fullmatch(name)]
    return sorted(fit, key=lambda i: (names[i][0] not in "a加", len(names[i])))


def _bare(head: str) -> str:
    """A column's name without its unit and what joins its words: "Acc_X (g)" is accx."""
    return re.sub(r"[\s_.\-]", "", re.split(r"[（/]", head.lower())[0])


def _whole(lines: Iterator[str], between: str | None) -> Iterator[str]:
    """Without a last line that was cut off while it was written; with points where decimals are written with commas."""
    before = next(lines)
    width = len(cells(before, between))
    for line in lines:
        yield before if between == "," else before.replace(",", ".")
        before = line
    if len(cells(before, between)) >= width:
        yield before if between == "," else before.replace(",", ".")


def _quick(lines: Iterator[str], between: str | None, columns: list[int]) -> Floats:
    return np.loadtxt(lines, delimiter=between, usecols=columns, ndmin=2, quotechar='"', comments=None)


def _patient(lines: Iterator[str], between: str | None, columns: list[int]) -> Floats:
    found: list[list[float]] = []
    for line in lines:
        row = cells(line, between)
        found.append([seconds(row[c]) if c < len(row) else np.nan for c in columns])
    return np.array(found, float).reshape(-1, len(columns))


def delimiter(line: str) -> str | None:
    """What stands between the columns of a table: a semicolon, a tab, a comma, or any white space (None)."""
    return next((sign for sign in (";", "\t", ",") if sign in line), None)


def cells(line: str, between: str | None) -> list[str]:
    if between is None:
        return line.split()
    return [c.strip() for c in next(csv.reader([line], delimiter=between, skipinitialspace=True), [])]
