"""The head-turn challenge: what was asked, what the head did, whether the one answers the other in time."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from random import Random
from statistics import median

REACTION_S = 0.15  # nobody answers sooner than this: an earlier turn was recorded
LATE_S = 0.5  # after a step's end an answer still counts
SETTLED = 0.7  # of a step, after which turning the other way is a wrong answer
SLOWER = 1.5  # by this for those who are old: longer turns, all alike
TURNED_DEG, WRONG_DEG, CENTRED_DEG = 14.0, 11.0, 8.0
LOOKED_DEG = 10.0  # off neutral: a face seen there, and whose it is, shows the turn
# What one head does between two frames, detector's jumps included (docs/decisions/0012): degrees, face widths
JUMP_DEG, FASTEST_DEG_S = 12.0, 280.0
JUMP_WIDTHS, FASTEST_WIDTHS_S = 0.25, 2.5
GAP_FRAMES, GAP_S = 2, 0.12  # without the face


class Turn(StrEnum):
    """Where to look, as the person feels it: LEFT is their own left, which is the left of the mirror-like screen too."""

    LEFT = "left"
    RIGHT = "right"
    CENTRE = "centre"


@dataclass(frozen=True, slots=True)
class Step:
    """One thing asked: `turn` from `at` to `until`, seconds on the clock of the poses."""

    turn: Turn
    at: float
    until: float


@dataclass(frozen=True, slots=True)
class Pose:
    """The head at `at` seconds: `left_deg` > 0 is turned to the person's own left.

    Since the pose before: by how much its face has `moved` and grown (widths, halvings), and in how many frames it was `missed`.
    """

    at: float
    left_deg: float
    moved: float = 0.0
    missed: int = 0


class Answer(StrEnum):
    """How a challenge ended."""

    PASSED = "passed"
    FAILED = "failed"
    INCOMPLETE = "incomplete"  # too little was seen of it


def draw(
    random: Random, start: float, *, count: int = 4, shortest_s: float = 1.6, longest_s: float = 2.4, slow: bool = False
) -> tuple[Step, ...]:
    """A fresh sequence from `start` on: both ways, never the same turn twice in a row, the first not CENTRE, one length for all.

    Both ways, because a flat picture that a hand turns seems to look one and the same way however it is turned: asked for left and
    centre alone, or right and centre, it answered one time in twenty-eight (docs/decisions/0012). `count` is at least 2.
    The lengths leave an old neck and an old ear their time: who takes 0.9 s to begin and turns at 60 degrees a second passes in
    98 of 100 (docs/decisions/0012); `slow` leaves half as much again.
    """
    length = random.uniform(shortest_s, longest_s) * (SLOWER if slow else 1)
    turns = _drawn(random, count)
    while not {Turn.LEFT, Turn.RIGHT} <= set(turns):
        turns = _drawn(random, count)
    return tuple(Step(turn, start + i * length, start + (i + 1) * length) for i, turn in enumerate(turns))


def _drawn(random: Random, count: int) -> list[Turn]:
    found: list[Turn] = []
    for _ in range(count):
        found.append(random.choice([t for t in Turn if t != (found[-1] if found else Turn.CENTRE)]))
    return found


def grade(steps: Sequence[Step], poses: Sequence[Pose]) -> Answer:
    """Whether the poses answer every step, in its direction and in its time.

    Neutral is the median of what was seen before the first step could be reacted to.
    """
    if not steps or len(poses) < 2 * len(steps):
        return Answer.INCOMPLETE
    ahead = neutral(poses, steps[0].at + REACTION_S)
    answers = [_one(step, poses, ahead) for step in steps]
    if Answer.FAILED in answers:
        return Answer.FAILED
    return Answer.INCOMPLETE if Answer.INCOMPLETE in answers else Answer.PASSED


def neutral(poses: Sequence[Pose], until: float) -> float:
    """Straight ahead, in degrees: what was seen `until` then, else of the whole, where that is nearly frontal."""
    middle = median([p.left_deg for p in poses if p.at <= until] or [p.left_deg for p in poses])
    return middle if abs(middle) <= CENTRED_DEG else 0.0


def seamless(poses: Sequence[Pose]) -> bool:
    """Whether one head can have gone from each pose to the next: it was not away meanwhile, but where it had turned aside and may
    have turned too far to be seen, nor did it turn or move faster than a head does. Pictures that are exchanged do."""
    return not any(_seam(a, b) for a, b in pairwise(poses))


def _seam(a: Pose, b: Pose) -> bool:
    apart, turned = b.at - a.at, abs(b.left_deg - a.left_deg)
    aside = a.left_deg * b.left_deg > 0 and min(abs(a.left_deg), abs(b.left_deg)) >= TURNED_DEG
    away = b.missed >= GAP_FRAMES and apart > GAP_S and not aside
    return away or turned > JUMP_DEG + FASTEST_DEG_S * apart or b.moved > JUMP_WIDTHS + FASTEST_WIDTHS_S * apart


def unseen(steps: Sequence[Step], poses: Sequence[Pose], looks: Sequence[Pose]) -> tuple[Step, ...]:
    """The steps to a side in whose time nobody looked (`looks`) whose face it is that has turned there."""
    ahead = neutral(poses, steps[0].at + REACTION_S)
    side = {Turn.LEFT: 1, Turn.RIGHT: -1}
    return tuple(
        s
        for s in steps
        if s.turn in side
        and not any(
            s.at <= p.at <= s.until + LATE_S and side[s.turn] * (p.left_deg - ahead) >= LOOKED_DEG for p in looks
        )
    )


def _one(step: Step, poses: Sequence[Pose], ahead: float) -> Answer:
    seen = [(p.at, p.left_deg - ahead) for p in poses if step.at <= p.at <= step.until + LATE_S]
    if len(seen) < 2:
        return Answer.INCOMPLETE
    within = [v for t, v in seen if step.at + REACTION_S <= t]
    settled = [v for t, v in seen if step.at + SETTLED * (step.until - step.at) <= t <= step.until]
    if step.turn is Turn.CENTRE:
        rested = sum(abs(v) <= CENTRED_DEG for v in within) > 1  # not merely passing through
        return Answer.PASSED if rested and all(abs(v) < TURNED_DEG for v in settled) else Answer.FAILED
    sign = 1 if step.turn is Turn.LEFT else -1
    early = [v for t, v in seen if t < step.at + REACTION_S]
    if early and min(sign * v for v in early) >= TURNED_DEG:
        return Answer.FAILED  # was there before it was asked
    if any(sign * v <= -WRONG_DEG for v in settled) or (settled and max(sign * v for v in settled) < CENTRED_DEG):
        return Answer.FAILED
    return Answer.PASSED if any(sign * v >= TURNED_DEG for v in within) else Answer.FAILED


def turns(poses: Sequence[Pose]) -> tuple[Turn, ...]:
    """The turns a head made, in order, with hysteresis: for recordings whose steps carry no times."""
    if not poses:
        return ()
    ahead = neutral(poses, poses[max(1, len(poses) // 8) - 1].at)
    found: list[Turn] = []
    for pose in poses:
        off = pose.left_deg - ahead
        if abs(off) >= TURNED_DEG:
            now = Turn.LEFT if off > 0 else Turn.RIGHT
        elif abs(off) <= CENTRED_DEG:
            now = Turn.CENTRE
        else:
            continue
        if not found or found[-1] is not now:
            found.append(now)
    return tuple(found)
