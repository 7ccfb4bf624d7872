"""What other devices, worn otherwise, would have delivered of a recorded movement, for `train_falls.py`."""

import numpy as np
from falls_recorded import HZ


def rotation(rng: np.random.Generator) -> np.ndarray:
    """A uniformly random rotation (3, 3)."""
    q, r = np.linalg.qr(rng.normal(size=(3, 3)))
    q = q * np.sign(np.diag(r))
    return q if np.linalg.det(q) > 0 else -q


def turn(axis: np.ndarray, angle: np.ndarray) -> np.ndarray:
    """Rotations (n, 3, 3) about one axis by `angle` (n,) radians (Rodrigues)."""
    k = np.array([[0, -axis[2], axis[1]], [axis[2], 0, -axis[0]], [-axis[1], axis[0], 0]])
    return np.eye(3) + np.sin(angle)[:, None, None] * k + (1 - np.cos(angle))[:, None, None] * (k @ k)


def another_device(rng: np.random.Generator, a: np.ndarray, *, loose: bool) -> tuple[np.ndarray, np.ndarray]:
    """The same movement as another device, elsewhere on the body if `loose`, would have delivered it: (times, values)."""
    n = len(a)
    t = np.arange(n) / HZ
    if loose:  # a thigh turns as one sits down and swings as one walks; a pocket or a sleeve gives
        if rng.random() < 0.7:
            when, how_fast = rng.normal(n / HZ * 0.4, 0.8), rng.uniform(0.15, 0.6)
            angle = np.radians(rng.uniform(-100, 100)) / (1 + np.exp(-(t - when) / how_fast))
            angle = angle + np.radians(rng.uniform(0, 25)) * np.sin(
                2 * np.pi * rng.uniform(0.7, 1.2) * t + rng.uniform(0, 7)
            )
            v = rng.normal(size=3)
            a = np.einsum("nij,nj->ni", turn(v / np.linalg.norm(v), angle), a)
        if rng.random() < 0.5:  # rattling: a decaying ring after every change
            f, d = rng.uniform(5, 15), rng.uniform(0.03, 0.12)
            h = np.exp(-t[:60] / d) * np.sin(2 * np.pi * f * t[:60])
            jolt = np.diff(a, axis=0, prepend=a[:1])
            a = a + rng.uniform(0.1, 0.5) * np.stack([np.convolve(jolt[:, i], h)[:n] for i in range(3)], 1)
    a = a @ rotation(rng).T
    still = np.median(np.linalg.norm(a, axis=1))
    slow = np.stack([np.convolve(np.pad(a[:, i], 100, mode="edge"), np.ones(201) / 201, "valid") for i in range(3)], 1)
    gain = rng.uniform(0.75, 1.35) if loose else rng.uniform(0.85, 1.2)
    a = slow + (a - slow) * gain  # another body, another strap
    a = a * rng.normal(1, 0.02, 3) / max(still, 0.5) * rng.normal(still, 0.01) + rng.normal(0, 0.04, 3)
    if rng.random() < 0.5:
        width = int(rng.integers(2, 9))
        a = np.stack(
            [
                np.convolve(np.pad(a[:, i], width, mode="edge"), np.ones(width) / width, "same")[width:-width]
                for i in range(3)
            ],
            1,
        )
    if rng.random() < 0.5:
        t = t * rng.uniform(0.85, 1.15)  # slower and quicker people, and drifting clocks
    rate = rng.choice([20, 25, 32, 50, 64, 87, 100, 200])
    if rate < HZ:
        at = np.arange(0, t[-1], 1 / rate)
        at = np.sort(at + rng.normal(0, rng.choice([0, 0.1, 0.25]) / rate, len(at)))
        at = np.unique(np.clip(at, 0, t[-1]))
        a, t = np.stack([np.interp(at, t, a[:, i]) for i in range(3)], 1), at
    limit = rng.choice([2, 4, 6, 8, 16, 16])
    a = np.clip(a + rng.normal(0, rng.choice([0.003, 0.01, 0.03]), a.shape), -limit, limit)
    if rng.random() < 0.2:
        keep = rng.random(len(t)) > 0.1  # lost packets
        keep[[0, -1]] = True
        a, t = a[keep], t[keep]
    return t, a
