"""The gate log: passages a page at a time by key, what reviewers said of them, and the error rates that follow. No Qt."""

import csv
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from caregiver.gatelog.rates import Rate, exact
from caregiver.memory.reading import Reader
from caregiver.parts.whole_file import whole_file
from domain.identification import Outcome
from domain.passages import Method
from domain.verdicts import Standing, fits, standing
from offline.letters.access_orders import PASS_ISSUED

PAGE, WRITTEN_AT_ONCE = 200, 500
KEPT_OUT = "kept_out"  # in place of an outcome: whoever was known, or had something to show, and was not let in
_COLUMNS = (
    "p.fact, p.at, p.gate, p.direction, p.method, p.outcome, p.reason, p.person, p.score, p.threshold, p.liveness, p.quality,"
    " p.kept_out"
)


@dataclass(frozen=True, slots=True)
class GateFilter:
    """Everything empty: all. Times in ms. `outcome` may be `KEPT_OUT`. `review`: "", "open" (nobody has looked), "mine" (waits for
    a further reader, and `reader` has not looked), "disputed" or "settled".
    """

    gate: str = ""
    method: str = ""
    outcome: str = ""
    reason: str = ""
    person: str = ""
    since: int = 0
    until: int = 0
    review: str = ""
    reader: str = ""


@dataclass(frozen=True, slots=True)
class Passage:
    fact: int
    at: int
    gate: str
    direction: str
    method: str
    outcome: str
    reason: str
    person: str | None
    score: float | None
    threshold: float | None
    liveness: str
    quality: float | None
    kept_out: str = (
        ""  # why it stayed shut for somebody it knew: the ruling, what was wrong with a credential, `gate_failed`
    )
    verdicts: tuple[tuple[str, str], ...] = ()  # (reader, verdict)
    standing: Standing = Standing.OPEN
    settled: str = ""  # what the readers agree on

    @property
    def by_face(self) -> bool:
        return self.method == Method.FACE

    @property
    def end(self) -> str:
        """How it ended: what the face was taken for, unless it was kept out all the same."""
        return KEPT_OUT if self.kept_out else self.outcome or ""

    @property
    def named(self) -> bool:
        """Whether the gate took whoever passed for somebody it knows."""
        return self.outcome == Outcome.IDENTIFIED if self.by_face else self.person is not None

    def takes(self, verdict: str) -> bool:
        """Whether a verdict can be said of it."""
        return fits(verdict, by_face=self.by_face, named=self.named)

    def seen_by(self, reader: str) -> tuple[tuple[str, str], ...]:
        """The verdicts somebody may see: their own, and the others' once nothing hangs on their reading any more."""
        return tuple(v for v in self.verdicts if v[0] == reader or self.standing is Standing.SETTLED)

    def open_to(self, reader: str) -> bool:
        """Whether somebody may still say something: not once it is settled, nor again once others have answered them."""
        mine, others = any(by == reader for by, _ in self.verdicts), any(by != reader for by, _ in self.verdicts)
        return self.standing is not Standing.SETTLED and not (mine and others)


def page(reader: Reader, wanted: GateFilter, before: tuple[int, int] | None = None, limit: int = PAGE) -> list[Passage]:
    """Passages newest first; `before` is (at, fact) of the last one seen."""
    conditions, values = _where(wanted)
    if before is not None:
        conditions.append("(p.at, p.fact) < (?, ?)")
        values += before
    rows = reader.rows(
        f"SELECT {_COLUMNS} FROM gatelog_passages p WHERE {' AND '.join(conditions)} ORDER BY p.at DESC, p.fact DESC LIMIT ?",
        (*values, limit),
    )
    return with_verdicts(reader, [Passage(*row) for row in rows])


def with_verdicts(reader: Reader, passages: list[Passage]) -> list[Passage]:
    """The same passages with what readers have said of them."""
    if not passages:
        return []
    marks = ",".join(map(str, (p.fact for p in passages)))
    said: dict[int, list[tuple[str, str]]] = {}
    for fact, by, verdict in reader.rows(
        f"SELECT passage, by, verdict FROM gatelog_verdicts WHERE passage IN ({marks}) ORDER BY at"
    ):
        said.setdefault(fact, []).append((by, verdict))
    return [_said(p, said.get(p.fact, ())) for p in passages]


def _said(p: Passage, verdicts: Sequence[tuple[str, str]]) -> Passage:
    stands, settled = standing(verdict for _, verdict in verdicts)
    return replace(p, verdicts=tuple(verdicts), standing=stands, settled=settled)


def _where(wanted: GateFilter) -> tuple[list[str], list[Any]]:
    conditions: list[str] = ["1"]
    values: list[Any] = []
    for column in ("gate", "method", "outcome", "reason", "person"):
        if (value := getattr(wanted, column)) == KEPT_OUT:
            conditions.append("p.kept_out <> ''")
        elif value:
            conditions.append(f"p.{column} = ?")
            values.append(value)
    if wanted.outcome not in ("", KEPT_OUT):
        conditions.append("p.kept_out = ''")
    if wanted.since:
        conditions.append("p.at >= ?")
        values.append(wanted.since)
    if wanted.until:
        conditions.append("p.at < ?")
        values.append(wanted.until)
    if wanted.review == "open":
        conditions.append("NOT EXISTS (SELECT 1 FROM gatelog_verdicts v WHERE v.passage = p.fact)")
    elif wanted.review == "mine":
        conditions.append("p.fact IN (SELECT passage FROM gatelog_standing WHERE standing IN ('second', 'disputed'))")
        conditions.append("NOT EXISTS (SELECT 1 FROM gatelog_verdicts v WHERE v.passage = p.fact AND v.by = ?)")
        values.append(wanted.reader)
    elif wanted.review:
        conditions.append("p.fact IN (SELECT passage FROM gatelog_standing WHERE standing = ?)")
        values.append(wanted.review)
    return conditions, values


def gates(reader: Reader) -> list[str]:
    """The gates that were passed; steps through the index of times no further than the newest few thousand."""
    rows = reader.rows(
        "SELECT DISTINCT gate FROM (SELECT gate FROM gatelog_passages ORDER BY at DESC LIMIT 5000) ORDER BY gate"
    )
    return [row[0] for row in rows if row[0]]


@dataclass(frozen=True, slots=True)
class Figures:
    """ISO/IEC 19795-1 and 30107-3 error rates over what two readers agreed on, each with its interval."""

    reviewed: int  # somebody has looked
    settled: int
    disputed: int
    fnir: Rate
    fpir: Rate
    apcer: Rate


def figures(reader: Reader, since: int = 0, until: int = 1 << 62) -> Figures:
    """From the readings of passages of [since, until) ms; what is not settled counts in no rate.

    FNIR: residents not named rightly; FPIR: strangers named; APCER: attacks let in; each of its own kind.
    """
    rows = reader.rows(
        # a cross join begins with the few that were read: by their time it went through a million passages, four seconds
        "SELECT s.standing, s.verdict, p.outcome, count(*) FROM gatelog_standing s CROSS JOIN gatelog_passages p"
        " ON p.fact = s.passage WHERE p.at >= ? AND p.at < ? AND p.method = 'face' GROUP BY 1, 2, 3",
        (since, until),
    )
    stands: Counter[str] = Counter()
    count: Counter[tuple[str, str]] = Counter()
    for stand, verdict, end, n in rows:
        stands[stand] += n
        if stand == Standing.SETTLED:
            count[verdict, end] += n

    def of(verdict: str, *ends: str) -> int:
        return sum(n for (v, end), n in count.items() if v == verdict and (not ends or end in ends))

    missed = of("resident_refused", "unknown", "unsure") + of("wrong_person", "identified")
    named, turned = of("right", "identified"), of("right", "unknown", "unsure")
    taken, attacks, let_in = of("stranger_in", "identified"), of("attack"), of("attack", "identified")
    return Figures(
        sum(stands.values()), stands[Standing.SETTLED], stands[Standing.DISPUTED],
        exact(missed, missed + named), exact(taken, taken + turned), exact(let_in, attacks),
    )  # fmt: skip


def visitors(reader: Reader) -> dict[str, str]:
    """Whom each visitor's pass leads to: a passage by a pass carries the pass's own id in the place of a person's."""
    rows = reader.rows(
        "SELECT json_extract(p.body, '$.pass'), f.subject FROM facts f JOIN payloads p ON p.fact = f.rowid"
        " WHERE f.kind = ? AND p.body IS NOT NULL",
        (PASS_ISSUED,),
    )
    return {str(id): str(person) for id, person in rows}


def waiting(reader: Reader, by: str) -> int:
    """How many passages wait for a further reader, which somebody could be."""
    return int(
        reader.value(
            "SELECT count(*) FROM gatelog_standing s WHERE standing IN ('second', 'disputed') AND NOT EXISTS"
            " (SELECT 1 FROM gatelog_verdicts v WHERE v.passage = s.passage AND v.by = ?)",
            (by,),
        )
    )


def labelled(reader: Reader) -> Iterator[tuple[Any, ...]]:
    """Reviewed passages of people whose consent for the gate holds (or of nobody), without any name."""
    yield (
        "passage",
        "at_ms",
        "gate",
        "outcome",
        "reason",
        "score",
        "threshold",
        "quality",
        "liveness",
        "reader",
        "verdict",
        "settled",
    )
    yield from reader.rows(
        "SELECT f.id, p.at, p.gate, p.outcome, p.reason, p.score, p.threshold, p.quality, p.liveness, v.by, v.verdict,"
        " s.verdict FROM gatelog_verdicts v CROSS JOIN gatelog_passages p ON p.fact = v.passage JOIN facts f ON f.rowid = p.fact"
        " JOIN gatelog_standing s ON s.passage = p.fact"
        " WHERE p.person IS NULL OR EXISTS (SELECT 1 FROM roster_consents c WHERE c.person = p.person"
        " AND c.purpose = 'face_at_gate' AND c.given) ORDER BY p.at"
    )


def export(reader: Reader, path: Path, told: Callable[[float], None] = lambda _: None) -> int:
    """Write the labelled set as CSV, whole or not at all; returns how many rows. `told` hears how far it is and may stop it by
    raising. Raises OSError."""
    heading, *rows = labelled(reader)
    with whole_file(path) as part:
        with part.open("w", newline="", encoding="utf-8") as file:
            out = csv.writer(file)
            out.writerow(heading)
            for begin in range(0, len(rows), WRITTEN_AT_ONCE):
                told(begin / len(rows))
                out.writerows(rows[begin : begin + WRITTEN_AT_ONCE])
        told(1.0)
    return len(rows)
