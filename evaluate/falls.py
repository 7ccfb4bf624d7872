"""Score the fall detector on recordings: ``./run evaluate falls DIR [--json]``.

``DIR/recordings.csv`` names the recordings (file, subject, group, hz, fall, fall_at_s and, if they were not worn at the waist,
position), each a CSV ``t,ax,ay,az`` in s and g. A fall counts as found by a suspicion within it; where its moment is given, from
5 s before to 15 s after. Several falls in one file are several lines, or several moments in one ("12.5|80"). Anything else
suspected is a false alarm; false alarms within 90 s of the first are one, as they are for the people who are called. `hours` are
those of recordings without a fall, and what lies more than 90 s from any fall. What cannot be scored is listed under `unscored`.
"""

import argparse
import csv
import json
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from domain.errors import Mendable
from domain.falls import JOIN
from evaluate._statistics import clopper_pearson, garwood
from evaluate._text import encoding_of, text_of
from motion.checks import fault
from motion.detector import Detector, Suspected
from motion.forest import Model, load
from motion.resample import MAX_GAP

COLUMNS = (
    ("t", "time", "t_s", "time_s", "seconds", "timestamp"),
    *(
        (
            f"a{axis}",
            axis,
            f"acc_{axis}",
            f"acc{axis}",
            f"accel_{axis}",
            f"acceleration_{axis}",
            f"a{axis}_g",
            f"a_{axis}",
        )
        for axis in "xyz"
    ),
)
YES = frozenset({"1", "1.0", "true", "t", "yes", "y", "fall", "是"})
NO = frozenset({"", "0", "0.0", "false", "f", "no", "n", "adl", "否"})
UNTOLD = frozenset({"", "-", "na", "n/a", "nan", "none", "null"})
JOIN_S = JOIN.total_seconds()
EARLY, LATE = 5.0, 15.0  # s around the given moment of a fall
CHUNK = 1.0  # s handed over at a time, as a gateway would


@dataclass
class Tally:
    """What was seen in one group."""

    recordings: int = 0
    falls: int = 0
    found: int = 0
    seconds: float = 0.0
    false_alarms: int = 0
    delays: list[float] = field(default_factory=list)
    signal: float = 0.0
    spent: float = 0.0

    def add(self, other: "Tally") -> None:
        for name in ("recordings", "falls", "found", "seconds", "false_alarms", "delays", "signal", "spent"):
            setattr(self, name, getattr(self, name) + getattr(other, name))

    def figures(self) -> dict[str, Any]:
        hours = self.seconds / 3600
        delays = np.percentile(self.delays, [50, 95]).round(2).tolist() if self.delays else [None, None]
        return {
            "recordings": self.recordings,
            "falls": self.falls,
            "sensitivity": round(self.found / self.falls, 4) if self.falls else None,
            "sensitivity_ci95": _rounded(clopper_pearson(self.found, self.falls)) if self.falls else None,
            "hours": round(hours, 4),
            "false_alarms": self.false_alarms,
            "false_alarms_per_hour": round(self.false_alarms / hours, 4) if hours else None,
            "false_alarms_per_hour_ci95": _rounded(garwood(self.false_alarms, hours)) if hours > 0 else None,
            "delay_s_p50": delays[0],
            "delay_s_p95": delays[1],
            "ms_per_second_of_signal": round(1000 * self.spent / self.signal, 3) if self.signal else None,
        }


def _rounded(interval: tuple[float, float]) -> list[float]:
    return [round(end, 4) for end in interval]


def read(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Times (n,) and values (n, 3); what is no number becomes NaN, so that it is recognised.

    Columns are found by their names, or are the first four where nothing is named. Read line by line, for a recording may be days
    long. Raises OSError, ValueError.
    """
    try:
        return _table(path)
    except ValueError:
        return _table(path, lambda cell: float(cell) if _numeric([cell]) else np.nan)


def _table(path: Path, number: Callable[[str], float] | None = None) -> tuple[np.ndarray, np.ndarray]:
    """`number` reads a cell; without it all must be numbers. Raises OSError, ValueError."""
    with path.open(encoding=encoding_of(path), errors="replace") as f:
        lines: Iterator[str] = (line for line in f if line.strip() and not line.startswith("#"))
        if (first := next(lines, None)) is None:
            return np.zeros(0), np.zeros((0, 3))
        between = delimiter(first)
        if between in (";", "\t"):  # as a spreadsheet writes decimals where it does not separate by commas
            first, lines = first.replace(",", "."), (line.replace(",", ".") for line in lines)
        head = [_bare(h) for h in first.split(between)]
        columns = [0, 1, 2, 3]
        if _numeric(head):
            lines = chain([first], lines)
        else:
            columns = [next((i for i, h in enumerate(head) if h in names), -1) for names in COLUMNS]
        if -1 in columns:
            raise ValueError("it has no columns t, ax, ay, az")
        if (first := next(lines, None)) is None:
            return np.zeros(0), np.zeros((0, 3))
        whole = _whole(chain([first], lines), between)
        table = np.loadtxt(whole, delimiter=between, usecols=columns, ndmin=2, converters=number)
        return table[:, 0], table[:, 1:]


def _bare(head: str) -> str:
    """A column's name without its unit: "ax (g)" is ax."""
    return head.strip(" \t\r\n\"'").lower().partition("(")[0].partition("[")[0].strip()


def _whole(lines: Iterator[str], between: str | None) -> Iterator[str]:
    """Without a last line that was cut off while it was written."""
    before = next(lines)
    width = len(before.split(between))
    for line in lines:
        yield before
        before = line
    if len(before.split(between)) >= width:
        yield before


def delimiter(line: str) -> str | None:
    """What stands between the columns of a table: a semicolon, a tab, a comma, or any white space (None)."""
    return next((sign for sign in (";", "\t", ",") if sign in line), None)


def _numeric(words: Sequence[str]) -> bool:
    try:
        return bool([float(w) for w in words])
    except ValueError:
        return False


def rows_of(index: Path) -> list[dict[str, str]]:
    """The lines of recordings.csv by their columns' names in small letters."""
    text = text_of(index)
    table = csv.DictReader(text.splitlines(), delimiter=delimiter(text.partition("\n")[0]) or ",", restkey="")
    return [{k.strip().lower(): (v or "").strip() for k, v in row.items() if k} for row in table]


@dataclass(frozen=True, slots=True)
class Line:
    """What one line of recordings.csv says of its file: the falls in it with their moments in s, None where that is not told."""

    group: str
    falls: tuple[float | None, ...]


def falls_of(row: dict[str, str]) -> tuple[float | None, ...]:
    """The falls of a line; several moments stand beside one another as "12.5|80". Raises ValueError."""
    said = row.get("fall", "").lower()
    if said not in YES | NO:
        raise ValueError(f"fall is 1 or 0, not “{said}”")
    if said in NO:
        return ()
    moments = re.split(r"[;|/\s]+", row.get("fall_at_s", "").lower().replace(",", "."))
    return tuple(None if moment in UNTOLD else float(moment) for moment in moments)


def score(
    model: Model, t: np.ndarray, a: np.ndarray, falls: Sequence[float | None], position: str
) -> tuple[Tally, list[float | None]]:
    """One recording through the streaming detector: what is the file's as a whole, and of each fall its delay, None if missed.

    What rings within 90 s of a fall that was found is that fall.
    """
    steps = np.diff(t)
    tally = Tally(signal=float(steps[steps <= MAX_GAP].sum()))  # holes are no hours watched
    began = time.perf_counter()
    detector = Detector(model, position)
    edges = np.searchsorted(t, np.arange(t[0] + CHUNK, t[-1], CHUNK))
    reports = [r for ts, vs in zip(np.split(t, edges), np.split(a, edges), strict=True) for r in detector.push(ts, vs)]
    hits = [r for r in [*reports, *detector.flush()] if isinstance(r, Suspected)]
    tally.spent = time.perf_counter() - began
    moments = [at if at is None or t[0] - EARLY <= at <= t[-1] + LATE else at + float(t[0]) for at in falls]
    delays: list[float | None] = []
    for at in moments:
        right = [h for h in hits if at is None or -EARLY <= h.impact - at <= LATE]
        delays.append(right[0].noticed - (right[0].impact if at is None else at) if right else None)
        if right:
            hits = [h for h in hits if h not in right and not 0 <= h.impact - right[0].impact <= JOIN_S]
    told = [at for at in moments if at is not None]
    if len(told) < len(moments):  # anything else in it may be of that fall
        return tally, delays
    near = np.zeros(len(steps), bool)
    for at in told:
        near |= np.abs(t[1:] - at) <= JOIN_S
    tally.seconds = float(steps[(steps <= MAX_GAP) & ~near].sum())
    open_since = -np.inf
    for h in hits:
        if h.impact - open_since > JOIN_S:
            tally.false_alarms += 1
            open_since = h.impact
    return tally, delays


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="evaluate falls", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("dir", type=Path)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args(argv)
    index = args.dir / "recordings.csv"
    if not index.is_file():
        raise Mendable("recordings_missing", path=index)
    rows = rows_of(index)
    if rows and "file" not in rows[0]:
        raise Mendable("recordings_unnamed", path=index)
    model = load()
    total = Tally()
    groups: dict[str, Tally] = {}
    unscored: list[dict[str, str]] = []
    lines: dict[tuple[str, str], list[Line]] = {}
    for row in rows:
        if not any(row.values()):
            continue
        try:
            line = Line(row.get("group") or "", falls_of(row))
            lines.setdefault((row["file"], row.get("position") or "waist"), []).append(line)
        except ValueError as e:
            unscored.append(_unreadable(row["file"], e))
    for (file, position), told in lines.items():
        try:
            t, a = read(args.dir / file)
        except (OSError, ValueError) as e:
            unscored += [_unreadable(file, e)] * len(told)
            continue
        if found := fault(t, a):
            unscored += [{"file": file, "fault": found.value}] * len(told)
            continue
        whole, delays = score(model, t, a, [at for line in told for at in line.falls], position)
        for line in told:
            here, delays = delays[: len(line.falls)], delays[len(line.falls) :]
            whole.recordings, whole.falls = 1, len(here)
            whole.delays = [delay for delay in here if delay is not None]
            whole.found = len(whole.delays)
            for tally in (total, groups.setdefault(line.group, Tally())):
                tally.add(whole)
            whole = Tally()  # the hours and false alarms of a file count once, with its first line
    answer = total.figures() | {
        "by_group": {name: g.figures() for name, g in sorted(groups.items())},
        "unscored": unscored,
        "unscored_by_fault": dict(sorted(Counter(u["fault"] for u in unscored).items())),
    }
    if args.json:
        print(json.dumps(answer))
    else:
        show(answer)
    return 0


def _unreadable(file: str, error: OSError | ValueError) -> dict[str, str]:
    why = error.strerror if isinstance(error, OSError) else error
    print(f"{file or '(no file named)'}: {why}", file=sys.stderr)
    return {"file": file, "fault": "unreadable"}


def show(answer: dict[str, Any]) -> None:
    """The same for a reader."""
    for name, g in [("all", answer), *answer["by_group"].items()]:
        print(
            f"{name:12} {g['recordings']:5} recordings, {g['falls']:4} falls: "
            f"sensitivity {g['sensitivity']} {g['sensitivity_ci95']}; "
            f"{g['false_alarms']} false alarms in {g['hours']:.2f} h: {g['false_alarms_per_hour']} an hour "
            f"{g['false_alarms_per_hour_ci95']}; noticed after {g['delay_s_p50']} s (95 %: {g['delay_s_p95']} s)"
        )
    for u in answer["unscored"]:
        print(f"not scored: {u['file']}: {u['fault']}")
