"""Score the fall detector on recordings: ``./run evaluate falls DIR [--json]``.

``DIR/recordings.csv`` names the recordings (file, subject, group, hz, fall, fall_at_s and, if they were not worn at the waist,
position), each a CSV ``t,ax,ay,az`` in s and g. A fall counts as found by a suspicion within it; where its moment is given, from
5 s before to 15 s after. Several falls in one file are several lines, or several moments in one ("12.5|80"). What else is suspected
within 90 s of a fall that was found belongs to it; anything besides is a false alarm, and false alarms within 90 s of the first are
one, as they are for the people who are called. `hours` are those in which an alarm would be false: recordings without a fall, and
of one with a told moment what lies outside the fall's own time. Nothing in the column `fall` means no fall where falls alone are
marked; where other lines say 0, it is not known and not scored. A file is read however it is written and packed; what had to be
read otherwise than it stands is under `notes`, what cannot be scored under `unscored`, each with a sentence.
"""

import argparse
import csv
import json
import sys
import time
import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from assets.words import say
from domain.errors import Mendable
from domain.falls import JOIN
from evaluate._index import Line, line_of, marks_falls_alone, rows_of
from evaluate._recording import Recording, Unscored, located, read
from evaluate._statistics import clopper_pearson, garwood
from motion.checks import fault
from motion.detector import Detector, Suspected
from motion.forest import Model, load
from motion.resample import MAX_GAP, Floats
from offline.program import terminal_language

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


def score(
    model: Model, t: Floats, a: Floats, falls: Sequence[float | None], position: str
) -> tuple[Tally, list[float | None]]:
    """One recording through the streaming detector: what is the file's as a whole, and of each fall its delay, None if missed.

    What rings within 90 s of a fall that was found is that fall.
    """
    steps = np.diff(t)
    tally = Tally(signal=float(steps[steps <= MAX_GAP].sum()))  # holes are no hours watched
    began = time.perf_counter()
    detector = Detector(model, position)
    edges = np.flatnonzero(np.diff((t - t[0]) // CHUNK)) + 1
    reports = [r for ts, vs in zip(np.split(t, edges), np.split(a, edges), strict=True) for r in detector.push(ts, vs)]
    hits = [r for r in [*reports, *detector.flush()] if isinstance(r, Suspected)]
    tally.spent = time.perf_counter() - began
    delays: list[float | None] = []
    watched = np.ones(len(steps), bool)  # what is no fall's
    for at in falls:
        right = [h for h in hits if at is None or -EARLY <= h.impact - at <= LATE]
        delays.append(right[0].noticed - (right[0].impact if at is None else at) if right else None)
        end = -np.inf if at is None else at + LATE
        if right:
            end = max(end, right[0].impact + JOIN_S)
            hits = [h for h in hits if h not in right and not 0 <= h.impact - right[0].impact <= JOIN_S]
        watched &= (t[1:] < (at or 0.0) - EARLY) | (t[1:] > end)
    if None in falls:  # anything else in it may be of that fall
        return tally, delays
    tally.seconds = float(steps[(steps <= MAX_GAP) & watched].sum())
    open_since = -np.inf
    for h in hits:
        if h.impact - open_since > JOIN_S:
            tally.false_alarms += 1
            open_since = h.impact
    return tally, delays


def moments_of(falls: Sequence[float | None], recording: Recording) -> list[float | None]:
    """The moments on the clock of the recording, as whose they may be written, as s from its begin, or in its own unit of time.

    Raises Unscored for one that lies outside of it.
    """
    t = recording.t
    found: list[float | None] = []
    for at in falls:
        meant = [] if at is None else [at, at + float(t[0]), at * recording.own]
        within = [m for m in meant if t[0] - EARLY <= m <= t[-1] + EARLY]
        if meant and not within:
            raise Unscored("moment_outside", moment=f"{at:g}", begin=f"{t[0]:.1f}", end=f"{t[-1]:.1f}")
        found.append(within[0] if within else None)
    return found


@dataclass
class Scores:
    """All that was scored, by group and by worn position, and what was not."""

    total: Tally = field(default_factory=Tally)
    groups: dict[str, Tally] = field(default_factory=dict)
    positions: dict[str, Tally] = field(default_factory=dict)
    unscored: list[dict[str, str]] = field(default_factory=list)
    notes: list[dict[str, str]] = field(default_factory=list)

    def add(self, model: Model, folder: Path, lines: Sequence[Line]) -> None:
        """One file and all lines about it. Raises Unscored; what cannot be read OSError, EOFError, csv.Error or zlib.error."""
        file, position = lines[0].file, lines[0].position
        recording = read(located(folder, file), lines[0].hz)
        if found := fault(recording.t, recording.a):
            raise Unscored(found.value)
        moments = moments_of([at for line in lines for at in line.falls], recording)
        whole, delays = score(model, recording.t, recording.a, moments, position)
        self.notes += [_told(file, "note", code, details) for code, details in recording.notes]
        for line in lines:
            here, delays = delays[: len(line.falls)], delays[len(line.falls) :]
            whole.recordings, whole.falls = 1, len(here)
            whole.delays = [delay for delay in here if delay is not None]
            whole.found = len(whole.delays)
            for tally in (
                self.total,
                self.groups.setdefault(line.group, Tally()),
                self.positions.setdefault(position, Tally()),
            ):
                tally.add(whole)
            whole = Tally()  # the hours and false alarms of a file count once, with its first line

    def refuse(self, file: str, why: Exception) -> None:
        if isinstance(why, Unscored):
            told = _told(file, "fault", why.fault, why.details)
        else:
            told = _told(
                file, "fault", "unreadable", {"why": (why.strerror if isinstance(why, OSError) else "") or why}
            )
        print(f"{file or '-'}: {told['said']}", file=sys.stderr)
        self.unscored.append(told)

    def answer(self) -> dict[str, Any]:
        return self.total.figures() | {
            "by_group": {name: g.figures() for name, g in sorted(self.groups.items())},
            "by_position": {name: g.figures() for name, g in sorted(self.positions.items())},
            "unscored": self.unscored,
            "unscored_by_fault": dict(sorted(Counter(u["fault"] for u in self.unscored).items())),
            "notes": self.notes,
        }


def _told(file: str, what: str, code: str, details: Mapping[str, object]) -> dict[str, str]:
    return {"file": file, what: code, "said": say(terminal_language(), f"evaluate.{what}.{code}", **details)}


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
    scores = Scores()
    files: dict[tuple[str, str], list[Line]] = {}
    rows = rows_of(index)
    empty = sum(not row["fall"] for row in rows) if marks_falls_alone(rows) else 0
    scores.notes += [_told(index.name, "note", "fall_empty", {"n": empty})] * bool(empty)
    for row in rows:
        try:
            line = line_of(row, empty > 0)
            files.setdefault((line.file, line.position), []).append(line)
        except Unscored as e:
            scores.refuse(row["file"], e)
    model = load()
    for (file, _), lines in files.items():
        try:
            scores.add(model, args.dir, lines)
        except (Unscored, OSError, EOFError, csv.Error, zlib.error) as e:
            for _ in lines:
                scores.refuse(file, e)
    answer = scores.answer()
    print(json.dumps(answer, ensure_ascii=False)) if args.json else show(answer)
    return 0


def show(answer: dict[str, Any]) -> None:
    """The same for a reader."""
    for name, g in [("all", answer), *answer["by_group"].items(), *answer["by_position"].items()]:
        print(
            f"{name:12} {g['recordings']:5} recordings, {g['falls']:4} falls: "
            f"sensitivity {g['sensitivity']} {g['sensitivity_ci95']}; "
            f"{g['false_alarms']} false alarms in {g['hours']:.2f} h: {g['false_alarms_per_hour']} an hour "
            f"{g['false_alarms_per_hour_ci95']}; noticed after {g['delay_s_p50']} s (95 %: {g['delay_s_p95']} s)"
        )
    for u in answer["unscored"]:
        print(f"not scored: {u['file']}: {u['said']}")
    for n in answer["notes"]:
        print(f"{n['file']}: {n['said']}")
