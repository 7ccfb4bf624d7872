"""`./run evaluate liveness DIR`: DIR/live/<clip> and DIR/attack/<species>/<clip>, by passive evidence alone.

Passive evidence may refuse and never vouches. BPCER is the share of live clips refused outright; a species' APCER the share of
its clips *not* refused, though none of them is let in by this: what is undecided would be challenged, and is counted per class.
"""

import argparse
import json
import sys
from pathlib import Path
from statistics import fmean

from domain.errors import Mendable
from evaluate._recordings import clips, watched
from evaluate._statistics import clopper_pearson
from kiosk.faces.engine import FaceEngine
from kiosk.faces.engines import load_engine
from kiosk.faces.passive import Passive
from kiosk.faces.passive_pack import PassivePack


def main(argv: list[str]) -> int:
    """Assess every clip, print one JSON object on the last line."""
    parser = argparse.ArgumentParser(prog="./run evaluate liveness", description=__doc__)
    parser.add_argument("dir", type=Path)
    parser.add_argument("--json", action="store_true", help="(the last line is always JSON)")
    parser.add_argument("--passive-pack", type=Path, metavar="FOLDER", help="an operator's network votes too")
    asked = parser.parse_args(argv)
    attack = asked.dir / "attack"
    classes = {"live": asked.dir / "live"}
    classes |= {d.name: d for d in sorted(attack.iterdir()) if d.is_dir()} if attack.is_dir() else {}
    engine = load_engine("sface")
    try:
        pack = PassivePack(asked.passive_pack) if asked.passive_pack else None
    except Mendable as e:
        print(e, file=sys.stderr)
        return 1
    refused: dict[str, list[bool]] = {}
    unreadable = 0
    for name, folder in classes.items():
        refused[name] = []
        for _, source in clips(folder):
            try:
                refused[name].append(refuses(engine, source, pack))
            except Mendable as e:
                unreadable += 1
                print(f"{source}: {e}", file=sys.stderr)
    if not any(refused.values()):
        print(f"no clips under {asked.dir}/live or {asked.dir}/attack/<species>", file=sys.stderr)
        return 1
    live = refused.pop("live")
    attacks = {species: r for species, r in refused.items() if r}
    answer = {
        "clips": len(live) + sum(map(len, attacks.values())),
        "bpcer": sum(live) / len(live) if live else None,
        "bpcer_ci95": clopper_pearson(sum(live), len(live)),
        "apcer": {species: 1 - sum(r) / len(r) for species, r in attacks.items()},
        "apcer_ci95": {species: clopper_pearson(len(r) - sum(r), len(r)) for species, r in attacks.items()},
        "undecided": {"live": len(live) - sum(live)} | {s: len(r) - sum(r) for s, r in attacks.items()},
        "unreadable": unreadable,
        "counts": {"live": len(live)} | {s: len(r) for s, r in attacks.items()},
    }
    print(json.dumps(answer))
    return 0


def refuses(engine: FaceEngine, source: Path, pack: PassivePack | None = None) -> bool:
    """Whether passive evidence refuses this clip at any moment of it, or a pack's vote over all of it does."""
    passive = Passive()
    votes: list[float] = []
    for seconds, frame, face in watched(engine, source):
        passive.add(seconds, face.points)
        if pack is not None:
            votes.append(pack.attack(frame.image, face))
        if passive.cues().refuses:
            return True
    return pack is not None and bool(votes) and fmean(votes) >= pack.threshold
