"""Pictures of passages: of whom they are kept, for how long, and what makes them go."""

import io
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow

from domain.consent import Purpose
from domain.identification import Candidate, Decision, Liveness, Outcome, Reason
from domain.passages import Direction, Method, Ruling
from domain.people import Profile
from kiosk.camera.port import Frame
from kiosk.faces.cut_out import cut_out
from kiosk.faces.engine import Face, Image, Vector, unit
from kiosk.faces.gallery import Gallery
from kiosk.faces.messages import DecisionMade, FaceBox, Sighting
from kiosk.faces.pipeline import Pipeline, Settings
from kiosk.faces.quality import HEAD, OFF
from kiosk.faces.tail import shipped_tail
from kiosk.known_time import Known
from kiosk.passages.facts import PASSAGE, passage_payload, passage_subject
from kiosk.passages.pictures import PassagePictures, PictureStore
from kiosk.visit.effects import GateDid, RecordPassage
from offline.journal.journal import Journal
from offline.keys.keystore import Keystore
from offline.keys.seal import new_key
from offline.node_clock import NodeClock
from offline.roster import Roster, RosterProjection
from tests.fakes.one_page import one_page, withdraws_and_agrees_again

NOW = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)
BOX = FaceBox(0.4, 0.3, 0.2, 0.4, True)


class Gate:
    """A gate that sees a red face at `BOX`, and blue everywhere else."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.now, self.heard, self.sure = folder, NOW, True, True
        self.journal = Journal(folder / "j.sqlite", NodeClock(), [RosterProjection()])
        self.journal.become("gate-1", 1, "jinxiu")
        self.keys = Keystore(folder / "k.sqlite", new_key())
        self.roster = Roster(self.journal, self.keys)
        self.open()

    def open(self) -> None:
        image = np.zeros((360, 640, 3), np.uint8)
        image[..., 0] = 255
        image[108:252, 256:384] = (0, 0, 255)
        self.store = PictureStore(self.folder / "pictures.sqlite", self.keys)
        self.pictures = PassagePictures(
            self.store,
            self.journal,
            self.roster,
            lambda: Frame(image, NOW, 0.0, 7),
            lambda: Known(self.now, self.heard, self.sure).stays(timedelta(days=7)),
        )

    def know(self, person: str, *purposes: Purpose) -> None:
        self.roster.register(person, Profile("李", "建国"))
        for purpose in purposes:
            self.roster.consent(person, purpose, True, "2026-1", person)

    def passes(
        self, person: str | None, visit: str = "v1", did: GateDid = GateDid.OPENED, method: Method = Method.FACE
    ) -> None:
        self.pictures.hear(Sighting(visit, (BOX,), None, 0.9, None, 7, 0.0, 5.0))
        outcome = (Outcome.IDENTIFIED, Reason.MATCH) if person else (Outcome.UNKNOWN, Reason.NO_MATCH)
        ranked = (Candidate(person, 0.7),) if person else ()
        decision = Decision(visit, *outcome, person, ranked, 0.5, 3, None, Liveness.LIVE, "sface", self.now, 640.0)
        self.pictures.hear(DecisionMade(decision))
        ruling = Ruling.GRANTED if person else None
        record = RecordPassage(visit, self.now, method, Direction.IN, did, person, ruling, decision=decision)
        self.pictures.record(record)
        self.journal.append(PASSAGE, passage_payload(record, "south"), subject=passage_subject(record))
        self.settle()

    def settle(self) -> None:
        self.pictures._thread.submit(lambda: None).result(5)

    def close(self) -> None:
        self.pictures.close()
        self.journal.close()
        self.keys.close()


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[Gate]:
    made = Gate(tmp_path)
    yield made
    made.close()


BOTH = (Purpose.FACE_AT_GATE, Purpose.PASSAGE_PICTURE)


def test_the_face_of_somebody_who_agreed_is_kept_small_and_sealed(gate: Gate) -> None:
    gate.know("p-li", *BOTH)
    gate.passes("p-li")
    jpeg = gate.store.find("v1", "p-li")
    assert jpeg is not None
    picture = Pillow.open(io.BytesIO(jpeg))
    assert picture.width <= 240
    red, _, blue = np.asarray(picture)[picture.height // 2, picture.width // 2]
    assert (red > 200, blue < 60) == (True, True)
    assert len(jpeg) < 20_000
    assert jpeg[:20] not in (gate.folder / "pictures.sqlite").read_bytes()


def test_without_their_own_consent_nothing_is_kept_of_anybody(gate: Gate) -> None:
    gate.know("p-wang", Purpose.FACE_AT_GATE)
    gate.know("p-zhao", Purpose.PASSAGE_PICTURE)
    for number, person in enumerate(("p-wang", "p-zhao", None)):
        gate.passes(person, f"v{number}")
    assert gate.store.count() == 0


@pytest.mark.parametrize(
    ("did", "method"), [(GateDid.SHUT, Method.FACE), (GateDid.FAILED, Method.FACE), (GateDid.OPENED, Method.CARD)]
)
def test_only_a_passage_by_face_has_a_picture(gate: Gate, did: GateDid, method: Method) -> None:
    gate.know("p-li", *BOTH)
    gate.passes("p-li", did=did, method=method)
    assert gate.store.count() == 0


@pytest.mark.parametrize("purpose", BOTH)
def test_a_withdrawal_erases_at_once(gate: Gate, purpose: Purpose) -> None:
    gate.know("p-li", *BOTH)
    gate.know("p-wang", *BOTH)
    gate.passes("p-li", "v1")
    gate.passes("p-wang", "v2")
    gate.roster.consent("p-li", purpose, False, "", "s-1")
    gate.settle()
    assert gate.store.find("v1", "p-li") is None
    assert gate.store.count() == 1


@pytest.mark.parametrize("purpose", BOTH)
def test_a_withdrawal_erases_also_where_a_new_consent_comes_in_the_same_page(gate: Gate, purpose: Purpose) -> None:
    gate.know("p-li", *BOTH)
    gate.passes("p-li", "v1")
    gate.journal.absorb(one_page(gate.folder / "desk", gate.keys, withdraws_and_agrees_again("p-li", purpose)))
    gate.settle()
    assert gate.pictures.agreed("p-li")
    assert gate.store.count() == 0
    gate.passes("p-li", "v2")
    gate.pictures.let_go()
    assert gate.store.find("v2", "p-li") is not None, "taken by the consent that holds"


def test_nor_does_it_outlive_a_program_that_ended_between_the_two(gate: Gate) -> None:
    gate.know("p-li", *BOTH)
    gate.passes("p-li")
    gate.pictures.close()
    gate.journal.absorb(one_page(gate.folder / "desk", gate.keys, withdraws_and_agrees_again("p-li", BOTH[0])))
    gate.open()
    gate.pictures.start()
    gate.settle()
    assert gate.store.count() == 0


def test_a_picture_whose_consent_went_while_the_gate_answered_is_not_kept(gate: Gate) -> None:
    gate.know("p-li", *BOTH)
    take = gate.pictures.record

    def meanwhile(passage: RecordPassage) -> None:
        withdraws_and_agrees_again("p-li", Purpose.PASSAGE_PICTURE)(gate.roster)
        take(passage)

    gate.pictures.record = meanwhile  # type: ignore[method-assign]
    gate.passes("p-li")
    assert gate.store.count() == 0


def kept_by_an_older_program(gate: Gate) -> None:
    """Of somebody who had withdrawn once, and agreed again."""
    gate.know("p-li", *BOTH)
    withdraws_and_agrees_again("p-li", *BOTH)(gate.roster)
    gate.passes("p-li")
    gate.pictures.close()
    with closing(sqlite3.connect(gate.folder / "pictures.sqlite")) as db:
        db.execute("ALTER TABLE pictures DROP COLUMN knew")


def test_pictures_of_an_older_program_stay_until_the_next_withdrawal(gate: Gate) -> None:
    kept_by_an_older_program(gate)
    gate.open()
    gate.pictures.let_go()
    assert gate.store.find("v1", "p-li") is not None
    gate.pictures.close()
    gate.journal.absorb(one_page(gate.folder / "desk", gate.keys, withdraws_and_agrees_again("p-li", BOTH[0])))
    gate.open()
    gate.pictures.let_go()
    assert gate.store.count() == 0


def test_of_somebody_who_does_not_agree_at_the_update_none_stays_though_they_agree_at_once(gate: Gate) -> None:
    kept_by_an_older_program(gate)
    gate.roster.consent("p-li", BOTH[0], False, "2026-1", "p-li")
    gate.open()
    gate.roster.consent("p-li", BOTH[0], True, "2026-1", "p-li")
    gate.pictures.let_go()
    assert gate.store.count() == 0


def test_a_destroyed_key_makes_every_copy_unreadable(gate: Gate) -> None:
    gate.know("p-li", *BOTH)
    gate.passes("p-li")
    copy = gate.folder / "stolen.sqlite"
    copy.write_bytes((gate.folder / "pictures.sqlite").read_bytes())
    gate.keys.destroy("p-li")
    stolen = PictureStore(copy, gate.keys)
    assert (stolen.count(), stolen.find("v1", "p-li")) == (1, None)
    stolen.close()


def test_after_its_days_a_picture_goes_with_the_nightly_job(gate: Gate) -> None:
    gate.know("p-li", *BOTH)
    gate.passes("p-li", "v1")
    gate.now += timedelta(days=6)
    gate.passes("p-li", "v2")
    gate.now += timedelta(days=2)
    assert gate.pictures.let_go() == 1
    assert (gate.store.find("v1", "p-li"), gate.store.count()) == (None, 1)


def test_a_start_whose_clock_is_wrong_takes_no_picture_away_before_a_district_said_the_time(gate: Gate) -> None:
    gate.know("p-li", *BOTH)
    gate.passes("p-li")
    gate.now, gate.heard, gate.sure = NOW + timedelta(days=400), False, False
    gate.pictures.let_go()
    gate.now -= timedelta(days=4000)
    gate.pictures.let_go()
    assert gate.store.count() == 1


def test_a_picture_from_a_day_that_has_not_come_goes_once_the_time_is_sure(gate: Gate) -> None:
    """Until then it would outlast its days by as much as the clock was ahead."""
    gate.know("p-li", *BOTH)
    gate.now, gate.sure = NOW + timedelta(days=400), False
    gate.passes("p-li")
    gate.now = NOW
    assert gate.pictures.let_go() == 0
    gate.sure = True
    assert gate.pictures.let_go() == 1


def test_what_was_withdrawn_while_the_program_was_down_goes_at_its_start(gate: Gate) -> None:
    gate.know("p-li", *BOTH)
    gate.passes("p-li")
    gate.pictures.close()
    gate.roster.consent("p-li", Purpose.PASSAGE_PICTURE, False, "", "s-1")
    gate.open()
    gate.pictures.start()
    gate.settle()
    assert gate.store.count() == 0


def test_two_passages_in_one_breath_keep_their_own_faces(gate: Gate) -> None:
    """The second is decided before the gate has answered for the first."""
    gate.know("p-li", *BOTH)
    gate.know("p-wang", *BOTH)
    records = []
    for visit, person in (("v1", "p-li"), ("v2", "p-wang")):
        gate.pictures.hear(Sighting(visit, (BOX,), None, 0.9, None, 7, 0.0, 5.0))
        decision = Decision(
            visit, Outcome.IDENTIFIED, Reason.MATCH, person, (), 0.5, 3, None, Liveness.LIVE, "sface", NOW, 640.0
        )
        gate.pictures.hear(DecisionMade(decision))
        records.append(
            RecordPassage(
                visit, NOW, Method.FACE, Direction.IN, GateDid.OPENED, person, Ruling.GRANTED, decision=decision
            )
        )
    for record in records:
        gate.pictures.record(record)
    gate.settle()
    assert gate.store.find("v1", "p-li")
    assert gate.store.find("v2", "p-wang")


WANG, LI = unit(np.random.default_rng(3).normal(size=(2, 128)))


class OneFace:
    """An engine that sees one face, in one place, and takes it for p-wang."""

    name, version, dim, tail = "told", "1", 128, shipped_tail("sface")

    def detect(self, _image: Image) -> list[Face]:
        return [Face((240, 150, 160, 160), (HEAD[:, :2] * 70 + (320, 200)).astype(np.float32), 0.95)]

    def embed(self, _image: Image, _face: Face) -> Vector:
        return np.asarray(WANG)


def test_the_real_pipeline_says_in_time_where_the_face_is(gate: Gate) -> None:
    gate.know("p-wang", *BOTH)
    pipeline = Pipeline(OneFace(), Settings(simulated=True, limits=OFF))
    pipeline.set_gallery(Gallery([("p-wang", WANG), ("p-li", LI)]), 1)
    texture = np.random.default_rng(0).integers(60, 200, (480, 640, 3), np.uint8)
    gate.pictures._frames = lambda: Frame(texture, NOW, 0.0, 0)
    decided: list[Decision] = []
    for index in range(60):
        for message in pipeline.step(Frame(texture, datetime.now(UTC), time.monotonic(), index)):
            gate.pictures.hear(message)
            decided += [message.decision] if isinstance(message, DecisionMade) else []
        if decided:
            break
    assert decided[0].person_id == "p-wang"
    gate.pictures.record(
        RecordPassage(
            decided[0].visit_id,
            NOW,
            Method.FACE,
            Direction.IN,
            GateDid.OPENED,
            "p-wang",
            Ruling.GRANTED,
            decision=decided[0],
        )
    )
    gate.settle()
    jpeg = gate.store.find(decided[0].visit_id, "p-wang")
    assert jpeg is not None
    assert Pillow.open(io.BytesIO(jpeg)).width == 240


@pytest.mark.parametrize("box", [FaceBox(-0.1, -0.2, 0.3, 0.5, True), FaceBox(0.9, 0.8, 0.3, 0.5, True)])
def test_a_face_at_the_edge_is_cut_where_the_picture_ends(box: FaceBox) -> None:
    cut = cut_out(np.zeros((90, 160, 3), np.uint8), box, 0.4)
    assert 0 < cut.shape[0] <= 90
    assert 0 < cut.shape[1] <= 160
