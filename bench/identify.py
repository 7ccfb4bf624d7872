"""`./run bench identify`: visits from real clips against 10,000 residents, a window painting 30 frames a second meanwhile.

The clock of a visit starts at the first frame in which YuNet (score >= 0.7) finds a face of at least 60 px between the eyes
(`--quality off`: 20 px), in real-time playback, and stops when the decision arrives in the window's process. The ratio is the
recogniser's CPU time from its first frame on over the CPU time of the same model calls made bare, in this process, on the
same pictures.
"""

import argparse
import json
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Event

import cv2
import numpy as np
import psutil

from domain.errors import Mendable
from domain.identification import Decision, Outcome
from kiosk.camera import CameraFeed, Frame, Health, open_camera
from kiosk.faces.engines import load_engine
from kiosk.faces.enrolment import enrol_frames
from kiosk.faces.messages import DecisionMade, GalleryApplied, Message, Sighting
from kiosk.faces.pipeline import Settings
from kiosk.faces.quality import GATE, OFF
from kiosk.faces.recogniser import Recogniser
from kiosk.faces.yunet import REFINE_SIDES, YuNet, verified_model
from kiosk.priority import WINDOW, come_first, punctual

DATA = Path(os.environ.get("SHOUWANG_DATA") or Path(__file__).resolve().parents[2] / "shared" / "data")
RESIDENTS, FPS, MOST_S, AWAY_S = 10_000, 30, 1.6, 0.75
EVERY = 4  # of the bare calls one in four is made, and counted four times
ENROLLED = ("again.mkv", "book.mkv")
PLAYED = ("help.mkv", "no.mkv", "yes.mkv", "learn.mkv", "please.mkv", "eat.mkv")
TRUTH = {"help.mkv": "again.mkv", "no.mkv": "again.mkv", "yes.mkv": "again.mkv", "learn.mkv": "book.mkv"}


@dataclass(frozen=True, slots=True, eq=False)
class Clip:
    """A decoded clip: its pictures with seconds, and the seconds of the first frame with a usable face."""

    name: str
    frames: list[tuple[float, np.ndarray]]
    usable_at: float


@dataclass(frozen=True, slots=True)
class Played:
    """One visit as it was shown, monotonic seconds: from its first usable frame until the person was gone."""

    clip: str
    usable: float
    gone: float


class Visits:
    """A camera before which one clip after another appears, in real time, with an empty scene between them."""

    simulated = True

    def __init__(self, clips: list[Clip]) -> None:
        self._clips = clips
        self._closed = Event()
        self.played: list[Played] = []

    def __iter__(self) -> Iterator[Frame]:
        from datetime import UTC, datetime

        start, index = time.monotonic() + 0.1, 0
        for clip in self._clips:
            empty = np.full_like(clip.frames[0][1], 90)
            scene = [f for f in clip.frames if f[0] <= MOST_S]
            end = scene[-1][0]
            scene += [(end + (i + 1) / FPS, empty) for i in range(round(AWAY_S * FPS))]
            self.played.append(Played(clip.name, start + clip.usable_at, start + end))
            for seconds, image in scene:
                due = start + seconds
                if self._closed.wait(max(0.0, due - time.monotonic())):
                    return
                yield Frame(image, datetime.now(UTC), due, index)
                index += 1
            start += scene[-1][0] + 1 / FPS

    def close(self) -> None:
        self._closed.set()


def main(argv: list[str]) -> int:
    """Run and print one JSON object on the last line."""
    parser = argparse.ArgumentParser(prog="./run bench identify", description=__doc__)
    parser.add_argument("--json", action="store_true", help="(the last line is always JSON)")
    parser.add_argument("--visits", type=int, default=204)
    parser.add_argument("--clips", type=Path, default=DATA / "clips")
    parser.add_argument(
        "--quality", choices=("on", "off"), default="off", help="the shared clips are below a gate's limits"
    )
    asked = parser.parse_args(argv)
    if missing := [name for name in (*ENROLLED, *PLAYED) if not (asked.clips / name).is_file()]:
        raise Mendable("clips_missing", files=", ".join(missing), folder=asked.clips)
    print(json.dumps(_run(asked.clips, asked.visits, asked.quality == "off")))
    return 0


def _run(folder: Path, visits: int, off: bool) -> dict[str, object]:
    come_first(WINDOW)
    engine = load_engine("sface")
    limits = OFF if off else GATE
    people = [(name, enrol_frames(engine, name, _images(folder / name), limits)) for name in ENROLLED]
    rng = np.random.default_rng(7)
    rest = rng.normal(size=(RESIDENTS - len(people), 1, engine.dim)).astype(np.float32)
    rest /= np.linalg.norm(rest, axis=2, keepdims=True)
    people += [(f"random-{i}", rows) for i, rows in enumerate(rest)]
    clips = [_clip(folder / name, 20.0 if off else 60.0) for name in PLAYED]
    camera = Visits(list(islice(cycle(clips), visits)))

    said: SimpleQueue[tuple[float, Message]] = SimpleQueue()
    settings = Settings(simulated=True, limits=limits)
    recogniser = Recogniser(settings, lambda m: said.put((time.monotonic(), m)))
    recogniser.set_gallery(people, 1)
    recogniser.start()
    while not isinstance(said.get(timeout=120)[1], GalleryApplied):
        pass
    process = psutil.Process(recogniser.pid)
    began = sum(process.cpu_times()[:2])
    over = Event()
    feed = CameraFeed(
        lambda: camera,
        on_frame=recogniser.offer,
        on_state=lambda s: over.set() if s.health is Health.ENDED else None,
    )
    feed.start()
    gaps = _paint(feed, over)
    cpu = sum(process.cpu_times()[:2]) - began
    memory = process.memory_info().rss + psutil.Process().memory_info().rss
    peak = memory / 2**20
    feed.stop()
    messages = _drain(said)
    recogniser.stop()
    decisions = [(at, m.decision) for at, m in messages if isinstance(m, DecisionMade)]
    looked = [m for _, m in messages if isinstance(m, Sighting)]
    embedded = sum(m.embedded for m in looked)
    times, wrong, undecided = match(camera.played, decisions)
    bare = _bare(clips, len(looked), embedded)
    return {
        "visits": len(times),
        "undecided": undecided,
        "wrong": wrong,
        "ms_p50": _quantile(times, 0.5),
        "ms_p95": _quantile(times, 0.95),
        "ms_p99": _quantile(times, 0.99),
        "ratio_to_bare_models": round(cpu / bare, 3),
        "frame_gap_ms_p99": _quantile(gaps, 0.99),
        "peak_rss_mb": round(peak, 1),
        "frames_looked_at": len(looked),
        "frames_embedded": embedded,
        "residents": len(people),
    }


def _clip(path: Path, least_px: float) -> Clip:
    detector = YuNet()
    frames = list(open_camera(str(path), simulated=True, realtime=False))
    timed = [(f.monotonic - frames[0].monotonic, f.image) for f in frames]
    usable = next(t for t, image in timed if any(x.inter_eye >= least_px for x in detector.detect(image)))
    return Clip(path.name, timed, usable)


def _paint(feed: CameraFeed, over: Event) -> list[float]:
    """Show the newest frame at 30 a second until the camera has ended; the gaps between paints, in milliseconds."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtCore import Qt, QTimer
    from PySide6.QtGui import QImage, QPainter, QPaintEvent
    from PySide6.QtWidgets import QApplication, QWidget

    class Window(QWidget):
        painted: list[float]

        def paintEvent(self, _event: QPaintEvent) -> None:
            self.painted.append(time.perf_counter())
            frame = feed.latest()
            if frame is None:
                return
            height, width = frame.image.shape[:2]
            picture = QImage(frame.image.data, width, height, 3 * width, QImage.Format.Format_BGR888)
            painter = QPainter(self)
            painter.drawImage(self.rect(), picture)
            painter.end()

    application = QApplication.instance() or QApplication([])
    window = Window()
    window.painted = []
    window.resize(800, 1280)
    window.show()
    timer = QTimer(timerType=Qt.TimerType.PreciseTimer)
    timer.timeout.connect(lambda: application.quit() if over.is_set() else window.update())
    timer.start(1000 // FPS)
    with punctual():  # as the kiosk does
        application.exec()
    timer.stop()
    window.close()
    return list(1000 * np.diff(window.painted[FPS:]))


def _drain(said: "SimpleQueue[tuple[float, Message]]") -> list[tuple[float, Message]]:
    found = []
    try:
        while True:
            found.append(said.get(timeout=1.0))
    except Empty:
        return found


def match(played: list[Played], decisions: list[tuple[float, Decision]]) -> tuple[list[float], int, int]:
    """(milliseconds a visit, how many were wrong, how many were never decided).

    A visit takes from its first usable frame to its first decision; one without any has taken until the person was gone.
    """
    times, wrong, undecided = [], 0, 0
    for i, visit in enumerate(played):
        until = played[i + 1].usable if i + 1 < len(played) else np.inf
        mine = next(((at, d) for at, d in decisions if visit.usable <= at < until), None)
        at, decision = mine if mine is not None else (visit.gone, None)
        times.append(1000 * (at - visit.usable))
        if decision is None:
            undecided += 1
            continue
        named = decision.person_id if decision.outcome is Outcome.IDENTIFIED else None
        wrong += named != TRUTH.get(visit.clip)
    return times, wrong, undecided


def _bare(clips: list[Clip], looked: int, embedded: int) -> float:
    """CPU seconds of the same calls without us: YuNet a frame looked at, eight small YuNets and two SFaces a frame embedded."""
    from kiosk.faces import sface, yunet

    detector = cv2.FaceDetectorYN.create(
        str(verified_model("face_detection_yunet_2023mar_int8bq.onnx", yunet.DIGEST)), "", (640, 480), 0.7, 0.3, 500
    )
    net = cv2.FaceRecognizerSF.create(
        str(verified_model("face_recognition_sface_2021dec_int8bq.onnx", sface.DIGEST)), ""
    )
    pictures = [image for clip in clips for t, image in clip.frames if t <= MOST_S]
    empty = np.full_like(pictures[0], 90)
    share = AWAY_S / (AWAY_S + float(np.mean([min(c.frames[-1][0], MOST_S) for c in clips])))
    small = [cv2.resize(pictures[0], (size, size)) for size in REFINE_SIDES for _ in range(2)]
    face = cv2.resize(pictures[0], (112, 112))

    def detect(image: np.ndarray) -> None:
        detector.setInputSize((image.shape[1], image.shape[0]))
        detector.detect(image)

    start = time.process_time()
    for i in range(0, looked, EVERY):
        detect(empty if (i * share) % 1 < share else pictures[i % len(pictures)])
    for _ in range(0, embedded, EVERY):
        for image in small:
            detect(image)
        net.feature(face)
        net.feature(face)
    return EVERY * (time.process_time() - start)


def _quantile(values: list[float], q: float) -> float | None:
    return round(float(np.quantile(values, q)), 1) if values else None


def _images(path: Path) -> list[np.ndarray]:
    return [frame.image for frame in open_camera(str(path), simulated=True, realtime=False)]
