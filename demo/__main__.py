"""`./run demo`: the play, its table and its exit status."""

import argparse
import json
import os
import shutil
import statistics
import sys
import tempfile
from pathlib import Path

from assets.words import say
from demo.photos import fetch
from demo.play import Play, Report, Step
from domain.errors import Mendable
from offline.program import sentence, terminal_language

DESCRIPTION = """The main job, played on real input: a resident is recognised and let in, a stranger is shown another way, an
elder's passage reaches the caregiver's desk, a fall fills its screen and is acknowledged, and a passage made while the district
was away arrives once. The camera is a recording of photographs, the gate a relay played by pymodbus's own server; both say so."""
HERE = Path(__file__).resolve().parent.parent
LIMITS_MS = {"face_to_relay": 3000.0, "alarm_to_screen": 2000.0}


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser("./run demo", description=DESCRIPTION)
    top.add_argument("--headless", action="store_true", help="no windows: play to the end and leave")
    top.add_argument("--out", type=Path, metavar="DIR", help="write a picture of every screen the play passes")
    top.add_argument("--camera", metavar="SOURCE", help="0 for the first webcam, rtsp://… for a stream")
    top.add_argument("--language", choices=("zh", "en"), help="of the screens (default: the terminal's)")
    top.add_argument("--json", action="store_true", help="the report as one JSON object on the last line")
    return top


def main() -> int:
    args = parser().parse_args()
    language = args.language or terminal_language()
    headless = args.headless or not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    kept = HERE / ".var" / "demo"
    kept.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="play-", dir=kept))
    try:
        photos = fetch(HERE / ".var" / "photos")
        play = Play(folder, photos, args.camera, headless, args.out, language, lambda step: _tell(step, language))
        try:
            report = play.run()
            _table(report, language)
            if args.json:
                print(json.dumps(_as_json(report)))
            if not headless and report.ok:
                print(say(language, "demo.stay"))
                play.stay()
        finally:
            play.close()
    except Mendable as e:
        print(sentence(e, terminal_language()), file=sys.stderr)
        return 1
    if report.ok:
        shutil.rmtree(folder, ignore_errors=True)
    else:
        print(say(language, "demo.kept", folder=folder), file=sys.stderr)
    return 0 if report.ok and not _late(report) else 1


def _tell(step: Step, language: str) -> None:
    mark = "✓" if step.ok else "✗"
    took = f"{step.ms / 1000:6.1f} s" if step.ms is not None else " " * 8
    print(
        f"  {mark} {took}  {say(language, f'demo.step.{step.name}')}{f'  ({step.note})' if step.note else ''}",
        flush=True,
    )


def _table(report: Report, language: str) -> None:
    print()
    for name in ("face_to_decision", "face_to_relay", "alarm_to_screen"):
        times = getattr(report, name)
        if times:
            words = say(language, f"demo.{name}")
            print(
                say(language, "demo.times", what=words, n=len(times), median=statistics.median(times), most=max(times))
            )
    for name in _late(report):
        print(say(language, "demo.late", what=say(language, f"demo.{name}"), limit=LIMITS_MS[name] / 1000))
    missed = next((step for step in report.steps if not step.ok), None)
    if missed is not None:
        print(say(language, "demo.missed", step=say(language, f"demo.step.{missed.name}"), why=missed.note))


def _late(report: Report) -> list[str]:
    return [name for name, limit in LIMITS_MS.items() if max(getattr(report, name), default=0.0) >= limit]


def _as_json(report: Report) -> dict[str, object]:
    return {
        "ok": report.ok, "steps": {s.name: s.ok for s in report.steps},
        "face_to_decision_ms": report.face_to_decision, "face_to_relay_ms": report.face_to_relay,
        "alarm_to_screen_ms": report.alarm_to_screen,
    }  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
