"""From the gate's log on a desk to the gate: "not this person", and the same face is not taken for that resident again."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from apscheduler.schedulers.background import BackgroundScheduler

from caregiver.gatelog.log import GateFilter, page
from caregiver.session import Session
from caregiver.state import AppState, projections
from demo.district import District
from district.operator_line import ask
from domain.consent import Purpose
from domain.identification import Decision, Outcome
from domain.passages import Direction, Method, Ruling
from domain.people import Profile, Role
from kiosk.camera import Frame
from kiosk.faces.engine import Face, Image, Vector, unit
from kiosk.faces.gallery import Gallery
from kiosk.faces.messages import DecisionMade
from kiosk.faces.pipeline import Pipeline, Settings
from kiosk.faces.quality import HEAD, OFF
from kiosk.faces.tail import shipped_tail
from kiosk.passages.habits import habits_feed
from kiosk.passages.records import Records
from kiosk.visit.effects import GateDid, RecordPassage
from offline.journal.projections import Projection
from offline.node import Node
from tests.fakes.there import there
from tests.fakes.waiting import until

WANG, LI, STRANGER = unit(np.random.default_rng(3).normal(size=(3, 128)))
ALIKE = unit(0.62 * WANG + 0.78 * STRANGER)  # a stranger who looks like her


class Told:
    """An engine that sees one face, whose vector the test decides."""

    name, version, dim, tail = "told", "1", 128, shipped_tail("sface")
    vector: Vector = WANG

    def detect(self, _image: Image) -> list[Face]:
        points = (HEAD[:, :2] * 70 + (320, 200)).astype(np.float32)
        return [Face((240, 150, 160, 160), points, 0.95)]

    def embed(self, _image: Image, _face: Face) -> Vector:
        return self.vector


@pytest.fixture
def district(tmp_path: Path) -> Iterator[District]:
    served = District(tmp_path / "district")
    served.start()
    yield served
    served.stop()


@pytest.fixture
def joined(tmp_path: Path, district: District) -> Iterator[Callable[..., Node]]:
    nodes: list[Node] = []
    schedulers: list[BackgroundScheduler] = []

    def join(role: str, *folds: Projection, **more: object) -> Node:
        node = Node(tmp_path / role, list(folds))
        nodes.append(node)
        code = ask(district.settings, "code", role=role, community="jinxiu", **more)["code"]
        node.enrol(district.url, str(code), role, role)
        schedulers.append(BackgroundScheduler())
        schedulers[-1].start()
        node.start(schedulers[-1], listen=True)
        return node

    yield join
    for node in nodes:
        node.stop()
    for scheduler in schedulers:
        scheduler.shutdown()
    for node in nodes:
        node.close()


def visit(pipeline: Pipeline, vector: Vector) -> Decision:
    """Somebody stands before the camera until they are decided."""
    assert isinstance(pipeline._engine, Told)
    pipeline._engine.vector = vector
    texture = np.random.default_rng(0).integers(60, 200, (480, 640, 3), np.uint8)
    for index in range(60):
        for message in pipeline.step(Frame(texture, datetime.now(UTC), time.monotonic(), index)):
            if isinstance(message, DecisionMade):
                pipeline._end()
                return message.decision
    raise AssertionError("nobody was decided")


def test_whoever_was_taken_for_somebody_else_is_asked_more_from_then_on(joined: Callable[..., Node]) -> None:
    kiosk, desk = joined("kiosk"), joined("caregiver", *projections(), gate_log=True)
    kiosk.roster.register("p-wang", Profile("王", "秀兰"))
    kiosk.roster.consent("p-wang", Purpose.FACE_AT_GATE, True, "2026-1", "p-wang")
    pipeline = Pipeline(Told(), Settings(simulated=True, limits=OFF))
    pipeline.set_gallery(Gallery([("p-wang", WANG), ("p-li", LI)]), 1)
    habits_feed(kiosk.journal, pipeline.set_habits, "told 1", lambda: datetime.now(UTC))()

    let_in = visit(pipeline, ALIKE)
    assert let_in.person_id == "p-wang"
    records = Records(kiosk.journal, "south", lambda _: None, there(kiosk.sync).poke)
    passage = RecordPassage(
        "ref", datetime.now(UTC) - timedelta(seconds=1), Method.FACE, Direction.IN, GateDid.OPENED, "p-wang", Ruling.GRANTED,
        decision=let_in,
    )  # fmt: skip
    records.take(passage)
    records.close()

    state = AppState(desk.journal, desk.keys, desk.clock, Session("s-1", Role.GATE_STAFF), desk.sync, UTC)
    try:
        until(lambda: page(state.reader, GateFilter(), limit=9))
        seen = page(state.reader, GateFilter(), limit=9)[0]
        assert seen.person == "p-wang"
        state.review.judge(seen, "wrong_person")
        there(desk.sync).poke()
        until(lambda: pipeline.operating.tightened)
    finally:
        state.close()

    assert visit(pipeline, ALIKE).outcome is Outcome.UNSURE
    assert visit(pipeline, WANG).person_id == "p-wang"
    kept = [f for f in kiosk.journal.facts() if f.envelope.kind.startswith("margin")]
    assert set(kept[0].payload or {}) == {"passage", "by"}  # nothing of the stranger travels
