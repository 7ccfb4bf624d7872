"""`./run evaluate flat PICTURES`: the head-turn challenge against flat pictures that a hand moves before the camera.

Every picture below PICTURES is printed on a made sheet, PX pixels between the eyes, which a hand that knows what is asked holds
still, shifts and rolls, turns about its upright axis, bends to a cylinder, or all of it at once, by how much and how soon drawn
anew for every attempt. *exchanged*: the picture is held where straight ahead is asked, and for a turn it is taken away, before
somebody else's face that is turned already. *posed* (only where it is named): three prints of the same person, made of the one
picture by turning it in a computer, exchanged in time. The sensor's noise is as in real clips. APCER by species, with counts and
exact intervals (ISO/IEC 30107-3).
Made attacks: they say what a flat picture's pose can do, and nothing of screens and masks.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

import numpy as np
from PIL import Image as Pillow

from domain.challenge import Answer, Step, Turn, draw
from domain.liveness import USUAL_TURNS
from evaluate._pool import each
from evaluate._recordings import told
from evaluate._statistics import clopper_pearson
from evaluate._turned import sampled, turned
from kiosk.camera.playback import PICTURES
from kiosk.faces.engine import FaceEngine, Image
from kiosk.faces.engines import load_engine
from kiosk.faces.enrolment import only_face, read_photo
from kiosk.faces.quality import OFF, head_pose
from kiosk.faces.turning import HeadTurn

SPECIES = ("still", "moved", "turned", "bent", "all", "exchanged")
POSED = "posed"
PX, FPS, NOISE = 45, 6, 3.0  # between the eyes; looks a second, about as many as the gate takes; of 255
SCENE, WALL = (240, 320), (90, 95, 100)  # height and width of the camera's picture; what is behind the sheet
FARTHEST = (40.0, 50.0, 60.0, 70.0)  # degrees: one of them is seen as the farthest
WAYS = {Turn.LEFT: 1.0, Turn.RIGHT: -1.0, Turn.CENTRE: 0.0}

_engine: FaceEngine | None = None


@dataclass(frozen=True, slots=True)
class Hand:
    """How far a hand goes for a turn: degrees of turn and roll, bend in 1/half-widths, shift in half-widths, seconds until then."""

    turn: float = 0.0
    bend: float = 0.0
    shift: float = 0.0
    roll: float = 0.0
    after: float = 0.3
    angle: float = 0.0  # of what is held for a turn instead, degrees
    away: float = 0.0  # seconds without either, while they are exchanged


@dataclass(frozen=True, slots=True)
class Attempt:
    """One picture held before one challenge."""

    picture: Path
    other: Path  # of somebody else
    species: str
    seed: int
    turns: int
    fps: float = FPS


def main(argv: list[str]) -> int:
    """Attack with every picture in every way, print one JSON object on the last line."""
    parser = argparse.ArgumentParser(prog="./run evaluate flat", description=__doc__)
    parser.add_argument("dir", type=Path, metavar="PICTURES")
    parser.add_argument("--most", type=int, metavar="N", help="so many pictures, evenly chosen")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--species", action="append", choices=(*SPECIES, POSED), help=f"(default: all but {POSED})")
    parser.add_argument("--fps", type=float, default=FPS, metavar="N", help="looks a second")
    parser.add_argument("--turns", type=int, default=USUAL_TURNS, metavar="N", help="asked in each challenge")
    parser.add_argument("--json", action="store_true", help="(the last line is always JSON)")
    asked = parser.parse_args(argv)
    pictures = sorted(p for p in asked.dir.rglob("*") if p.suffix.lower() in PICTURES and p.is_file())
    if asked.most:
        pictures = pictures[:: -(-len(pictures) // asked.most)] if pictures else []
    attempts = [
        Attempt(
            picture,
            pictures[(i + len(pictures) // 2) % len(pictures)],
            species,
            asked.seed + 1000 * i + j,
            asked.turns,
            asked.fps,
        )
        for i, picture in enumerate(pictures)
        for j, species in enumerate((*SPECIES, POSED))
        if species in (asked.species or SPECIES)
    ]
    results: dict[str, list[bool]] = {species: [] for species in (*SPECIES, POSED)}
    passing: list[tuple[str, str, int]] = []
    for attempt, passed in zip(attempts, each(_attack, attempts, start=_start), strict=True):
        if passed is not None:
            results[attempt.species].append(passed)
        if passed:
            passing.append((attempt.picture.name, attempt.species, attempt.seed))
    every = [passed for of in results.values() for passed in of]
    if not every:
        print(f"There is no picture with one face in {asked.dir}.", file=sys.stderr)
    answer = {
        "attempts": len(every),
        "passed": sum(every),
        "refused": 1 - sum(every) / len(every) if every else None,
        "apcer_ci95": clopper_pearson(sum(every), len(every)),
        "apcer": {species: sum(of) / len(of) for species, of in results.items() if of},
        "counts": {species: len(of) for species, of in results.items()},
        "passing": passing,  # to be looked at one by one
        "unusable": len(attempts) - len(every),
    }
    print(json.dumps(answer))
    return 0 if every else 1


def _start() -> None:
    global _engine
    _engine = load_engine("sface")


def _attack(attempt: Attempt) -> bool | None:
    """Whether the picture passed; None, and a word about it, where it shows no face."""
    assert _engine is not None
    try:
        picture = read_photo(attempt.picture)
        other = read_photo(attempt.other) if attempt.species == "exchanged" else None
        answer = attack(_engine, picture, attempt.species, attempt.seed, attempt.turns, other=other, fps=attempt.fps)
        return answer is Answer.PASSED
    except Exception as e:
        print(f"\n{attempt.picture}: {told(e)}", file=sys.stderr, flush=True)
        return None


def attack(
    engine: FaceEngine,
    picture: Image,
    species: str,
    seed: int,
    turns: int = USUAL_TURNS,
    *,
    other: Image | None = None,
    fps: float = FPS,
) -> Answer:
    """Hold `picture` before one challenge of so many turns; `other` is somebody else, needed to be exchanged. Raises Mendable
    photo_… where it shows no face, or more than one."""
    random, noise = Random(seed), np.random.default_rng(seed)
    picture, face = only_face(engine, "", picture, OFF)
    steps, hand = draw(random, 0.5, count=turns), hand_of(species, random)
    turning = HeadTurn(engine, [engine.embed(picture, face)])
    printed = _scaled(picture, PX / face.inter_eye)
    held = dict.fromkeys(WAYS.values(), printed)
    if hand.angle:
        aside = other if species == "exchanged" and other is not None else picture
        held |= {
            way: _aside(engine, aside, way, (hand.angle,) if species == POSED else FARTHEST) for way in (-1.0, 1.0)
        }
    for i in range(int((steps[-1].until + 0.5) * fps)):
        way, before = (_way(steps, i / fps - after) for after in (hand.after, hand.after + hand.away))
        seen = np.full((*SCENE, 3), WALL, np.uint8) if way != before else sheet(held[way], hand, way, noise)
        seen = with_noise(seen, noise)
        if faces := engine.detect(seen):
            turning.add(i / fps, seen, faces[0])
        else:
            turning.miss()
    return turning.answer(steps)


def _aside(engine: FaceEngine, picture: Image, way: float, angles: Sequence[float]) -> Image:
    """`picture`, its head turned by that of `angles` at which a detector sees it farthest, in the size in which it is held."""
    picture, face = only_face(engine, "", picture, OFF)
    made = [_scaled(turned(picture, face.points, way * angle), PX / face.inter_eye) for angle in angles]
    return max(
        made, key=lambda image: max((way * head_pose(f.points)[0] for f in engine.detect(image)[:1]), default=0.0)
    )


def hand_of(species: str, random: Random) -> Hand:
    """What a hand does in this attempt."""
    every = Hand(
        random.uniform(25, 60), random.uniform(0.3, 0.9), random.uniform(0.1, 0.4), random.uniform(3, 15),
        random.uniform(0.2, 0.7),
    )  # fmt: skip
    match species:
        case "still":
            return Hand()
        case "moved":
            return Hand(shift=every.shift, roll=every.roll, after=every.after)
        case "turned":
            return Hand(turn=every.turn, after=every.after)
        case "exchanged" | "posed":
            angle, away = random.uniform(25, 50), random.uniform(0, 0.35)
            return Hand(shift=random.uniform(0, 0.1), after=every.after, angle=angle, away=away)
        case "bent":
            return Hand(turn=every.turn, bend=every.bend, after=every.after)
        case _:
            return every


def sheet(picture: Image, hand: Hand, way: float, shaking: np.random.Generator) -> Image:
    """The camera's picture of the sheet, the hand gone by `way` (-1 right, 1 left), with the shake of a hand."""
    height, width = picture.shape[:2]
    shake = shaking.normal(0, 0.01, 2)
    u = np.linspace(-1, 1, SCENE[1])[None, :] * SCENE[1] / width - hand.shift * way - shake[0]
    v = np.linspace(-1, 1, SCENE[0])[:, None] * SCENE[0] / height - shake[1]
    c, s = np.cos(np.radians(hand.roll * way)), np.sin(np.radians(hand.roll * way))
    u, v = c * u + s * v, -s * u + c * v
    turn, bend = np.radians(hand.turn * way), hand.bend * way
    seen = u / np.cos(turn)
    flat = np.arcsin(np.clip(seen * bend, -1, 1)) / bend if abs(bend) > 1e-3 else seen
    grow = 1 + 0.15 * np.sin(turn) * flat  # the nearer edge is larger
    return sampled(picture, (flat + 1) * (width - 1) / 2, (v * grow + 1) * (height - 1) / 2, WALL)


def with_noise(image: Image, noise: np.random.Generator) -> Image:
    """As a real sensor sees it."""
    return np.clip(image + noise.normal(0, NOISE, image.shape), 0, 255).astype(np.uint8)


def _way(steps: Sequence[Step], now: float) -> float:
    """Where the hand is: at the newest turn asked by then."""
    return next((WAYS[step.turn] for step in reversed(steps) if now >= step.at), 0.0)


def _scaled(picture: Image, scale: float) -> Image:
    size = (max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale)))
    return np.asarray(Pillow.fromarray(picture).resize(size, Pillow.Resampling.BOX, reducing_gap=2.0))
