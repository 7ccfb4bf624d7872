"""Somebody of the gate's staff looks at who came in: the gate that keeps the picture, the district that passes it on, the desk."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from assets.words import LANGUAGES, say
from caregiver.gatelog.log import GateFilter, Passage, page
from caregiver.gatelog.picture_row import PictureRow
from caregiver.main_window import MainWindow
from caregiver.memory.reading import Reader
from caregiver.session import Session
from caregiver.state import AppState, projections
from domain.consent import Purpose
from domain.errors import Mendable
from domain.identification import Decision, Liveness, Outcome, Reason
from domain.passages import Direction, Method, Ruling
from domain.people import Profile, Role
from kiosk.camera.port import Frame
from kiosk.faces.messages import DecisionMade, FaceBox, Sighting
from kiosk.known_time import Known
from kiosk.passages.facts import PASSAGE, passage_payload, passage_subject
from kiosk.passages.looks import Looks
from kiosk.passages.pictures import PassagePictures, PictureStore
from kiosk.visit.effects import GateDid, RecordPassage
from offline.letters.gate_card import GATE_DESCRIBED, describe
from offline.letters.looks import read_look
from qtkit.background import Background
from qtkit.i18n import Language
from qtkit.shots import settle
from qtkit.theme import Mode, Theme
from tests.fakes.serving import Serving
from tests.fakes.staff import a_desk, a_kiosk, districts_key
from tests.fakes.waiting import until
from tests.journeys.on_the_line import AtADesk, AtWork

FACE = np.full((360, 640, 3), 90, np.uint8)


class Gate(AtWork):
    """A kiosk with its real store of pictures."""

    def __init__(self, district: Serving, folder: Path) -> None:
        super().__init__(a_kiosk(district, folder))
        self.store = PictureStore(folder / "pictures.sqlite", self.node.keys)
        self.keep = timedelta(days=7)
        self.pictures = PassagePictures(
            self.store, self.node.journal, self.node.roster, lambda: Frame(FACE, datetime.now(UTC), 0.0, 1),
            lambda: Known(self.node.clock.now(), True, True).stays(self.keep),
        )  # fmt: skip
        key = districts_key(self.node)
        self.looks = Looks(
            self.node.journal,
            self.pictures,
            self.node.identity.box,
            self.node.line,
            lambda: key,
            self.node.clock.now_ms,
        )
        self.sent: list[bytes] = []
        self.line_up()
        told = describe(
            self.node.identity, gate="south", name={"zh": "南门", "en": "South"}, direction="in", software="1", engine="e",
            ways=["face"], guard_phone=False, keep_days=30,
        )  # fmt: skip
        self.node.journal.append(GATE_DESCRIBED, told)

    def line_up(self) -> None:
        self.begin()
        assert self.node.stream is not None

        def looked(sent: bytes) -> None:
            self.sent.append(sent)
            self.looks.heard(sent)

        self.node.stream.looked = looked
        self.heard()

    def passes(self, person: str | None, *consents: Purpose, method: Method = Method.FACE) -> None:
        node = self.node
        if person and node.roster.profile(person) is None:
            node.roster.register(person, Profile("李", "建国"))
        for purpose in consents:
            node.roster.consent(str(person), purpose, True, "2026-1", str(person))
        visit = f"v-{person}-{method}"
        self.pictures.hear(Sighting(visit, (FaceBox(0.4, 0.3, 0.2, 0.4, True),), None, 0.9, None, 1, 0.0, 5.0))
        outcome = (Outcome.IDENTIFIED, Reason.MATCH) if person else (Outcome.UNKNOWN, Reason.NO_MATCH)
        decision = Decision(visit, *outcome, person, (), 0.5, 3, None, Liveness.LIVE, "sface", datetime.now(UTC), 640.0)
        self.pictures.hear(DecisionMade(decision))
        did, ruling = (GateDid.OPENED, Ruling.GRANTED) if person else (GateDid.SHUT, None)
        record = RecordPassage(
            visit, node.clock.now(), method, Direction.IN, did, person, ruling,
            decision=decision if method is Method.FACE else None,
        )  # fmt: skip
        self.pictures.record(record)
        self.pictures._thread.submit(lambda: None).result(5)
        node.journal.append(PASSAGE, passage_payload(record, "south"), subject=passage_subject(record))
        self.poke()

    def stop(self) -> None:
        self.node.stop()
        self.looks.close()
        self.pictures.close()
        super().stop()


class Seat(AtADesk):
    def __init__(self, district: Serving, folder: Path, role: Role = Role.GATE_STAFF, login: str = "gus") -> None:
        super().__init__(district, a_desk(district, folder, projections()), role, login)
        session = Session(self.person, role, login, "Jinxiu", signed_in=True)
        self.state = AppState(self.node.journal, self.node.keys, self.node.clock, session, self.sync, UTC)
        self.state.review.pictures.connect(self.node.line(), lambda: self.token)

    def passage(self, **which: str) -> Passage:
        def found() -> list[Passage]:
            return [
                p
                for p in page(self.state.reader, GateFilter(), limit=50)
                if all(getattr(p, k) == v for k, v in which.items())
            ]

        def known() -> bool:
            rows = self.state.reader.rows("SELECT 1 FROM facts WHERE kind = ?", (GATE_DESCRIBED,))
            return bool(found() and rows)

        until(known)
        return found()[0]

    def fetch(self, passage: Passage) -> bytes:
        return self.state.review.pictures.fetch(self.state.reader, passage.fact)

    def refused(self, passage: Passage) -> str:
        with pytest.raises(Mendable) as caught:
            self.fetch(passage)
        for code in LANGUAGES:
            assert say(code, f"error.{caught.value.code}")
        return caught.value.code

    def stop(self) -> None:
        self.state.close()
        super().stop()


@pytest.fixture
def gate(district: Serving, tmp_path: Path, kept: Callable[[Gate], Gate]) -> Gate:
    return kept(Gate(district, tmp_path / "gate"))


@pytest.fixture
def seat_of(district: Serving, tmp_path: Path, kept: Callable[[Seat], Seat]) -> Callable[..., Seat]:
    def make(role: Role = Role.GATE_STAFF, login: str = "gus") -> Seat:
        return kept(Seat(district, tmp_path / login, role, login))

    return make


BOTH = (Purpose.FACE_AT_GATE, Purpose.PASSAGE_PICTURE)


def test_the_picture_reaches_the_desk_that_asked_and_the_audit_says_who_looked_at_whom(
    gate: Gate, seat_of: Callable[..., Seat], district: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[bytes] = []
    answer = district.office.looks.answer

    def handed_on(id: str, kiosk: str, sealed: bytes) -> bool:
        seen.append(sealed)  # what the district has in its hands
        return answer(id, kiosk, sealed)

    monkeypatch.setattr(district.office.looks, "answer", handed_on)
    seat = seat_of()
    gate.passes("p-li", *BOTH)
    jpeg = seat.fetch(seat.passage(person="p-li"))
    assert jpeg == gate.store.find("v-p-li-face", "p-li")
    assert jpeg.startswith(b"\xff\xd8")
    assert len(seen) == 1
    assert jpeg[:16] not in seen[0]
    (line,) = [one for one in district.office.audit.lines(about="p-li") if one.action == "passage.picture_asked"]
    assert line.actor == seat.state.session.person


def test_where_there_is_no_picture_the_reason_is_one_sentence(gate: Gate, seat_of: Callable[..., Seat]) -> None:
    seat = seat_of()
    gate.passes("p-wang", Purpose.FACE_AT_GATE)
    gate.passes("p-card", *BOTH, method=Method.CARD)
    gate.passes(None)
    gate.passes("p-li", *BOTH)
    assert seat.refused(seat.passage(person="p-wang")) == "picture_no_consent"
    assert seat.refused(seat.passage(person="p-card")) == "picture_not_by_face"
    assert seat.refused(seat.passage(outcome="unknown")) == "picture_nobody"
    mine = seat.passage(person="p-li")
    gate.keep = timedelta(0)  # days later
    assert seat.refused(mine) == "picture_expired"
    gate.keep = timedelta(days=7)
    gate.node.roster.consent("p-li", Purpose.PASSAGE_PICTURE, False, "", "s-1")
    assert seat.refused(mine) == "picture_no_consent"
    gate.node.roster.consent("p-li", Purpose.PASSAGE_PICTURE, True, "2026-1", "p-li")
    assert seat.refused(mine) == "picture_not_kept"  # what was erased stays erased


def test_who_may_not_look_gets_no_picture_and_a_gate_off_the_line_is_said_to_be(
    gate: Gate, seat_of: Callable[..., Seat], district: Serving
) -> None:
    gate.passes("p-li", *BOTH)
    ann, gus = seat_of(Role.CAREGIVER, "ann"), seat_of()
    assert ann.refused(ann.passage(person="p-li")) == "picture_not_yours"
    assert gate.sent == []
    mine, token = gus.passage(person="p-li"), gus.token
    gus.token = ""
    assert gus.refused(mine) == "picture_sign_in"
    gus.token = token
    gate.node.stop()
    until(lambda: not district.office.hub.hand(gate.node.journal.device, b"{}", "look"))
    assert gus.refused(mine) == "picture_kiosk_silent"
    gate.line_up()
    assert gus.fetch(mine)


def test_a_gate_that_hangs_is_not_waited_for_for_ever(
    gate: Gate, seat_of: Callable[..., Seat], monkeypatch: pytest.MonkeyPatch
) -> None:
    seat = seat_of()
    gate.passes("p-li", *BOTH)
    mine = seat.passage(person="p-li")
    monkeypatch.setattr(gate.looks, "heard", lambda _sent: None)
    monkeypatch.setattr("district.api.passages.WAIT_S", 0.2)
    assert seat.refused(mine) == "picture_kiosk_silent"
    now, key = gate.node.clock.now_ms(), gate.looks._district_key()
    assert key is not None
    assert read_look(gate.sent[0], key, gate.node.identity.box, gate.node.journal.device, now)


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_desktop_shows_it_off_the_windows_thread_and_says_why_not(
    gate: Gate, seat_of: Callable[..., Seat], qtbot: Any, qapp: Any, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate.passes("p-li", *BOTH)
    seat = seat_of()
    mine = seat.passage(person="p-li")
    background = Background()
    window = MainWindow(seat.state, Language(code), Theme(qapp, "desktop", Mode.LIGHT), background)
    try:
        row = PictureRow(window.desk, seat.state.review.pictures, mine)
        qtbot.addWidget(row)
        row.show()
        threads: list[threading.Thread] = []
        fetch = seat.state.review.pictures.fetch

        def noted(reader: Reader, fact: int) -> bytes:
            threads.append(threading.current_thread())
            return fetch(reader, fact)

        monkeypatch.setattr(seat.state.review.pictures, "fetch", noted)
        row.show_it.click()
        assert row.said.text() == say(code, "caregiver.gatelog.picture_asking")
        row.show_it.click()  # it is being asked for already
        qtbot.waitUntil(row.picture.isVisible)
        assert len(threads) == 1
        assert threads != [threading.main_thread()]
        assert not row.picture.pixmap().isNull()
        row.show_it.click()  # put it away
        assert row.picture.isHidden()
        gate.node.roster.consent("p-li", Purpose.PASSAGE_PICTURE, False, "", "s-1")
        row.show_it.click()
        qtbot.waitUntil(lambda: row.said.text() == say(code, "error.picture_no_consent"))
        assert row.picture.isHidden()
    finally:
        window.close()
        settle(window)
        background.close()
        qapp.setStyleSheet("")
