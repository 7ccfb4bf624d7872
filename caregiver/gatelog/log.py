"""The gate log: passages a page at a time by key, what reviewers said of them, and the error rates that follow. No Qt."""

import csv
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from caregiver.gatelog.rates import Rate, exact
from caregiver.reading import Reader

PAGE = 200
NOT_THIS_PERSON = frozenset({"wrong_person", "stranger_in"})  # the resident was taken for somebody they are not
VERDICTS = ("right", "wrong_person", "stranger_in", "resident_refused", "attack", "unsure")
_COLUMNS = "p.fact, p.at, p.gate, p.direction, p.method, p.outcome, p.reason, p.person, p.score, p.threshold, p.liveness, p.quality"


@dataclass(frozen=True, slots=True)
class GateFilter:
    """Everything empty: all. Times in ms; `review` is "", "open" (nobody has looked) or "disputed"."""

    gate: str = ""
    method: str = ""
    outcome: str = ""
    reason: str = ""
    person: str = ""
    since: int = 0
    until: int = 0
    review: str = ""


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
    verdicts: tuple[tuple[str, str], ...] = ()  # (reader, verdict)

    @property
    def settled(self) -> str:
        """What the readers agree on; "disputed" where two differ; "" where nobody has looked."""
        said = {verdict for _, verdict in self.verdicts if verdict != "unsure"}
        if not self.verdicts:
            return ""
        return "unsure" if not said else said.pop() if len(said) == 1 else "disputed"


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
        f"SELECT passage, by, verdict FROM gatelog_verdicts WHERE passage IN ({marks})"
    ):
        said.setdefault(fact, []).append((by, verdict))
    return [_said(p, said.get(p.fact, ())) for p in passages]


def _said(p: Passage, verdicts: Any) -> Passage:
    return Passage(
        p.fact, p.at, p.gate, p.direction, p.method, p.outcome, p.reason, p.person, p.score, p.threshold, p.liveness,
        p.quality, tuple(verdicts),
    )  # fmt: skip


def _where(wanted: GateFilter) -> tuple[list[str], list[Any]]:
    conditions: list[str] = ["1"]
    values: list[Any] = []
    for column in ("gate", "method", "outcome", "reason", "person"):
        if value := getattr(wanted, column):
            conditions.append(f"p.{column} = ?")
            values.append(value)
    if wanted.since:
        conditions.append("p.at >= ?")
        values.append(wanted.since)
    if wanted.until:
        conditions.append("p.at < ?")
        values.append(wanted.until)
    if wanted.review == "open":
        conditions.append("NOT EXISTS (SELECT 1 FROM gatelog_verdicts v WHERE v.passage = p.fact)")
    elif wanted.review == "disputed":
        conditions.append(
            "(SELECT count(DISTINCT verdict) FROM gatelog_verdicts v WHERE v.passage = p.fact AND verdict <> 'unsure') > 1"
        )
    return conditions, values


def gates(reader: Reader) -> list[str]:
    """The gates that were passed; steps through the index of times no further than the newest few thousand."""
    rows = reader.rows(
        "SELECT DISTINCT gate FROM (SELECT gate FROM gatelog_passages ORDER BY at DESC LIMIT 5000) ORDER BY gate"
    )
    return [row[0] for row in rows if row[0]]


@dataclass(frozen=True, slots=True)
class Figures:
    """ISO/IEC 19795-1 and 30107-3 error rates over what was reviewed and agreed on, each with its interval."""

    reviewed: int
    disputed: int
    fnir: Rate
    fpir: Rate
    apcer: Rate


def figures(reader: Reader, since: int = 0, until: int = 1 << 62) -> Figures:
    """From verdicts on passages of [since, until) ms.

    FNIR: residents not named rightly; FPIR: strangers named; APCER: attacks let in; each of its own kind.
    """
    rows = reader.rows(
        "SELECT v.passage, v.verdict, p.outcome FROM gatelog_verdicts v JOIN gatelog_passages p ON p.fact = v.passage"
        " WHERE p.at >= ? AND p.at < ? AND p.method = 'face'",
        (since, until),
    )
    said: dict[int, set[str]] = {}
    outcome: dict[int, str] = {}
    for fact, verdict, end in rows:
        outcome[fact] = end
        if verdict != "unsure":
            said.setdefault(fact, set()).add(verdict)
    settled = {fact: next(iter(words)) for fact, words in said.items() if len(words) == 1}
    count = Counter((verdict, outcome[fact]) for fact, verdict in settled.items())

    def of(verdict: str, *ends: str) -> int:
        return sum(n for (v, end), n in count.items() if v == verdict and (not ends or end in ends))

    missed = of("resident_refused") + of("wrong_person")
    named, turned = of("right", "identified"), of("right", "unknown", "unsure")
    attacks, let_in = of("attack"), of("attack", "identified")
    return Figures(
        len(outcome), sum(len(words) > 1 for words in said.values()),
        exact(missed, missed + named), exact(of("stranger_in"), of("stranger_in") + turned), exact(let_in, attacks),
    )  # fmt: skip


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
    )
    yield from reader.rows(
        "SELECT f.id, p.at, p.gate, p.outcome, p.reason, p.score, p.threshold, p.quality, p.liveness, v.by, v.verdict"
        " FROM gatelog_verdicts v JOIN gatelog_passages p ON p.fact = v.passage JOIN facts f ON f.rowid = p.fact"
        " WHERE p.person IS NULL OR EXISTS (SELECT 1 FROM roster_consents c WHERE c.person = p.person"
        " AND c.purpose = 'face_at_gate' AND c.given) ORDER BY p.at"
    )


def export(reader: Reader, path: Path) -> int:
    """Write the labelled set as CSV; returns how many rows."""
    rows = list(labelled(reader))
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
    return len(rows) - 1
