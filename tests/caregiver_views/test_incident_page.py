"""Working an incident by keyboard while more facts about it come, and on a disk that is full."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from caregiver.incidents.actions import ACTIONS
from caregiver.incidents.detail import NOTE, IncidentDetail
from caregiver.incidents.history import HistoryFilter
from caregiver.incidents.page import IncidentsPage, token_of
from caregiver.invented import Feed
from caregiver.main_window import MainWindow
from domain.errors import Mendable
from domain.incident_kinds import ACKNOWLEDGED, CLOSED, EVIDENCE, FEEDBACK, NOTICE_SENT, ON_SCENE, State
from domain.people import Role
from offline.letters.notes import seal_note
from qtkit.shots import settle
from qtkit.widgets import Chip
from tests.caregiver_views.pages import at, here
from tests.fakes.there import there


@pytest.fixture
def detail(open_window: Callable[..., MainWindow], qtbot: QtBot) -> IncidentDetail:
    """The page of an incident that we have."""
    window = open_window("en")
    ringing = window.state.incidents.ringing()[0]
    for incident in window.state.incidents.ringing():
        window.ringing.acknowledge(incident.id)
    settle(window)
    window.open_incident(ringing.id)
    page = here(window, IncidentsPage)
    qtbot.waitUntil(lambda: page.detail.incident_id == ringing.id)
    return page.detail


def button(detail: IncidentDetail, words: str) -> QPushButton:
    (found,) = [b for b in detail.findChildren(QPushButton) if b.text() == words and not b.isHidden()]
    return found


def test_the_keyboard_stays_where_it_is_while_news_comes(detail: IncidentDetail, qtbot: QtBot) -> None:
    window = detail.window()
    assert isinstance(window, MainWindow)
    state = window.state
    pressed = button(detail, "On scene")
    pressed.setFocus()
    elder = there(state.incidents.work(detail.incident_id or "")).incident.elder
    told = {"incident": detail.incident_id, "by": "system", "person": "p-son", "channel": "sms", "ref": "news"}
    with qtbot.waitSignal(window.synced, timeout=5000):
        state.journal.absorb([Feed("jinxiu", 71).item(NOTICE_SENT, told, elder, state.now())])
    settle(window)
    assert button(detail, "On scene") is pressed
    assert pressed.hasFocus()
    qtbot.keyClick(pressed, Qt.Key.Key_Space)
    here = [f for f in state.journal.facts(ON_SCENE, elder) if (f.payload or {}).get("incident") == detail.incident_id]
    assert [(f.payload or {})["by"] for f in here] == [state.session.person]


def test_a_report_that_could_not_be_kept_is_still_there_to_be_sent_again(
    detail: IncidentDetail, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = detail.window()
    assert isinstance(window, MainWindow)
    state = window.state
    Image.new("RGB", (40, 30), "green").save(tmp_path / "door.png")
    button(detail, "Report back").click()
    detail.ask.note.setPlainText("She sat by the door and is well.")
    detail.ask.photos.read([tmp_path / "door.png"])
    qtbot.waitUntil(lambda: not detail.ask.photos.busy and bool(detail.ask.photos.jpegs))
    full = Mendable("disk_full", path="/disk")
    for broken in ("append", "append_all"):
        with monkeypatch.context() as patched:
            patched.setattr(state.journal, broken, lambda *_a, **_k: (_ for _ in ()).throw(full))
            detail.ask.ok.click()
        assert "/disk" in window.trouble.label.text()
        assert detail.ask.isVisibleTo(detail)
        assert detail.ask.note.toPlainText() == "She sat by the door and is well."
        window.say("")
        if broken == "append":  # the pictures were kept before the step failed: they are not asked for twice
            detail.ask.photos.read([tmp_path / "door.png"])
            qtbot.waitUntil(lambda: not detail.ask.photos.busy and bool(detail.ask.photos.jpegs))
    detail.ask.ok.click()
    assert detail.ask.note.toPlainText() == ""
    (reported,) = [f for f in state.journal.facts(FEEDBACK) if (f.payload or {}).get("incident") == detail.incident_id]
    elder = reported.envelope.subject or ""
    assert state.open_note(elder, reported.payload or {}) == "She sat by the door and is well."
    assert len(state.photos.of(elder, detail.incident_id or "")) == 2


def test_the_next_step_leads_and_stands_out_alone(detail: IncidentDetail) -> None:
    buttons = [b for b in detail.steps.findChildren(QPushButton) if not b.isHidden()]
    assert [b.text() for b in buttons if b.property("role") == "primary"] == ["On scene"]
    here = {b.text(): (b.y(), b.x()) for b in buttons}
    assert sorted(here, key=lambda words: here[words])[:3] == ["On scene", "Call the elder", "Call 120"]


def test_what_a_step_asks_for_is_brought_into_sight_down_to_its_button(detail: IncidentDetail) -> None:
    detail.window().resize(1366, 600)  # a low screen
    settle(detail.window())
    button(detail, "Report back").click()
    settle(detail.window())
    port, ok = detail.area.viewport(), detail.ask.ok
    assert port.rect().contains(ok.mapTo(port, ok.rect().bottomRight()))


def test_words_about_one_incident_are_never_kept_with_another(
    detail: IncidentDetail, qtbot: QtBot, tmp_path: Path
) -> None:
    first, second = detail.incident_id, "inactive-now"
    assert first != second
    Image.new("RGB", (40, 30), "green").save(tmp_path / "door.png")
    detail.do(NOTE)
    detail.ask.note.setPlainText("She takes warfarin.")
    detail.ask.photos.read([tmp_path / "door.png"])
    qtbot.waitUntil(lambda: not detail.ask.photos.busy and bool(detail.ask.photos.jpegs))
    detail.show_incident(second)  # an alarm came
    detail.do(NOTE)
    assert (detail.ask.words, detail.ask.photos.jpegs) == ("", [])
    detail.ask.note.setPlainText("Nobody opens.")
    detail.ask.ok.click()
    detail.show_incident(first)
    detail.do(NOTE)
    assert detail.ask.words == "She takes warfarin."
    assert len(detail.ask.photos.jpegs) == 1


def test_the_keyboard_goes_to_the_list_when_a_step_is_taken_and_its_button_goes(
    detail: IncidentDetail, qtbot: QtBot
) -> None:
    window = detail.window()
    assert isinstance(window, MainWindow)
    page = here(window, IncidentsPage)
    pressed = button(detail, "On scene")
    pressed.setFocus()
    qtbot.keyClick(pressed, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.focusWidget() is page.table)
    assert detail._work is not None
    assert detail._work.incident.on_scene_at is not None


def test_a_long_name_pushes_nothing_out_of_sight(
    open_window: Callable[..., MainWindow], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beside the name of whoever was called stands whether they were reached."""
    window = open_window("en")
    long = "Alexandrina Wilhelmina O’Brien-Fitzgerald-Montgomery"
    monkeypatch.setattr(window.state, "known_name", lambda _: long)
    window.alarm.show_work(None)
    detail = window.open_incident("sos-now").detail
    settle(window)
    chips = detail.story.findChildren(Chip)
    assert len(chips) == 3
    for chip in chips:
        assert chip.visibleRegion().boundingRect().width() == chip.width()


def test_whoever_works_on_it_sees_who_has_a_key_and_how_to_come_in(
    detail: IncidentDetail, qtbot: QtBot, no_telephone: list[str]
) -> None:
    window = detail.window()
    assert isinstance(window, MainWindow)
    state = window.state
    elder = there(state.incidents.work(detail.incident_id or "")).incident.elder
    plan = dict(there(state.elders.board.plan(elder))) | {"revision": 50}
    plan["door_access"] = seal_note(state.keys, elder, "second stairs, code 1945")
    with qtbot.waitSignal(window.synced, timeout=5000):
        state.journal.absorb([Feed("jinxiu", 72).item("careplan.set", plan, elder, state.now())])
    detail.refresh()
    settle(window)
    words = [label.text() for label in detail.way.findChildren(QLabel) if not label.isHidden()]
    assert "The way in: second stairs, code 1945" in words
    first = there(state.people.find(plan["contacts"][0]["person_id"]))
    assert any(first.profile.phone in w and "has a key" in w for w in words)
    call = next(b for b in detail.way.findChildren(QPushButton) if first.name in b.accessibleName())
    call.click()
    assert first.profile.phone in detail.dialled.text()
    assert no_telephone == [f"tel:{first.profile.phone.replace(' ', '')}"]
    told = [(f.payload or {}).get("contact") for f in state.journal.facts(EVIDENCE, elder)]
    assert first.id in told
    qtbot.waitUntil(lambda: any(f"Called {first.name}" in w.text() for w in detail.story.findChildren(QLabel)))


def test_somebody_who_never_had_an_alarm_can_be_sent(detail: IncidentDetail) -> None:
    window = detail.window()
    assert isinstance(window, MainWindow)
    window.state.colleague_names["p-new-colleague"] = "钱新"
    assert ("p-new-colleague", "钱新") in window.state.incidents.colleagues()


def test_who_was_invited_since_the_sign_in_can_be_sent(
    detail: IncidentDetail, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = detail.window()
    assert isinstance(window, MainWindow)
    monkeypatch.setattr(window.state, "ask_names", lambda: {"p-new-colleague": "钱新"})
    detail.ask.ask(next(a for a in ACTIONS if a.asks == "person"), there(detail._work))
    qtbot.waitUntil(lambda: detail.ask.choice.findData("p-new-colleague") >= 0)


def test_enter_presses_the_button_it_is_on_and_takes_nothing_beside(
    open_window: Callable[..., MainWindow], qtbot: QtBot
) -> None:
    """Somebody else has it: to take it as well would end the right to check it."""
    window = open_window("en")
    incident = window.state.incidents.ringing()[0]
    window.alarm.show_work(None)
    window.open_incident(incident.id)
    detail = here(window, IncidentsPage).detail
    settle(window)

    def enter() -> None:
        qtbot.keyClick(there(window.focusWidget()), Qt.Key.Key_Return)
        settle(window)

    detail.add_note.setFocus()
    enter()
    assert detail.ask.isVisibleTo(detail)
    detail.ask.note.setPlainText("We rang twice.")
    detail.ask.ok.setFocus()
    enter()
    assert not detail.ask.isVisibleTo(detail)
    button(detail, "Send somebody").click()
    detail.ask.choice.setFocus()
    enter()
    assert not there(window.state.incidents.work(incident.id)).incident.accepted_by


def test_whoever_leads_evaluates_what_is_closed(open_window: Callable[..., MainWindow], qtbot: QtBot) -> None:
    window = open_window("en")
    window.alarm.show_work(None)
    (closed, *_) = window.state.incidents.history(HistoryFilter(state=State.CLOSED))
    window.open_incident(closed["incident"])
    detail = here(window, IncidentsPage).detail
    settle(window)
    button(detail, "Evaluate").click()
    detail.ask.note.setPlainText("Answered late: the rota had a gap.")
    detail.ask.ok.click()
    assert there(window.state.incidents.work(closed["incident"])).incident.state is State.EVALUATED
    caregiver = open_window("en", role=Role.CAREGIVER)
    caregiver.alarm.show_work(None)
    caregiver.open_incident(window.state.incidents.history(HistoryFilter(state=State.CLOSED))[0]["incident"])
    words = [b.text() for b in here(caregiver, IncidentsPage).detail.findChildren(QPushButton) if not b.isHidden()]
    assert "Evaluate" not in words


def test_what_was_closed_by_whoever_worked_on_it_is_found_by_who_may_check_it(
    open_window: Callable[..., MainWindow], qtbot: QtBot
) -> None:
    window = open_window("en")
    incident = window.state.incidents.ringing()[0]
    for kind in (ACKNOWLEDGED, ON_SCENE, FEEDBACK, CLOSED):
        window.state.incidents.step(incident.id, kind, **({"outcome": "helped"} if kind == FEEDBACK else {}))
    window.state.take()
    window.alarm.show_work(None)
    page = at(window, "incidents", IncidentsPage)
    page.period.choose("review")
    assert [row["incident"] for row in page.model.rows] == [incident.id]
    assert token_of(page.model.rows[0]) == "due"
