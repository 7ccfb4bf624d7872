"""Resampling, the impact gate, features and the checks of a recording."""

from collections.abc import Callable

import numpy as np
import pytest

from motion.checks import Fault, fault
from motion.features import LENGTH, PEAK, features, names
from motion.impacts import impacts, window
from motion.resample import RATE, grid

RNG = np.random.default_rng(7)


def standing(seconds: float = 20, hz: int = 100) -> tuple[np.ndarray, np.ndarray]:
    t = np.arange(int(seconds * hz)) / hz
    return t, np.array([0.0, 0.0, 1.0]) + np.random.default_rng(1).normal(0, 0.02, (len(t), 3))


def rotation() -> np.ndarray:
    q, _ = np.linalg.qr(RNG.normal(size=(3, 3)))
    return q


@pytest.mark.parametrize("hz", [25, 50, 87, 100, 200])
def test_a_slow_movement_looks_the_same_at_every_rate(hz: int) -> None:
    t = np.sort(np.arange(0, 10, 1 / hz) + np.random.default_rng(hz).uniform(-0.2, 0.2, 10 * hz) / hz)
    a = np.stack([np.sin(2 * np.pi * t), np.cos(2 * np.pi * t), np.ones_like(t)], axis=1)
    when, g = grid(t, a)
    inner = (when > 0.1) & (when < 9.8)
    assert np.allclose(np.diff(when), 1 / RATE)
    assert np.abs(g[inner, 0] - np.sin(2 * np.pi * when[inner])).max() < 0.04


def test_the_mean_keeps_the_area_of_a_blow_whatever_the_rate() -> None:
    t = np.arange(0, 2, 0.005)
    a = np.zeros((len(t), 3))
    a[200, 2] = 8.0
    _, g = grid(t, a)
    assert g[:, 2].sum() / RATE == pytest.approx(8.0 * 0.005, rel=0.01)


def test_of_impacts_within_a_second_the_strongest_speaks() -> None:
    m = np.ones(500)
    m[[100, 130, 300]] = [2.0, 3.0, 1.6]
    assert impacts(m).tolist() == [130, 300]


@pytest.mark.parametrize("peak", [10, 250, 420])
def test_a_window_at_the_edge_is_filled_without_bringing_the_impact_back(peak: int) -> None:
    a = np.zeros((500, 3))
    a[peak, 0] = 5.0
    w = window(a, peak)
    assert w.shape == (LENGTH, 3)
    assert w[PEAK, 0] == 5.0
    assert (w[:, 0] > 0).sum() == 1


def test_features_do_not_depend_on_how_the_device_is_turned() -> None:
    w = RNG.normal(0, 0.3, (4, LENGTH, 3)) + np.array([0, 0, 1.0])
    turned = w @ rotation().T
    one, other = features(w), features(turned)
    invariant = [i for i, n in enumerate(names()) if "axis" not in n]
    assert one.shape == (4, len(names()))
    np.testing.assert_allclose(one[:, invariant], other[:, invariant], rtol=2e-3, atol=2e-3)


def test_features_are_numbers_for_any_stillness() -> None:
    assert np.isfinite(features(np.zeros((1, LENGTH, 3)))).all()


def broken(**change: Callable[[np.ndarray], np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    t, a = standing()
    match change:
        case {"times": f}:
            t = f(t)
        case {"values": f}:
            a = f(a)
    return t, a


def saturated(a: np.ndarray) -> np.ndarray:
    return np.asarray(np.clip(a * 30, -2, 2))


@pytest.mark.parametrize(
    ("recording", "expected"),
    [
        (standing(), None),
        ((np.zeros(0), np.zeros((0, 3))), Fault.EMPTY),
        (broken(values=lambda a: np.where(np.arange(len(a))[:, None] == 9, np.nan, a)), Fault.NOT_NUMBERS),
        (broken(times=lambda t: t[::-1].copy()), Fault.TIME_REVERSED),
        (broken(times=lambda t: np.where(t > 10, t - 5, t)), Fault.TIME_REVERSED),
        (standing(seconds=1), Fault.TOO_SHORT),
        (broken(times=lambda t: t * 20), Fault.TOO_SLOW),
        (broken(times=lambda t: t / 20 * 1.0), Fault.TOO_SHORT),
        (broken(values=lambda a: np.ones_like(a) * 0.6), Fault.CONSTANT),
        (broken(values=saturated), Fault.SATURATED),
        (broken(values=lambda a: a * 9.81), Fault.METRES),
        (broken(values=lambda a: a - [0, 0, 1.0]), Fault.NO_GRAVITY),
    ],
)
def test_recordings_that_cannot_be_scored_are_recognised(
    recording: tuple[np.ndarray, np.ndarray], expected: Fault | None
) -> None:
    assert fault(*recording) is expected


def test_a_fall_that_clips_for_a_moment_is_no_saturated_recording() -> None:
    t, a = standing()
    a[1000:1020] = [2.0, -2.0, 2.0]
    assert fault(t, a) is None


def test_a_run_that_clips_at_every_step_is_no_saturated_recording() -> None:
    t, a = standing()
    a[:, 2] += 1.5 * np.sin(2 * np.pi * 2.7 * t)
    clipped = np.clip(a, -2, 2)
    assert 0.2 < (clipped[:, 2] == 2).mean() < 0.3
    assert fault(t, clipped) is None


def test_repeated_times_are_forgiven() -> None:
    t, a = standing()
    t[5] = t[4]
    assert fault(t, a) is None
