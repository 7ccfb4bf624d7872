"""`./run evaluate challenge DIR`: recorded answers DIR/<response>/<clip> to the sequence in the clip's asked.txt.

A line of asked.txt is a turn (left, right, centre; the person's own left), or a turn with its first and last second:
`left 1.0 2.3`. With times the answer must keep them; without, the turns made must be the turns asked, in order. asked.txt lies in
the clip's folder, beside a video as <video name>.asked.txt, or once for all clips of a response.
"""

import argparse
import json
import re
import sys
from pathlib import Path

from domain.challenge import Answer, Step, Turn
from domain.errors import Mendable
from evaluate._recordings import clips, watched
from evaluate._statistics import clopper_pearson
from kiosk.faces.engine import FaceEngine, Vector
from kiosk.faces.engines import load_engine
from kiosk.faces.turning import CHECK_YAW_DEG, HeadTurn

NAMES = (
    dict.fromkeys(("left", "l", "左"), Turn.LEFT)
    | dict.fromkeys(("right", "r", "右"), Turn.RIGHT)
    | dict.fromkeys(("centre", "center", "c", "straight", "front", "forward", "middle", "中", "正"), Turn.CENTRE)
)
SECONDS = re.compile(r"(?<=\d)s$")
BETWEEN = re.compile(r"[\s,;:@|>=\[\](){}\"']+")  # whatever stands between the words
BEFORE = 3  # frames from the start that say who was asked


def main(argv: list[str]) -> int:
    """Grade every clip, print one JSON object on the last line."""
    parser = argparse.ArgumentParser(prog="./run evaluate challenge", description=__doc__)
    parser.add_argument("dir", type=Path)
    parser.add_argument("--json", action="store_true", help="(the last line is always JSON)")
    asked = parser.parse_args(argv)
    engine = load_engine("sface")
    rows: list[dict[str, object]] = []
    unreadable = 0
    for folder in sorted(p for p in asked.dir.iterdir() if p.is_dir()) if asked.dir.is_dir() else ():
        for name, source in clips(folder):
            try:
                graded = answer(engine, source, read_asked(folder, name, source))
            except (Mendable, OSError, ValueError) as e:  # one bad clip among many is said and left out
                unreadable += 1
                print(f"{source}: {e}", file=sys.stderr)
                continue
            rows.append({"response": folder.name, "clip": name, "answer": graded.value})
    if not rows:
        print(f"no clip with its asked.txt under {asked.dir}/<response>", file=sys.stderr)
        return 1
    responses: dict[str, list[bool]] = {}
    for row in rows:
        responses.setdefault(str(row["response"]), []).append(row["answer"] == Answer.PASSED.value)
    summary = {
        r: {"clips": len(p), "passed": sum(p), "rate": sum(p) / len(p), "ci95": clopper_pearson(sum(p), len(p))}
        for r, p in responses.items()
    }
    print(json.dumps({"clips": len(rows), "responses": summary, "unreadable": unreadable, "answers": rows}))
    return 0


def read_asked(folder: Path, name: str, source: Path) -> list[Step] | list[Turn]:
    """The asked sequence of a clip: steps where it gives times, turns where it does not.

    Raises OSError without an asked.txt, ValueError where it cannot be read.
    """
    places = [
        folder / name / "asked.txt",
        source.with_suffix(".asked.txt"),
        Path(f"{source}.asked.txt"),
        folder / "asked.txt",
    ]
    path = next((p for p in places if p.is_file()), places[0])
    words = [w for w in BETWEEN.split(path.read_text("utf-8-sig").replace("->", " ").lower()) if w]
    turns = [NAMES[w] for w in words if w in NAMES]
    numbers = [float(SECONDS.sub("", w)) for w in words if w not in NAMES]  # a word that is neither is a ValueError
    if not turns or len(numbers) not in (0, len(turns), 2 * len(turns)):
        raise ValueError(f"{path}: turns, each with no time, its start, or its start and end")
    if not numbers:
        return turns
    if len(numbers) == len(turns):
        ends = [*numbers[1:], numbers[-1] + 1.5]
        return [Step(t, a, b) for t, a, b in zip(turns, numbers, ends, strict=True)]
    return [Step(t, numbers[2 * i], numbers[2 * i + 1]) for i, t in enumerate(turns)]


def answer(engine: FaceEngine, source: Path, asked: list[Step] | list[Turn]) -> Answer:
    """Grade one recording. Who was asked is the face of its first frames."""
    before: list[Vector] = []
    turning: HeadTurn | None = None
    for seconds, frame, face in watched(engine, source):
        if turning is None:
            turning = HeadTurn(engine, before)
        turning.add(seconds, frame.image, face)
        if len(before) < BEFORE and abs(turning.poses[-1].left_deg) <= CHECK_YAW_DEG:
            before.append(engine.embed(frame.image, face))
            turning.before = before
    if turning is None:
        return Answer.INCOMPLETE
    steps = [s for s in asked if isinstance(s, Step)]
    return turning.answer(steps) if steps else turning.answer_untimed([t for t in asked if isinstance(t, Turn)])
