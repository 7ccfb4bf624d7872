"""Movements as a device at the waist would deliver them, and as a file."""

from pathlib import Path

import numpy as np


def write(folder: Path, name: str, t: np.ndarray, a: np.ndarray) -> None:
    with (folder / name).open("w") as f:
        f.write("t,ax,ay,az\n")
        f.writelines(f"{x:.4f},{v[0]:.4f},{v[1]:.4f},{v[2]:.4f}\n" for x, v in zip(t, a, strict=True))


def quiet(seconds: float = 30) -> tuple[np.ndarray, np.ndarray]:
    t = np.arange(int(seconds * 50)) / 50
    return t, np.array([0, 0, 1.0]) + np.random.default_rng(1).normal(0, 0.02, (len(t), 3))


def fallen(seconds: float, at: list[float]) -> tuple[np.ndarray, np.ndarray]:
    """Walking, and at each moment a blow after which the body lies still on its side for 20 s."""
    t = np.arange(int(seconds * 50)) / 50
    a = np.array([0, 0, 1.0]) + 0.15 * np.sin(2 * np.pi * 1.8 * t)[:, None] * np.array([0.2, 0.3, 1.0])
    a += np.random.default_rng(1).normal(0, 0.01, a.shape)
    for moment in at:
        a[(t > moment - 0.4) & (t <= moment - 0.05)] *= 0.3
        a[(t > moment + 0.1) & (t <= moment + 20)] = [1.0, 0.05, 0.1]
        a[(t > moment - 0.05) & (t <= moment + 0.1)] = [3.0, 1.0, 3.5]
    return t, a
