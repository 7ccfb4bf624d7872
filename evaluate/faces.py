"""`./run evaluate faces DIR --json`: open-set identification of DIR/<person>/<image> by the product's own rules."""

import argparse
import json
import random
import sys
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from domain.errors import Mendable
from domain.identification import Candidate, Operating, Outcome, judge
from evaluate._embeddings import Embedded, embed_all
from evaluate._recordings import folders
from evaluate._statistics import interval
from kiosk.camera.playback import PICTURES
from kiosk.faces.calibration import calibrate
from kiosk.faces.engine import Vector
from kiosk.faces.engines import load_engine
from kiosk.faces.enrolment import is_photo, odd_ones, refusal
from kiosk.faces.gallery import Gallery, fuse
from kiosk.faces.quality import GATE, OFF, Limits
from kiosk.faces.tail import ScoreTail
from offline.program import sentence, terminal_language

MOST_TOLD = 20  # pictures refused for one reason
DET_AT = (0.1, 0.03, 0.01, 0.003, 0.001)


@dataclass(frozen=True, slots=True)
class Visit:
    """One probe visit: whose it is, whether that person is enrolled, whether a face was acquired, and the two best candidates."""

    person: str
    enrolled: bool
    acquired: bool
    candidates: tuple[Candidate, ...]

    @property
    def best(self) -> float:
        return self.candidates[0].score if self.candidates else -1.0


def main(argv: list[str]) -> int:
    """Parse, measure, print one JSON object on the last line."""
    asked = _parser().parse_args(argv)
    engine = load_engine(asked.engine)
    people = {d.name: files for d in folders(asked.dir) if (files := _pictures(d))}
    for empty in (d for d in folders(asked.dir) if d.name not in people):
        print(f"{empty.name}: there is no picture in it that can be read here; left out.", file=sys.stderr)
    if not people:
        print(f"There are no pictures in {asked.dir}/<person>.", file=sys.stderr)
    found = embed_all([p for files in people.values() for p in files], engine, load=asked.engine)
    limits = OFF if asked.quality == "off" else GATE
    refused = {path: why for path, e in found.items() if (why := _refusal(path, e, limits, asked.dir)) is not None}
    _tell(refused.values())
    usable = {path: None if path in refused else e for path, e in found.items()}

    residents = {person: files[: asked.enrol] for person, files in people.items() if len(files) > asked.enrol}
    rows = {person: _template(files, usable, engine.tail) for person, files in residents.items()}
    gallery = Gallery(((person, np.stack(v)) for person, v in rows.items() if v), dim=engine.dim)
    at = calibrate(gallery, engine.tail, asked.target_fpir)
    order = list(people)
    random.Random(asked.seed).shuffle(order)
    visits, searches = _visits(order, people, residents, usable, gallery, asked.enrol, asked.frames)
    answer = {
        "people": len(people),
        "enrolled": len(gallery),
        "failed_to_enrol": len(residents) - len(gallery),
        **_figures(visits, at, asked.seed),
        "ms": {
            "frame_p50": _quantile([e.ms for e in found.values() if e.ms], 0.5),
            "frame_p95": _quantile([e.ms for e in found.values() if e.ms], 0.95),
            "search_p50": _quantile(searches, 0.5),
        },
    }
    print(json.dumps(answer))
    return 0 if people else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="./run evaluate faces", description=__doc__)
    parser.add_argument("dir", type=Path)
    parser.add_argument("--engine", default="sface", help="sface, face_recognition or pack:FOLDER")
    parser.add_argument("--enrol", type=_count, default=3, metavar="K", help="photographs enrolled of each person")
    parser.add_argument("--frames", type=_count, default=3, metavar="F", help="images fused in a probe visit")
    parser.add_argument("--target-fpir", type=_rate_between, default=1e-3, metavar="P")
    parser.add_argument(
        "--quality", choices=("on", "off"), default="on", help="the gate's limits of size and sharpness"
    )
    parser.add_argument("--seed", type=int, default=0, help="of the resampled intervals")
    parser.add_argument("--json", action="store_true", help="(the last line is always JSON)")
    return parser


def _count(text: str) -> int:
    if (n := int(text)) < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return n


def _rate_between(text: str) -> float:
    if not 0 < (rate := float(text)) < 1:
        raise argparse.ArgumentTypeError("between 0 and 1")
    return rate


def _pictures(folder: Path) -> list[Path]:
    """A person's pictures by name; one that then cannot be read counts as a failure."""
    try:
        return sorted(p for p in folder.iterdir() if not p.name.startswith(".") and _picture(p))
    except OSError as e:
        print(f"{folder}: {e.strerror}", file=sys.stderr)
        return []


def _picture(path: Path) -> bool:
    """A file that is called a picture, or is one under another name; a link to nowhere is none."""
    return path.is_file() and (path.suffix.lower() in PICTURES or is_photo(path))


def _refusal(path: Path, e: Embedded, limits: Limits, below: Path) -> Mendable | None:
    name = path.relative_to(below).as_posix()
    if e.quality is None:
        return Mendable(e.code if e.code.startswith("photo_") else "photo_unreadable", file=name)
    return refusal(name, e.quality, limits)


def _tell(refused: Iterable[Mendable]) -> None:
    """One sentence a picture that is not used, and no more than MOST_TOLD of a kind: public sets have thousands of small faces."""
    language, told = terminal_language(), Counter[str]()
    for why in refused:
        told[why.code] += 1
        if told[why.code] <= MOST_TOLD:
            print(sentence(why, language), file=sys.stderr)
    for code, count in told.items():
        if count > MOST_TOLD:
            print(f"{code}: {count - MOST_TOLD} more of it.", file=sys.stderr)


def _template(files: list[Path], usable: dict[Path, Embedded | None], tail: ScoreTail) -> list[Vector]:
    """What enrolment makes of these pictures."""
    found = [v for p in files if (e := usable[p]) and (v := e.embedding) is not None]
    odd = odd_ones(found, tail)
    return [v for i, v in enumerate(found) if i not in odd]


def _visits(
    order: Sequence[str],
    people: dict[str, list[Path]],
    residents: dict[str, list[Path]],
    usable: dict[Path, Embedded | None],
    gallery: Gallery,
    enrol: int,
    frames: int,
) -> tuple[list[Visit], list[float]]:
    """Every probe visit in `order` of people, and the milliseconds each search took."""
    visits, searches = [], []
    for person in order:
        probes = people[person][enrol:] if person in residents else people[person]
        for start in range(0, len(probes), frames):
            shots = [e for p in probes[start : start + frames] if (e := usable[p])]
            candidates: tuple[Candidate, ...] = ()
            if shots:
                query = fuse(
                    [e.embedding for e in shots if e.embedding is not None],
                    [e.quality.unified for e in shots if e.quality],
                )
                began = time.perf_counter()
                candidates = gallery.search(query)
                searches.append(1000 * (time.perf_counter() - began))
            visits.append(Visit(person, person in residents, bool(shots), candidates))
    return visits, searches


def _figures(visits: list[Visit], at: Operating, seed: int) -> dict[str, object]:
    known = [v for v in visits if v.enrolled]
    strange = [v for v in visits if not v.enrolled]
    verdicts = {id(v): judge(v.candidates, at) if v.candidates else None for v in visits}

    def named(v: Visit) -> str | None:
        verdict = verdicts[id(v)]
        return verdict.person_id if verdict and verdict.outcome is Outcome.IDENTIFIED else None

    missed = [named(v) != v.person for v in known]
    taken = [named(v) is not None for v in strange]
    wrong = sum(named(v) not in (None, v.person) for v in known)
    return {
        "visits": len(visits),
        "failed_to_acquire": sum(not v.acquired for v in visits),
        "strangers": len({v.person for v in strange}),
        "rank1": _rate([bool(v.candidates) and v.candidates[0].person_id == v.person for v in known]),
        "operating": {
            "threshold": round(at.threshold, 4),
            "threshold_ci95": [round(x, 4) for x in at.threshold_ci95],
            "target_fpir": at.target_fpir,
            "stated_fpir_ci95": _rounded(at.fpir_ci95),  # what the product itself said before a stranger came
            "fpir": _rate(taken),
            "fpir_ci95": _rounded(interval(taken, [v.person for v in strange], seed)),
            "fnir": _rate(missed),
            "fnir_ci95": _rounded(interval(missed, [v.person for v in known], seed)),
            "wrong_name": _rate([True] * wrong + [False] * (len(known) - wrong)),
        },
        "det": [[p, _fnir_at(p, known, strange, at)] for p in DET_AT],
    }


def _fnir_at(fpir: float, known: list[Visit], strange: list[Visit], at: Operating) -> float | None:
    """FNIR by the same rules at the threshold that exactly `fpir` of the strangers seen would pass."""
    if not strange or not known:
        return None
    scores = sorted((v.best for v in strange), reverse=True)
    let_in = int(fpir * len(scores))
    here = replace(at, threshold=float(np.nextafter(scores[let_in], 2)) if let_in < len(scores) else -1.0)
    hits = [bool(v.candidates) and judge(v.candidates, here).person_id == v.person for v in known]
    return round(1 - sum(hits) / len(hits), 5)


def _rate(events: Sequence[bool]) -> float | None:
    return round(sum(events) / len(events), 5) if events else None


def _rounded(pair: tuple[float, float]) -> list[float]:
    return [round(x, 5) for x in pair]


def _quantile(values: Sequence[float], q: float) -> float | None:
    return round(float(np.quantile(values, q)), 3) if values else None
