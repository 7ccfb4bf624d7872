"""`./run evaluate challenge DIR`: recorded answers DIR/<response>/<clip> to the sequence in the clip's asked.txt.

A line of asked.txt is a turn (left, right, centre; the person's own left), or a turn with its first and last second:
`left 1.0 2.3`. With times the answer must keep them; without, the turns made must be the turns asked, in order. asked.txt lies in
the clip's folder, beside a video as <video name>.asked.txt, or once for all clips of a response.
"""

import argparse
import json
import sys
from pathlib import Path

from domain.challenge import Answer, Step, Turn
from evaluate._asked import read_asked
from evaluate._pool import each
from evaluate._recordings import clips, folders, told, untold, watched
from evaluate._statistics import clopper_pearson
from kiosk.faces.engine import FaceEngine, Vector
from kiosk.faces.engines import load_engine
from kiosk.faces.turning import HeadTurn

BEFORE, BEFORE_YAW_DEG = 3, 32.0  # frames from the start that say who was asked, and do so until they have turned
EVERY_S = 0.03  # frames nearer to each other than a camera's are left out

_engine: FaceEngine | None = None


def main(argv: list[str]) -> int:
    """Grade every clip, print one JSON object on the last line."""
    parser = argparse.ArgumentParser(prog="./run evaluate challenge", description=__doc__)
    parser.add_argument("dir", type=Path)
    parser.add_argument("--json", action="store_true", help="(the last line is always JSON)")
    asked = parser.parse_args(argv)
    found = [(folder, name, source) for folder in folders(asked.dir) for name, source in clips(folder)]
    graded = each(_grade, [(folder, source) for folder, _, source in found], start=_start)
    rows = [
        {"response": folder.name, "clip": name, "answer": grade.value}
        for (folder, name, _), grade in zip(found, graded, strict=True)
        if grade is not None
    ]
    unreadable = len(found) - len(rows)
    if not rows:
        print(f"There is no clip with its asked.txt in {asked.dir}/<response>.", file=sys.stderr)
    responses: dict[str, list[bool]] = {}
    for row in rows:
        responses.setdefault(str(row["response"]), []).append(row["answer"] == Answer.PASSED.value)
    summary = {
        r: {"clips": len(p), "passed": sum(p), "rate": sum(p) / len(p), "ci95": clopper_pearson(sum(p), len(p))}
        for r, p in responses.items()
    }
    print(json.dumps({"clips": len(rows), "responses": summary, "unreadable": unreadable, "answers": rows}))
    return 0 if rows else 1


def _start() -> None:
    global _engine
    _engine = load_engine("sface")


def _grade(clip: tuple[Path, Path]) -> Answer | None:
    """The answer in a recording; None, and a word about it, where it cannot be graded."""
    assert _engine is not None
    folder, source = clip
    try:
        return answer(_engine, source, read_asked(folder, source))
    except Exception as e:  # one bad clip among many is said and left out
        print(f"\n{told(e, source)}", file=sys.stderr, flush=True)
        return None


def answer(engine: FaceEngine, source: Path, asked: list[Step] | list[Turn]) -> Answer:
    """Grade one recording. Who was asked is the face of its first frames."""
    before: list[Vector] = []
    turning: HeadTurn | None = None
    steps = [s for s in asked if isinstance(s, Step)]
    stretch = untold(source, steps[-1].until) if steps else 1.0  # the asking's times tell how long it took
    newest = 0
    for seconds, frame, face in watched(engine, source, EVERY_S, stretch):
        if turning is None:
            turning = HeadTurn(engine, before)
        else:
            turning.miss(frame.index - newest - 1)
        newest = frame.index
        turning.add(seconds, frame.image, face)
        if len(before) < BEFORE and abs(turning.poses[-1].left_deg) <= BEFORE_YAW_DEG:
            before.append(engine.embed(frame.image, face))
            turning.before = before
    if turning is None:
        return Answer.INCOMPLETE
    return turning.answer(steps) if steps else turning.answer_untimed([t for t in asked if isinstance(t, Turn)])
