"""SisFall's recordings, as published or packed, for `train_falls.py`.

Sucerquia, Lopez, Vargas-Bonilla: SisFall, a fall and movement dataset. Sensors 17 (2017) 198. ADXL345, 200 Hz, ±16 g, at the waist.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

HZ = 200
G = 32 / 8192  # g a count: ±16 g in 13 bits


@dataclass(frozen=True)
class Recording:
    subject: str
    activity: str
    trial: str
    a: np.ndarray  # (n, 3) g

    @property
    def fall(self) -> bool:
        return self.activity.startswith("F")

    @property
    def elder(self) -> bool:
        return self.subject.startswith("SE")


def recordings(data: Path) -> Iterator[Recording]:
    """Every recording in a fixed order, from either form."""
    packed = data / "sisfall_train_adxl345.npz"
    if packed.exists():
        counts = np.load(packed)["counts"]
        with (data / "sisfall_train_index.csv").open() as f:
            rows = sorted(csv.DictReader(f), key=lambda r: (r["subject"], r["activity"], r["trial"]))
        for r in rows:
            first, n = int(r["first_row"]), int(r["rows"])
            yield Recording(r["subject"], r["activity"], r["trial"], counts[first : first + n].reshape(-1, 3) * G)
        return
    for path in sorted(data.glob("S[AE]*/[DF]*_S*_R*.txt")):
        activity, subject, trial = path.stem.split("_")
        text = path.read_text().replace(";", "")
        yield Recording(subject, activity, trial, np.loadtxt(text.splitlines(), delimiter=",", usecols=(0, 1, 2)) * G)
