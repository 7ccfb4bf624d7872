"""`shouwang-kiosk identify SOURCE`: the real pipeline on any source against a gallery, one record a visit."""

from collections.abc import Callable, Iterable
from queue import Empty, SimpleQueue
from threading import Event

import numpy as np
from numpy.typing import NDArray

from domain.errors import Mendable
from domain.identification import Decision
from kiosk.camera import CameraFeed, FeedState, Health, open_camera
from kiosk.camera.live import without_password
from kiosk.camera.open import is_live
from kiosk.faces.messages import DecisionMade, Message, RecogniserState
from kiosk.faces.pipeline import Settings
from kiosk.faces.recogniser import Recogniser
from kiosk.faces.under_way import UnderWay

QUIET_S = 0.7  # after a recording's end, for the visit under way to be closed


def record(decision: Decision) -> dict[str, object]:
    """The line that `identify --json` prints for one visit."""
    return {
        "visit": decision.visit_id,
        "decision": decision.outcome.value,
        "resident": decision.person_id,
        "ms": round(decision.ms, 1),
        "frames": decision.frames_used,
        "liveness": decision.liveness.value,
        "reason": decision.reason.value,
        "score": round(decision.candidates[0].score, 4) if decision.candidates else None,
        "threshold": round(decision.threshold, 4),
        "at": decision.decided_at.isoformat(),
    }


def run(
    source: str,
    gallery: Iterable[tuple[str, NDArray[np.float32]]],
    engine: str,
    emit: Callable[[dict[str, object]], None],
    settings: Settings,
    *,
    stop: Event | None = None,
) -> int:
    """Play `source` to its end (a camera: until `stop`) and `emit` one record a visit; returns how many there were.

    A recording is simulated and says so in its liveness. Raises Mendable as the camera's port says,
    engine_unknown, model_missing or model_digest.
    """
    live = is_live(source)
    said: SimpleQueue[Message | FeedState] = SimpleQueue()
    recogniser = Recogniser(settings, said.put, engine=engine)
    recogniser.set_gallery(gallery, 1)
    under_way = UnderWay(recogniser.offer)
    feed = CameraFeed(
        lambda: open_camera(source, simulated=not live), on_frame=under_way.show, on_state=said.put,
        name=without_password(source),
    )  # fmt: skip
    stop = stop or Event()
    visits, ended, started = 0, False, False
    lost: Mendable | None = None
    recogniser.start()
    try:
        while not stop.is_set():
            try:
                message = said.get(timeout=QUIET_S)
            except Empty:
                if ended and under_way.over():
                    break
                continue
            if not isinstance(message, FeedState):
                under_way.hear(message)
            match message:
                case RecogniserState(up=True):
                    if not started:  # not a frame is lost on models that are still loading
                        feed.start()
                    started = True
                case RecogniserState(up=False, code=str(code), details=details):
                    raise Mendable(code, **details)
                case FeedState(health=Health.ENDED):
                    ended = True
                case FeedState(health=Health.FAILED, error=Mendable() as error):
                    lost, ended = error, True  # what was seen before is still to be decided
                    feed.stop()
                case DecisionMade(decision):
                    visits += 1
                    emit(record(decision))
    finally:
        if started:
            feed.stop()
        recogniser.stop()
    if lost is not None:
        raise lost
    return visits
