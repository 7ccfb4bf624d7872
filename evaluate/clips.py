"""`./run evaluate clips DIR --enrol FILE=NAME,… --expect FILE=NAME|unknown|noface,…`: recordings at the gate, in real time."""

import argparse
import json
import sys
from pathlib import Path

import numpy as np

from domain.errors import Mendable
from domain.identification import Decision, Liveness, Outcome
from domain.liveness import Demand, Evidence, Policy, Risk, demand
from evaluate._recordings import spread, told
from evaluate._replay import Replay
from kiosk.faces.engines import load_engine
from kiosk.faces.enrolment import enrol_frames
from kiosk.faces.pipeline import Settings
from kiosk.faces.quality import GATE, OFF


def main(argv: list[str]) -> int:
    """Enrol, play, score identification; admission is reported apart."""
    asked = _parser().parse_args(argv)
    limits = OFF if asked.quality == "off" else GATE
    engine = load_engine(asked.engine)
    rows: dict[str, list[np.ndarray]] = {}
    for file, name in asked.enrol:
        try:
            rows.setdefault(name, []).append(enrol_frames(engine, file, spread(asked.dir / file), limits))
        except Mendable as e:
            print(f"{file}: {told(e)}", file=sys.stderr)
    people = [(name, np.concatenate(parts)) for name, parts in rows.items() if parts]
    if not people:
        print("Nobody could be enrolled: no clip named with --enrol shows one face well enough.", file=sys.stderr)
    # the recording is treated as a real camera's, so that liveness is assessed; what it would lead to is counted apart
    settings = Settings(simulated=False, limits=limits, target_fpir=asked.target_fpir, challenge=False)
    with Replay(settings, people, asked.engine) as replay:
        visits = [_visit(file, want, _played(replay, asked.dir / file)) for file, want in asked.expect]
    times = [float(str(v["ms"])) for v in visits if v["ms"] is not None]
    right = sum(bool(v["right"]) for v in visits)
    answer = {
        "right": right,
        "wrong": len(visits) - right,
        "enrolled": len(people),
        "visits": visits,
        "ms_p50": round(float(np.quantile(times, 0.5)), 1) if times else None,
        "ms_p95": round(float(np.quantile(times, 0.95)), 1) if times else None,
        "admission": {d.value: sum(v["admission"] == d.value for v in visits) for d in Demand},
    }
    print(json.dumps(answer, ensure_ascii=False))
    return 0 if people and times else 1


def _played(replay: Replay, path: Path) -> list[Decision] | None:
    """Its visits' decisions; None, and a word about it, where it cannot be played."""
    try:
        return replay.play(str(path))
    except Mendable as e:
        print(told(e), file=sys.stderr)
        return None


def _visit(file: str, expected: str, played: list[Decision] | None) -> dict[str, object]:
    """Score one recording: every name given in it counts, not the first alone. What cannot be played is wrong."""
    decisions = played or []
    names = {d.person_id for d in decisions if d.outcome is Outcome.IDENTIFIED}
    with_face = [d for d in decisions if d.frames_used] or decisions
    first = next((d for d in decisions if d.outcome is Outcome.IDENTIFIED), with_face[0] if with_face else None)
    decision = "unreadable" if played is None else "noface" if first is None else first.person_id or first.outcome.value
    if expected.casefold() == "noface":
        right = played is not None and not decisions
    elif expected.casefold() == "unknown":
        right = bool(decisions) and not names
    else:
        right = names == {expected}
    return {
        "file": file,
        "expected": expected,
        "decision": decision,
        "reason": first.reason.value if first else None,
        "liveness": first.liveness.value if first else None,
        "admission": _admission(first),
        "ms": round(first.ms, 1) if first and first.frames_used else None,
        "score": round(first.candidates[0].score, 3) if first and first.candidates else None,
        "threshold": round(first.threshold, 3) if first else None,
        "right": right,
    }


def _admission(decision: Decision | None) -> str | None:
    """What a gate at the standard policy without infrared would do next with an identified visit."""
    if decision is None or decision.outcome is not Outcome.IDENTIFIED:
        return None
    refused = decision.liveness is Liveness.ATTACK
    return demand(Policy.STANDARD, Evidence(passive_refusal=refused), Risk(first_today=True))[0].value


def _pairs(text: str) -> list[tuple[str, str]]:
    """FILE=NAME,…; a file's name may hold commas and equals signs."""
    found: list[tuple[str, str]] = []
    file = ""
    for part in text.split(","):
        file += part
        name = file.rpartition("=")
        if not name[1]:
            file += ","
        elif name[0].strip() and name[2].strip():
            found.append((name[0].strip(), name[2].strip()))
            file = ""
        else:
            break
    if file.strip(", \n"):
        raise argparse.ArgumentTypeError(f"“{file}” is not FILE=NAME")
    return found


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="./run evaluate clips", description=__doc__)
    parser.add_argument("dir", type=Path)
    parser.add_argument("--enrol", type=_pairs, action="extend", required=True, metavar="FILE=NAME,…")
    parser.add_argument("--expect", type=_pairs, action="extend", required=True, metavar="FILE=NAME|unknown|noface,…")
    parser.add_argument("--engine", default="sface", help="sface, face_recognition or pack:FOLDER")
    parser.add_argument("--target-fpir", type=float, default=1e-3, metavar="P")
    parser.add_argument(
        "--quality", choices=("on", "off"), default="on", help="the gate's limits of size and sharpness"
    )
    parser.add_argument("--json", action="store_true", help="(the last line is always JSON)")
    return parser
