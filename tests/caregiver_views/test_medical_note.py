"""The medical note in the real window: fetched from a district that really serves, or the sealed copy behind its glass."""

from collections.abc import Callable
from threading import Event

import msgspec
import pytest
from pytestqt.qtbot import QtBot

from caregiver.elders.page import ElderPage
from caregiver.invented import Feed
from caregiver.main_window import MainWindow
from domain.people import Role
from offline.letters.notes import READ, VIEWED
from qtkit.shots import settle
from tests.caregiver_views.conftest import Employed
from tests.caregiver_views.medical import note_of
from tests.caregiver_views.pages import here
from tests.fakes.measure import cut_off
from tests.fakes.serving import Serving
from tests.fakes.there import there
from watch.plans import SET


@pytest.fixture
def online(window: MainWindow, district: Serving, employed: Callable[..., Employed]) -> Callable[..., str]:
    """`online(role, note)`: whoever has that role sits here, and somebody's note stands at the district; the elder's id."""

    def make(role: Role = Role.CAREGIVER, note: bool = True) -> str:
        state = window.state
        elder = state.elders.board.rows()[3].id
        note_of(window, elder, "服用华法林")
        plan = there(state.elders.board.plan(elder))
        store = district.office.store
        store.append_own("person.registered", "jinxiu", elder, 1, {"profile": "x", "revision": 1})
        store.append_own(SET, "jinxiu", elder, 2, {"medical_note": plan["medical_note"] if note else "", "revision": 2})
        sits = employed("ann", role)
        state.elders.medical.connect(sits.line, lambda: sits.token)
        return elder

    return make


def asked(window: MainWindow, elder: str) -> ElderPage:
    window.alarm.show_work(None)
    window.open_elder(elder)
    page = here(window, ElderPage)
    page.medical_button.click()
    return page


def looks(district: Serving, elder: str) -> list[dict[str, object]]:
    return [msgspec.json.decode(there(item.event.payload)) for item in district.office.store.about(elder, (VIEWED,))]


def test_it_is_fetched_from_the_district_whose_fact_it_is_who_looked(
    window: MainWindow, online: Callable[..., str], district: Serving, qtbot: QtBot
) -> None:
    elder = online()
    page = asked(window, elder)
    qtbot.waitUntil(lambda: page.note.note.text() == "服用华法林", timeout=10_000)
    assert page.note.said.text() == window.desk.tr("elder.medical_fetched")
    assert page.note.why.isHidden(), "nobody is asked why: the district has looked whose duty it is"
    assert page.note.no.hasFocus()
    (told,) = looks(district, elder)
    assert told["what"] == READ
    (ann,) = (a.person for a in district.office.accounts.accounts() if a.login == "ann")
    assert told["by"] == ann
    assert window.state.journal.facts(VIEWED, elder) == [], "the district's own fact comes down with the feed"
    page.note.no.click()
    assert page.note.note.text() == "", "nothing of it stays on the page"


def test_while_the_district_is_asked_the_page_says_so_and_nobody_need_wait(
    window: MainWindow, online: Callable[..., str], monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    elder = online()
    answers, came = Event(), Event()
    ask = window.state.elders.medical.ask

    def slow(person: str) -> str:
        answers.wait(20)
        try:
            return ask(person)
        finally:
            came.set()

    monkeypatch.setattr(window.state.elders.medical, "ask", slow)
    page = asked(window, elder)
    settle(window)
    assert page.note.said.text() == window.desk.tr("elder.medical_asking")
    assert page.note.waiting.isVisible()
    assert cut_off(window) == []
    page.note.instead.click()
    page.note.why.setText("昏倒")
    page.note.ok.click()
    assert page.note.note.text() == "服用华法林"
    answers.set()
    qtbot.waitUntil(came.is_set, timeout=10_000)
    qtbot.waitUntil(lambda: not window.desk.background.busy, timeout=10_000)
    assert page.note.said.isHidden(), "what comes late changes nothing on the page"


@pytest.mark.parametrize("away", ["stopped", "signed out"])
def test_where_the_district_does_not_give_it_out_the_glass_is_there_and_why(
    window: MainWindow, online: Callable[..., str], employed: Callable[..., Employed], qtbot: QtBot, away: str
) -> None:
    elder = online()
    line = employed("bo", Role.CAREGIVER).line
    if away == "stopped":
        line.close()
    window.state.elders.medical.connect(line, lambda: "no longer in force " + "x" * 20)
    page = asked(window, elder)
    qtbot.waitUntil(page.note.why.isVisible, timeout=10_000)
    code = "medical_no_line" if away == "stopped" else "medical_sign_in"
    assert page.note.said.text() == window.desk.language.tr(f"error.{code}")
    page.note.why.setText("昏倒")
    page.note.ok.click()
    assert page.note.note.text() == "服用华法林"


def test_whose_duty_it_is_not_reads_nothing_and_is_told_whom_to_ask(
    window: MainWindow, online: Callable[..., str], district: Serving, qtbot: QtBot
) -> None:
    elder = online(Role.ADMINISTRATOR)
    page = asked(window, elder)
    said = window.desk.language.tr("error.medical_not_yours")
    qtbot.waitUntil(lambda: page.note.said.text() == said, timeout=10_000)
    assert page.note.why.isHidden()
    assert page.note.ok.isHidden()
    assert looks(district, elder) == []


def test_a_note_that_was_taken_out_of_the_plan_is_not_read_from_the_old_copy(
    window: MainWindow, online: Callable[..., str], district: Serving, qtbot: QtBot
) -> None:
    elder = online(note=False)
    page = asked(window, elder)
    said = window.desk.language.tr("error.medical_no_note")
    qtbot.waitUntil(lambda: page.note.said.text() == said, timeout=10_000)
    assert page.note.ok.isHidden()
    assert looks(district, elder) == []


def test_somebody_elses_page_shows_nothing_that_comes_late(
    window: MainWindow, online: Callable[..., str], qtbot: QtBot
) -> None:
    elder = online()
    page = asked(window, elder)
    window.open_elder(window.state.elders.board.rows()[4].id)
    qtbot.waitUntil(lambda: not window.desk.background.busy, timeout=10_000)
    assert page.note.isHidden()
    assert page.note.note.text() == ""


def test_without_a_line_nobody_is_asked_and_the_glass_stands_at_once(window: MainWindow) -> None:
    elder = window.state.elders.board.rows()[3].id
    note_of(window, elder, "服用华法林")
    page = asked(window, elder)
    assert page.note.why.hasFocus()
    assert page.note.said.isHidden()


def test_the_medical_note_asks_why_and_leaves_a_trace(window: MainWindow) -> None:
    window.alarm.show_work(None)
    elder = window.state.elders.board.rows()[3].id
    note_of(window, elder, "服用华法林")
    window.open_elder(elder)
    page = here(window, ElderPage)
    page.medical_button.click()
    assert not page.note.ok.isEnabled()
    page.note.why.setText("昏倒,需要知道用药")
    page.note.ok.click()
    assert page.note.note.text() == "服用华法林"
    facts = window.state.journal.facts("record.viewed", elder)
    assert len(facts) == 1
    assert "昏倒" not in str(facts[0].payload), "the reason is sealed"


def test_where_there_is_no_medical_note_nobody_gives_a_reason_and_nobody_has_looked(window: MainWindow) -> None:
    window.alarm.show_work(None)
    elder = window.state.elders.board.rows()[3].id
    window.open_elder(elder)
    page = here(window, ElderPage)
    page.medical_button.click()
    assert page.note.note.text() == window.desk.tr("elder.medical_none")
    assert page.note.why.isHidden()
    assert page.note.no.hasFocus()
    assert window.state.elders.medical.break_glass(elder, "昏倒") == ""
    assert window.state.journal.facts("record.viewed", elder) == []


def test_a_medical_note_that_cannot_be_opened_here_is_said_and_nobody_has_looked(window: MainWindow) -> None:
    window.alarm.show_work(None)
    elder, other = (e.id for e in window.state.elders.board.rows()[3:5])
    note_of(window, elder, "服用华法林")
    note_of(window, other, "…")
    state = window.state
    plan = {**(state.elders.board.plan(other) or {}), "revision": 91}  # sealed under another's key
    state.journal.absorb([Feed("jinxiu", 97).item(SET, plan, elder, state.now())])
    state.take()
    window.open_elder(elder)
    page = here(window, ElderPage)
    page.medical_button.click()
    page.note.why.setText("昏倒")
    page.note.ok.click()
    assert page.note.note.text() == window.desk.tr("elder.medical_unreadable")
    assert state.journal.facts("record.viewed", elder) == []
