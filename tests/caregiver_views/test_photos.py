"""Photos of visits and incidents: chosen or dropped, scaled, sealed under the elder's key, shown to whoever holds it."""

from pathlib import Path
from threading import Event

import pytest
from PIL import Image
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QImage
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from caregiver.elders.page import ElderPage
from caregiver.incidents.page import IncidentsPage
from caregiver.main_window import MainWindow
from caregiver.memory.photos import MOST, MOST_BYTES, SIDE, TAKEN, shrunk
from caregiver.parts import photo_views
from domain.errors import Mendable
from qtkit.shots import settle
from tests.caregiver_views.pages import at, here
from tests.fakes.measure import cut_off
from tests.fakes.there import there


def camera_picture(path: Path, size: tuple[int, int] = (4000, 3000)) -> Path:
    """As a telephone writes it: large, lying on its side, with the place in it."""
    image = Image.effect_noise(size, 80).convert("RGB")
    told = Image.Exif()
    told[0x0112] = 6  # the right side up is to the right
    told[0x010F] = "SECRETPHONE"
    image.save(path, "JPEG", quality=92, exif=told)
    return path


def test_a_telephones_picture_becomes_small_upright_and_silent(tmp_path: Path) -> None:
    path = camera_picture(tmp_path / "a.jpg")
    jpeg = shrunk(path)
    image = QImage.fromData(jpeg)
    assert len(jpeg) <= MOST_BYTES
    assert max(image.width(), image.height()) <= SIDE
    assert image.height() > image.width(), "turned as it was held"
    assert b"SECRETPHONE" in path.read_bytes()
    assert b"SECRETPHONE" not in jpeg


@pytest.mark.parametrize("content", [b"", b"not a picture", b"\xff\xd8\xff\xe0" + b"\x00" * 100])
def test_what_is_no_picture_is_said(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(content)
    with pytest.raises(Mendable) as caught:
        shrunk(path)
    assert caught.value.code == "photo_unreadable"


def test_a_visits_photo_is_dropped_sealed_and_shown_again(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    window.alarm.show_work(None)
    state = window.state
    elder = state.elders.board.rows()[3].id
    window.open_elder(elder)
    page = here(window, ElderPage)
    page.visit_button.click()
    pick = page.visit_form.photos
    data = QMimeData()
    camera_picture(tmp_path / "a.jpg", (1600, 1200))
    (tmp_path / "b.png").write_bytes(b"nothing")
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / name)) for name in ("a.jpg", "b.png", "notes.txt")])
    where, keys = QPointF(5, 5), Qt.KeyboardModifier.NoModifier
    pick.dropEvent(QDropEvent(where, Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, keys))
    page.visit_form.ok.click()
    assert page.visit_form.isVisible(), "a picture that is still being scaled is waited for"
    qtbot.waitUntil(lambda: not pick.busy, timeout=20_000)
    assert len(pick.jpegs) == 1
    assert "b.png" in pick.said.text()
    settle(window)
    assert cut_off(window) == []
    page.visit_form.ok.click()
    [fact] = state.journal.facts(TAKEN)
    assert fact.envelope.subject == elder
    assert fact.payload is not None
    visit = state.journal.facts("visit.recorded", elder)[-1].envelope.id
    assert (fact.payload["of"], fact.payload["ref"]) == ("visit", visit)
    [photo] = state.photos.of(elder, visit)
    assert not QImage.fromData(photo.jpeg).isNull()
    assert photo.jpeg[:200].hex() not in str(fact.payload)
    settle(window)
    assert any(label.accessibleName() == "照片" and label.isVisibleTo(page) for label in page.findChildren(QLabel))
    state.keys.destroy(elder)  # whoever does not hold the key, or holds it no more
    assert state.photos.of(elder, visit) == []


def test_a_visit_whose_photos_do_not_fit_is_not_recorded_without_them_at_each_press(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    window.alarm.show_work(None)
    state = window.state
    elder = state.elders.board.rows()[3].id
    before = len(state.journal.facts("visit.recorded", elder))

    def full(*_: object) -> None:
        raise Mendable("disk_full", path="/")

    with monkeypatch.context() as disk:
        disk.setattr(state.journal, "append_all", full)
        with pytest.raises(Mendable, match="disk_full"):
            state.elders.visits.record(elder, "visit", {}, [b"jpeg"])
    assert len(state.journal.facts("visit.recorded", elder)) == before
    visit = state.elders.visits.record(elder, "visit", {}, [b"jpeg"])
    assert [p.jpeg for p in state.photos.of(elder, visit)] == [b"jpeg"]


def test_a_photo_that_is_still_being_scaled_comes_to_whom_it_was_chosen_for(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scaled = Event()
    monkeypatch.setattr(photo_views, "shrunk", lambda path: (scaled.wait(60), shrunk(path))[1])
    window.alarm.show_work(None)
    first, second = (e.id for e in window.state.elders.board.rows()[3:5])
    window.open_elder(first)
    page = here(window, ElderPage)
    page.visit_button.click()
    page.visit_form.photos.read([camera_picture(tmp_path / "a.jpg", (80, 60))])
    window.open_elder(second)
    page.visit_button.click()
    assert not page.visit_form.photos.busy
    scaled.set()
    qtbot.waitUntil(lambda: not window.desk.background.busy, timeout=20_000)
    assert page.visit_form.photos.jpegs == []
    window.open_elder(first)
    page.visit_button.click()
    assert len(page.visit_form.photos.jpegs) == 1


def test_an_incidents_photo_stands_under_its_history(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    state = window.state
    with qtbot.waitSignal(window.synced, timeout=10_000):
        for ringing in state.incidents.ringing():
            state.incidents.acknowledge(ringing.id)
    window.alarm.show_work(None)
    page = at(window, "incidents", IncidentsPage)
    qtbot.waitUntil(lambda: page.detail.incident_id is not None, timeout=10_000)
    detail = page.detail
    incident = detail.incident_id
    from caregiver.incidents.actions import Action
    from domain.incident_kinds import EVIDENCE

    detail.do(Action(EVIDENCE, "note", "note", "", asks="note"))
    detail.ask.photos.read([camera_picture(tmp_path / f"{n}.jpg", (400, 300)) for n in range(MOST + 1)])
    assert "最多" in detail.ask.photos.said.text()
    qtbot.waitUntil(lambda: not detail.ask.photos.busy, timeout=20_000)
    assert len(detail.ask.photos.jpegs) == MOST
    detail.ask.photos._drop(0)
    detail.ask.note.setPlainText("门锁着")
    detail.ask.ok.click()
    elder = there(window.state.incidents.work(incident or "")).incident.elder
    assert len(window.state.photos.of(elder, incident or "")) == MOST - 1

    def shown() -> int:
        labels = (label for label in detail.findChildren(QLabel) if label.accessibleName() == "照片")
        return sum(label.isVisibleTo(detail) for label in labels)

    qtbot.waitUntil(lambda: shown() == MOST - 1, timeout=10_000)
    kinds = [f.envelope.kind for f in window.state.journal.facts() if f.payload and "photo" in f.payload]
    assert set(kinds) == {TAKEN}, "no picture goes down the alarms' own lane"
