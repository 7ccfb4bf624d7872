"""The self-test: known faces, strangers and a flat picture through the whole path, to a dummy relay. Time is made, not waited.

Pictures come from a folder: ``known/<name>/`` with two or more photographs each (the last one is shown, the others are
enrolled) and ``stranger/`` with any number. The last picture of the first known person also serves as the flat attack: fixed
before the camera, it must never open a gate that assesses liveness.
"""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Picture

from domain.errors import Mendable
from domain.passages import GateRules
from kiosk.camera.port import Frame, Image
from kiosk.faces.engine import FaceEngine
from kiosk.faces.enrolment import enrol, read_photo
from kiosk.faces.gallery import Gallery
from kiosk.faces.pipeline import Pipeline, Settings
from kiosk.faces.quality import OFF
from kiosk.gate.relay_gate import RelayGate
from kiosk.gate.simulated_line import NAME, SimulatedLine
from kiosk.visit.effects import OpenGate, RecordPassage
from kiosk.visit.events import GateAnswered
from kiosk.visit.people import Guest
from kiosk.visit.presenter import Visit
from kiosk.visit.settings import Knows, VisitSettings

SIZE = (1280, 720)
FPS = 10
LIVE_S, FLAT_S = 3.0, 14.0  # a flat picture is given the time of a whole challenge
PICTURES = frozenset({".jpg", ".jpeg", ".png", ".webp"})


@dataclass(frozen=True, slots=True)
class Trial:
    """One thing shown to the camera. `opened` is for whom the dummy relay was switched, if for anybody."""

    kind: str  # "known", "stranger", "flat"
    name: str
    opened: str | None

    @property
    def passed(self) -> bool:
        return self.opened == self.name if self.kind == "known" else self.opened is None


class DummyLine(SimulatedLine):
    """A relay that counts."""

    def __init__(self) -> None:
        super().__init__(NAME)
        self.switched_on = 0

    def switch(self, on: bool) -> None:
        super().switch(on)
        self.switched_on += on


def run(folder: Path, engine: FaceEngine) -> list[Trial]:
    """Every trial of the folder. Raises Mendable `selftest_no_pictures`, `photo_…`. About 5 s a picture on one core."""
    known, strangers = pictures(folder)
    people = [(name, enrol(engine, photos[:-1], OFF).embeddings) for name, photos in known.items()]
    gallery = Gallery([(name, rows) for name, rows in people if len(rows)], dim=engine.dim)
    trials = [
        Trial("known", name, _show(engine, gallery, _approach(photos[-1][1]), simulated=True))
        for name, photos in known.items()
    ]
    trials += [
        Trial("stranger", file, _show(engine, gallery, _approach(image), simulated=True)) for file, image in strangers
    ]
    name, photos = next(iter(known.items()))
    return [*trials, Trial("flat", name, _show(engine, gallery, _still(photos[-1][1]), simulated=False))]


def pictures(folder: Path) -> tuple[dict[str, list[tuple[str, Image]]], list[tuple[str, Image]]]:
    """(known by name, strangers), each as (file name, picture)."""
    known = {person.name: found for person in sorted((folder / "known").glob("*/")) if len(found := _read(person)) >= 2}
    if not known:
        raise Mendable("selftest_no_pictures", folder=folder)
    return known, _read(folder / "stranger")


def _read(folder: Path) -> list[tuple[str, Image]]:
    files = sorted(path for path in folder.glob("*") if path.suffix.lower() in PICTURES)
    return [(path.name, _on_canvas(read_photo(path))) for path in files]


def _on_canvas(image: Image) -> Image:
    """The picture fitted into a camera's frame, on grey."""
    picture = Picture.fromarray(image)
    picture.thumbnail(SIZE)
    canvas = np.full((SIZE[1], SIZE[0], 3), 118, np.uint8)
    top, left = (SIZE[1] - picture.height) // 2, (SIZE[0] - picture.width) // 2
    canvas[top : top + picture.height, left : left + picture.width] = np.asarray(picture)
    return canvas


def _approach(image: Image) -> Iterator[Image]:
    """Somebody who does not stand quite still, before a camera with some noise."""
    for step in range(int(LIVE_S * FPS)):
        moved = np.roll(image, (round(3 * np.sin(step / 3)), round(5 * np.sin(step / 5))), axis=(0, 1))
        yield _noisy(moved, step)


def _still(image: Image) -> Iterator[Image]:
    """A picture on a stand."""
    for step in range(int(FLAT_S * FPS)):
        yield _noisy(image, step)


@cache
def _grain() -> NDArray[np.int16]:
    grain = np.random.default_rng(7).normal(0, 2, (SIZE[1], SIZE[0], 3))
    return np.asarray(grain, np.int16)


def _noisy(image: Image, step: int) -> Image:
    """The same grain, elsewhere in every frame: as good as new and much cheaper."""
    grain = np.roll(_grain(), (37 * step, 61 * step), axis=(0, 1))
    return np.asarray(np.clip(image + grain, 0, 255), np.uint8)


def _show(engine: FaceEngine, gallery: Gallery, frames: Iterator[Image], *, simulated: bool) -> str | None:
    """Play frames through a pipeline, a visit and a gate of their own; for whom it opened, None where it stayed shut."""
    began = datetime.now(UTC).astimezone()
    elapsed = [0.0]
    pipeline = Pipeline(engine, Settings(simulated, OFF), clock=lambda: elapsed[0])
    pipeline.set_gallery(gallery, 1)
    ids = (f"selftest-{n}" for n in itertools.count())
    knows = Knows(lambda who: Guest(who, {}), GateRules, frozenset, lambda _: None, lambda: next(ids))
    visit = Visit(VisitSettings({}, {}, "", simulated), knows, began)
    line = DummyLine()
    gate = RelayGate(line)
    opened: list[str] = []
    try:
        for index, image in enumerate(frames):
            elapsed[0] = index / FPS
            now = began + timedelta(seconds=elapsed[0])
            for message in pipeline.step(Frame(image, now.astimezone(UTC), elapsed[0], index)):
                for effect in visit.handle(message, now):
                    if isinstance(effect, OpenGate):
                        gate.open(effect.seconds)
                        opened += [r.person_id or "" for r in _records(visit, effect.ref, now)]
        return opened[0] if opened and line.switched_on else None
    finally:
        gate.close()


def _records(visit: Visit, ref: str, now: datetime) -> Iterator[RecordPassage]:
    for effect in visit.handle(GateAnswered(ref, True), now):
        if isinstance(effect, RecordPassage):
            yield effect
