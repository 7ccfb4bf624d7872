"""`./run evaluate liveness DIR`: DIR/live/<clip> and DIR/attack/<species>/<clip>, by passive evidence alone.

Passive evidence may refuse and never vouches. BPCER is the share of live clips refused outright; a species' APCER the share of
its clips *not* refused, though none of them is let in by this: what is undecided would be challenged, and is counted per class.
"""

import argparse
import json
import sys
from pathlib import Path
from statistics import fmean

from evaluate._pool import each
from evaluate._recordings import clips, folders, told, untold, watched
from evaluate._statistics import clopper_pearson
from kiosk.faces.engine import FaceEngine
from kiosk.faces.engines import load_engine
from kiosk.faces.passive import SPACING_S, Passive
from kiosk.faces.passive_pack import PassivePack

UNNAMED = "unnamed"  # the species of attacks that lie in no folder of one
UNTIMED_S = 10.0
# Of 211 runs of consecutive frames in the shared live clips, taken so, 12 to 15 frames would refuse three, 16 and more none
UNTIMED_FRAMES = 16

_models: tuple[FaceEngine, PassivePack | None]


def main(argv: list[str]) -> int:
    """Assess every clip, print one JSON object on the last line."""
    parser = argparse.ArgumentParser(prog="./run evaluate liveness", description=__doc__)
    parser.add_argument("dir", type=Path)
    parser.add_argument("--json", action="store_true", help="(the last line is always JSON)")
    parser.add_argument("--passive-pack", type=Path, metavar="FOLDER", help="an operator's network votes too")
    asked = parser.parse_args(argv)
    attack = asked.dir / "attack"
    classes = {"live": clips(asked.dir / "live")} | {d.name: clips(d) for d in folders(attack)}
    if loose := [(name, source) for name, source in clips(attack) if source.is_file() and source.parent == attack]:
        classes[UNNAMED] = loose
    found = [(name, source) for name, within in classes.items() for _, source in within]
    if asked.passive_pack:
        PassivePack(asked.passive_pack)  # refused before anything is looked at
    refused: dict[str, list[bool]] = {name: [] for name in classes}
    looked_at = each(_look, [source for _, source in found], start=_start, args=(asked.passive_pack,))
    for (name, _), verdict in zip(found, looked_at, strict=True):
        if verdict is not None:
            refused[name].append(verdict)
    live = refused.pop("live")
    attacks = {species: r for species, r in refused.items() if r}
    answer = {
        "clips": len(live) + sum(map(len, attacks.values())),
        "bpcer": _share(sum(live), len(live)) if live else None,
        "bpcer_ci95": clopper_pearson(sum(live), len(live)),
        "apcer": {species: _share(len(r) - sum(r), len(r)) for species, r in attacks.items()},
        "apcer_ci95": {species: clopper_pearson(len(r) - sum(r), len(r)) for species, r in attacks.items()},
        "undecided": {"live": len(live) - sum(live)} | {s: len(r) - sum(r) for s, r in attacks.items()},
        "unreadable": len(found) - sum(map(len, refused.values())) - len(live),
        "counts": {"live": len(live)} | {s: len(r) for s, r in attacks.items()},
    }
    if not answer["clips"]:
        print(
            f"There are no clips that can be played in {asked.dir}/live or {asked.dir}/attack/<species>.",
            file=sys.stderr,
        )
    print(json.dumps(answer))
    return 0 if answer["clips"] else 1


def _share(some: int, of: int) -> float:
    return round(some / of, 5)


def _start(pack: Path | None) -> None:
    global _models
    _models = load_engine("sface"), PassivePack(pack) if pack else None


def _look(source: Path) -> bool | None:
    """Whether the clip is refused; None, and a word about it, where it cannot be played."""
    try:
        return refuses(_models[0], source, _models[1])
    except Exception as e:  # one bad clip among many is said and left out
        print(f"\n{told(e, source)}", file=sys.stderr, flush=True)
        return None


def refuses(engine: FaceEngine, source: Path, pack: PassivePack | None = None) -> bool:
    """Whether passive evidence refuses this clip at any moment of it, or a pack's vote over all of it does.

    A folder of fewer than a hundred pictures without any times is taken to last ten seconds, and is judged as a whole: at its end,
    and from UNTIMED_FRAMES faces on.
    """
    passive = Passive()
    votes: list[float] = []
    stretch = untold(source, UNTIMED_S)
    for seconds, frame, face in watched(engine, source, SPACING_S, stretch):
        passive.add(seconds, frame.image, face.points)
        if pack is not None:
            votes.append(pack.attack(frame.image, face))
        if stretch == 1.0 and passive.cues().refuses:
            return True
    if passive.cues().refuses and passive.cues().frames >= UNTIMED_FRAMES:
        return True
    return pack is not None and bool(votes) and fmean(votes) >= pack.threshold
