"""The recogniser: the pipeline in a process of its own, fed through a newest-frame slot, restarted when it dies."""

import logging
import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from threading import Event, Lock, Thread

import numpy as np
from numpy.typing import NDArray

from domain.errors import Mendable
from kiosk.camera.port import Frame
from kiosk.faces.commands import CameOtherwise, Command, Commands, SetGallery, Withdraw
from kiosk.faces.engine import FaceEngine
from kiosk.faces.engines import load_engine
from kiosk.faces.gallery import Gallery, People
from kiosk.faces.infrared import of_that_moment
from kiosk.faces.messages import Message, RecogniserState
from kiosk.faces.pipeline import Habits, Pipeline, Settings
from kiosk.faces.second import Second
from kiosk.faces.slot import FrameSlot
from kiosk.priority import RECOGNISER, WINDOW, come_first

log = logging.getLogger(__name__)
IDLE_S = 0.25
HUNG_S = 20.0  # frames offered and nothing said for this long: it is killed and restarted
BACK_OFF_S = (0.2, 1.0, 5.0)


class Recogniser:
    """Owns the process. `on_message` is called in a thread of this object's with every message.

    `offer` may be called from any thread and copies the frame; nothing is queued. A gallery set before `start` is there from
    the first frame, and again after a restart.
    """

    def __init__(
        self,
        settings: Settings,
        on_message: Callable[[Message], None],
        *,
        engine: str = "sface",
        second: str = "",
    ) -> None:
        """`second` is an engine on trial beside the one in use."""
        self._settings, self._on_message, self._engine, self._second = settings, on_message, engine, second
        self._context = multiprocessing.get_context("spawn")
        self._lock = Lock()
        self._stop = Event()
        self._people: People = ()
        self._second_people: People = ()
        self._revision = 0
        self._homes: Mapping[str, str] = {}
        self._habits = Habits()
        self._slot: FrameSlot | None = None
        self._infrared: FrameSlot | None = None
        self._commands: Commands | None = None
        self._process: multiprocessing.process.BaseProcess | None = None
        self._unanswered: float | None = None  # monotonic time of the first frame since it last said anything
        self._thread = Thread(target=self._watch, name="recogniser", daemon=True)

    @property
    def pid(self) -> int | None:
        """Of the process that is running now."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Begin. Call once; RecogniserState(up=True) says when the models are loaded."""
        self._thread.start()

    def stop(self) -> None:
        """End the process and the thread; returns when both have ended."""
        self._stop.set()
        self._send(None)
        if self._thread.is_alive():
            self._thread.join(10)

    def offer(self, frame: Frame, infrared: Frame | None = None) -> None:
        """Put the newest frame (and the infrared camera's) before the recogniser."""
        slot, second = self._slot, self._infrared
        if slot is None:
            return
        if infrared is not None and second is not None:
            second.put(infrared)
        slot.put(frame)
        if self._unanswered is None:
            self._unanswered = time.monotonic()

    def set_gallery(
        self,
        people: Iterable[tuple[str, NDArray[np.float32]]],
        revision: int,
        homes: Mapping[str, str] | None = None,
        second: Iterable[tuple[str, NDArray[np.float32]]] = (),
    ) -> None:
        """Replace the gallery atomically: (person_id, embeddings (n, dim)), and who lives together as `Gallery` takes it; `second`
        is the same under the engine on trial.

        GalleryApplied answers with `revision`.
        """
        with self._lock:
            self._people, self._revision, self._homes = tuple(people), revision, dict(homes or {})
            self._second_people = tuple(second)
            self._send(self._whole())

    def withdraw(self, person_ids: Iterable[str], revision: int) -> None:
        """Remove people before the next match. GalleryApplied answers with `revision`."""
        gone = frozenset(person_ids)
        with self._lock:
            self._people = tuple(p for p in self._people if p[0] not in gone)
            self._second_people = tuple(p for p in self._second_people if p[0] not in gone)
            self._revision = revision
            self._send(Withdraw(gone, revision))

    def set_habits(self, habits: Habits) -> None:
        """Who passed today and at what hours residents usually pass; raises or lowers what liveness is asked."""
        with self._lock:
            self._habits = habits
            self._send(habits)

    def came_otherwise(self, person_id: str) -> None:
        """A resident was let in by their own card or PIN: what others tried with their picture bars their face no longer."""
        with self._lock:
            self._send(CameOtherwise(person_id))

    def _whole(self) -> SetGallery:
        return SetGallery(self._people, self._revision, self._homes, self._second_people)

    def _send(self, command: Command) -> None:
        if self._commands is not None:
            self._commands.put(command)

    def _answered(self) -> None:
        self._unanswered = None

    def _hangs(self) -> bool:
        return self._unanswered is not None and time.monotonic() - self._unanswered > HUNG_S

    def _watch(self) -> None:
        come_first(WINDOW)
        restarts = 0
        while not self._stop.is_set():
            began = time.monotonic()
            ended = self._serve(restarts)
            if self._stop.is_set():
                return
            restarts += 1
            log.warning("the recogniser ended (%s), restart %d", ended.code or "crash", restarts)
            self._on_message(replace(ended, restarts=restarts))
            calm = time.monotonic() - began > 60
            self._stop.wait(BACK_OFF_S[0 if calm else min(restarts - 1, len(BACK_OFF_S) - 1)])

    def _serve(self, restarts: int) -> RecogniserState:
        """Run one process to its end; what it said last, if it could say anything."""
        slot, infrared = FrameSlot(self._context), FrameSlot(self._context)
        commands_out, commands = self._context.Pipe(duplex=False)
        messages, messages_in = self._context.Pipe(duplex=False)
        process = self._context.Process(
            target=_main,
            args=(self._engine, self._second, self._settings, _Wires(slot, infrared, commands_out, messages_in)),
            name="shouwang-recogniser",
            daemon=True,
        )
        os.environ.setdefault("OMP_NUM_THREADS", "1")  # the other core is the window's
        process.start()
        commands_out.close()
        messages_in.close()
        with self._lock:
            self._process, self._slot, self._infrared, self._commands = process, slot, infrared, Commands(commands)
            self._send(self._habits)
            self._send(self._whole())
        try:
            return self._listen(messages, restarts)
        finally:
            process.join(2 if self._stop.is_set() else 0.2)
            if process.is_alive():
                process.kill()
                process.join()
            with self._lock:
                ended, self._slot, self._infrared, self._commands = self._commands, None, None, None
            if ended is not None:
                ended.close()
            messages.close()

    def _listen(self, messages: Connection, restarts: int) -> RecogniserState:
        """Pass on what the process says until it ends, hangs or gives up; with what it gave up."""
        self._answered()
        with suppress(EOFError, OSError):
            while not self._stop.is_set():
                if messages.poll(0.5):
                    message = messages.recv()
                    self._answered()
                    if isinstance(message, RecogniserState):
                        if not message.up:
                            return message
                        message = RecogniserState(True, restarts)
                    self._on_message(message)
                elif self._hangs():
                    log.error("the recogniser hangs")
                    break
        return RecogniserState(False, restarts)


@dataclass(frozen=True)
class _Wires:
    """What joins the process to the program: pictures and commands come in, messages go out."""

    slot: FrameSlot
    infrared: FrameSlot
    commands: Connection
    messages: Connection


def _main(engine_name: str, second_name: str, settings: Settings, wires: _Wires) -> None:
    """The process: commands first, then the newest frame, over and over."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the program ends us
    come_first(RECOGNISER)
    try:
        engine = load_engine(engine_name)
        pipeline = Pipeline(engine, settings, second=_on_trial(second_name, settings))
    except Mendable as e:
        wires.messages.send(RecogniserState(False, 0, e.code, dict(e.details)))
        return
    try:
        wires.messages.send(RecogniserState(True, 0))
        _loop(engine, pipeline, settings, wires)
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return  # the program has gone


def _on_trial(name: str, settings: Settings) -> Second | None:
    """A trial that cannot begin keeps nobody outside."""
    try:
        return Second(load_engine(name), settings.target_fpir) if name else None
    except Mendable as e:
        log.error("no trial of %s: %s", name, e)
        return None


def _loop(engine: FaceEngine, pipeline: Pipeline, settings: Settings, wires: _Wires) -> None:
    gallery, messages = Gallery((), dim=engine.dim), wires.messages
    warm: Frame | None = None
    while True:
        frame = wires.slot.take(IDLE_S)
        while wires.commands.poll():  # after the wait and before the match, so that a withdrawal holds for it
            match wires.commands.recv():
                case None:
                    return
                case SetGallery(people, revision, homes, second):
                    gallery = Gallery(people, dim=engine.dim, homes=homes)
                    messages.send(pipeline.set_gallery(gallery, revision))
                    if pipeline.second is not None:
                        pipeline.second.set_gallery(second, homes)
                case Withdraw(person_ids, revision):
                    gallery = gallery.without(person_ids)
                    messages.send(pipeline.set_gallery(gallery, revision))
                    if pipeline.second is not None:
                        pipeline.second.without(person_ids)
                case Habits() as habits:
                    pipeline.set_habits(habits)
                case CameOtherwise(person_id):
                    pipeline.came_otherwise(person_id)
        if frame is None:
            said = pipeline.idle()
        else:
            if settings.infrared is not None:
                warm = wires.infrared.take(0) or warm
            said = pipeline.step(frame, of_that_moment(frame, warm))
        for message in said:
            messages.send(message)
        for message in pipeline.afterwards():
            messages.send(message)
        time.sleep(pipeline.rest)
