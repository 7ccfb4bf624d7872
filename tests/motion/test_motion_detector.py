"""The shipped model and the stream around it."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from motion.aftermath import Moving, Still
from motion.detector import Detector, Report, Suspected
from motion.forest import HERE, Model, ModelDamaged, load

MODEL = load()


def fall(hz: int = 100, then: str = "lies", seconds: float = 60, seed: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """Walking, a short free fall, a blow, another posture: the shape of a fall, enough for a test of the plumbing."""
    rng = np.random.default_rng(seed)
    t = np.arange(int(seconds * hz)) / hz
    a = np.zeros((len(t), 3))
    walk = 0.25 * np.sin(2 * np.pi * 1.8 * t)
    a[:, 2] = 1 + walk
    a[:, 0] = 0.1 * np.sin(2 * np.pi * 0.9 * t)
    down = t >= 10
    a[down] = [0.97, 0.1, 0.2]
    drop = (t >= 9.5) & (t < 10)
    a[drop] = np.stack([np.linspace(0, 0.3, drop.sum()), np.zeros(drop.sum()), np.linspace(0.8, 0.2, drop.sum())], 1)
    blow = (t >= 10) & (t < 10.12)
    a[blow] += np.array([4.0, 1.5, -1.0]) * np.hanning(blow.sum())[:, None]
    settle = (t >= 10.12) & (t < 11)
    a[settle] += rng.normal(0, 0.2, (settle.sum(), 3))
    late = t >= 18
    if then == "gets up":
        a[late] = np.stack([0 * t[late], 0 * t[late], 1 + walk[late]], 1)
    if then == "crawls":
        a[late, 0] += walk[late]
    if then == "is restless":
        a[late, 0] += 0.3 * walk[late]
    return t, a + rng.normal(0, 0.01, a.shape)


def run(t: np.ndarray, a: np.ndarray, chunk: int = 64, position: str = "waist") -> list[Report]:
    detector = Detector(MODEL, position)
    found = [r for i in range(0, len(t), chunk) for r in detector.push(t[i : i + chunk], a[i : i + chunk])]
    return found + detector.flush()


def suspected(found: list[Report]) -> list[Suspected]:
    return [r for r in found if isinstance(r, Suspected)]


@pytest.mark.parametrize("hz", [25, 50, 100, 200])
def test_a_fall_is_suspected_within_seconds_at_every_rate(hz: int) -> None:
    (hit,) = suspected(run(*fall(hz)))
    assert hit.impact == pytest.approx(10.06, abs=0.15)
    assert 4 < hit.noticed - hit.impact < 6.5


def test_the_answer_does_not_depend_on_the_size_of_the_pieces() -> None:
    t, a = fall()
    assert [r.impact for r in suspected(run(t, a, 7))] == [r.impact for r in suspected(run(t, a, 5000))]
    assert [r.score for r in suspected(run(t, a, 7))] == pytest.approx([r.score for r in suspected(run(t, a, 5000))])


def test_lying_still_is_said_and_getting_up_is_said() -> None:
    still = [r for r in run(*fall()) if isinstance(r, Still)]
    assert [r.at - r.since for r in still] == [30.0]
    up = [r for r in run(*fall(then="gets up")) if isinstance(r, Moving)]
    assert len(up) == 1
    assert 22 < up[0].at < 32


@pytest.mark.parametrize("then", ["crawls", "is restless"])
def test_whoever_stirs_on_the_ground_is_neither_still_nor_up_again(then: str) -> None:
    found = run(*fall(then=then, seconds=100))
    assert suspected(found)
    assert not [r for r in found if isinstance(r, Still | Moving)]


def test_walking_and_lying_down_are_no_fall() -> None:
    t, a = fall()
    before = t < 9.4
    assert run(t[before], a[before]) == []


@pytest.mark.parametrize("hole", ["nan", "gap", "back"])
def test_a_hole_is_survived_and_the_next_fall_found(hole: str) -> None:
    t, a = fall()
    t2, a2 = fall(seed=5)
    if hole == "nan":
        a[4000:4200] = np.nan
    shift = 20.0 if hole == "gap" else -30.0 if hole == "back" else 0.01
    both = np.concatenate([t, t2 + t[-1] + shift]), np.concatenate([a, a2])
    assert len(suspected(run(*both))) == 2


def test_an_unknown_position_gets_the_most_doubtful_operating_point() -> None:
    assert MODEL.threshold("ankle") == MODEL.threshold("wrist") > MODEL.threshold("waist")
    assert MODEL.threshold("Right trouser pocket") == MODEL.threshold("pocket")
    assert MODEL.threshold("belt") == MODEL.threshold("waist")


def test_a_damaged_model_refuses_to_load(tmp_path: Path) -> None:
    shutil.copytree(HERE, tmp_path / "model")
    raw = bytearray((tmp_path / "model" / "forest.npz").read_bytes())
    raw[len(raw) // 2] ^= 1
    (tmp_path / "model" / "forest.npz").write_bytes(raw)
    with pytest.raises(ModelDamaged):
        load(tmp_path / "model")


def test_the_card_says_what_the_model_is_and_what_it_cannot() -> None:
    card = json.loads((HERE / "card.json").read_text())
    assert card["data"]["people"] == 24
    assert card["people_left_out"]["as recorded"]["sensitivity"] >= 0.98
    assert card["people_left_out"]["as recorded"]["elders_recordings_with_a_false_alarm"] <= 1
    assert card["limits"]
    assert (HERE / "forest.npz").stat().st_size < 2_000_000


def test_of_a_minute_of_signal_the_classifier_is_shown_the_blow_and_hardly_anything_else() -> None:
    """What a second of signal costs is measured (`ms_per_second_of_signal`); it is little because of this."""
    shown: list[int] = []

    class Watched(Model):
        def score(self, x: np.ndarray) -> np.ndarray:
            shown.append(len(x))
            return Model.score(self, x)

    detector = Detector(Watched(MODEL.grown, MODEL.boosted, MODEL.baseline, MODEL.card))
    t, a = fall(50)
    for i in range(0, len(t), 50):
        detector.push(t[i : i + 50], a[i : i + 50])
    detector.flush()
    assert 1 <= sum(shown) <= 5
