"""A care plan as its page makes, replays, saves and takes it back, and what responders must know."""

from datetime import time, timedelta

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from caregiver.elders.plan_fields import SEEN, WindowRow
from caregiver.elders.plan_page import PlanPage
from caregiver.elders.proposals import standing
from caregiver.elders.responders import SATELLITES
from caregiver.main_window import MainWindow
from domain.careplan import Window
from domain.places import read_position
from domain.signals import Sign
from offline.letters.notes import open_note
from qtkit.shots import settle
from tests.caregiver_views.answering import answer
from tests.caregiver_views.conftest import Opener
from tests.caregiver_views.pages import at, here
from tests.fakes.inspecting import takes_tab
from tests.fakes.there import there
from watch.plans import PROPOSED


def test_a_plan_is_replayed_saved_and_taken_back(window: MainWindow, qtbot: QtBot) -> None:
    window.alarm.show_work(None)
    state = window.state
    elder = state.elders.board.rows()[3].id
    before = state.elders.board.plan(elder)
    assert before is not None
    window.open_plan(elder)
    page = here(window, PlanPage)
    page.alone.home_by.setValue(9 * 60)
    qtbot.waitUntil(lambda: not window.desk.background.busy, timeout=10_000)
    page.save.click()
    assert state.elders.board.plan(elder) == before, "a proposal is not in force"
    assert page.said.label.text() == window.desk.tr("plan.waiting")
    answer(window, qtbot)
    assert page.said.label.text() == window.desk.tr("plan.saved")
    saved = state.elders.board.plan(elder)
    assert saved is not None
    assert (saved["return_watch_min"], saved["revision"]) == (540, before["revision"] + 1)
    assert saved["caregiver"] == before["caregiver"], "what the form does not show is kept"
    page.undo.click()
    answer(window, qtbot)
    again = state.elders.board.plan(elder)
    assert again is not None
    assert (again["return_watch_min"], again["revision"]) == (before["return_watch_min"], before["revision"] + 2)


def test_a_time_has_its_own_reminder_and_its_own_signs(window: MainWindow, qtbot: QtBot) -> None:
    window.alarm.show_work(None)
    state, tr = window.state, window.desk.tr
    elder = state.elders.board.rows()[3].id
    window.open_plan(elder)
    page = here(window, PlanPage)
    untouched = page.plan().windows
    line = page._rows[0]
    line.remind.setValue(0)
    line.counts.choose("seen")
    assert line.remind.text() == tr("plan.no_reminder")
    page.save.click()
    answer(window, qtbot)
    first, *others = (state.elders.board.plan(elder) or {})["windows"]
    assert (first["remind_min"], first["counted"]) == (0, ["call", "gate", "visit"])
    assert len(others) == len(untouched) - 1
    assert page.plan().windows[1:] == untouched[1:]
    assert page._rows[0].read().counted == SEEN
    line = page._rows[0]
    line.counts.choose("plan")
    line.remind.setValue(50)
    assert (line.read().counted, line.read().remind_before) == (None, timedelta(minutes=50))


def test_signs_of_a_time_that_no_choice_names_are_kept(window: MainWindow, qtbot: QtBot) -> None:
    agreed = Window("m", time(9), time(11), remind_before=timedelta(hours=5), counted=frozenset({Sign.BED}))
    line = WindowRow(window.desk, agreed)
    qtbot.addWidget(line)
    assert line.read() == agreed
    assert line.counts.currentText() == window.desk.tr("counts.own")


def test_a_plan_somebody_else_changed_first_says_so_shows_what_stands_and_keeps_ours(
    window: MainWindow, qtbot: QtBot
) -> None:
    window.alarm.show_work(None)
    state, tr = window.state, window.desk.tr
    elder = state.elders.board.rows()[3].id
    before = standing(state.reader, elder, "me")
    window.open_plan(elder)
    page = here(window, PlanPage)
    theirs = {**before.plan, "return_watch_min": 120, "by": "somebody", "base": before.base}
    state.journal.append(PROPOSED, theirs, subject=elder)
    page.alone.home_by.setValue(9 * 60)
    page.save.click()
    page.alone.home_by.setValue(10 * 60)
    page.save.click()
    answer(window, qtbot)
    assert page.said.label.text() == tr("plan.superseded", name=tr("plan.somebody"))
    assert page.alone.home_by.value() == 120, "what stands is shown"
    page.mine.click()
    assert page.alone.home_by.value() == 600
    page.save.click()
    answer(window, qtbot)
    assert (state.elders.board.plan(elder) or {})["return_watch_min"] == 600
    assert page.said.label.text() == tr("plan.saved")


def test_what_responders_must_know_is_kept_sealed_and_a_note_is_never_shown_again(
    window: MainWindow, qtbot: QtBot
) -> None:
    state = window.state
    person = state.elders.board.rows()[0].id
    window.open_plan(person)
    page = at(window, "careplan", PlanPage)
    page.help.door.setText("key at 3-2-502")
    page.help.place.setText("31.2304, 121.4737")
    page.help.read_from.choose(SATELLITES)
    page.help.note.setPlainText("takes warfarin")
    page.save.click()
    answer(window, qtbot)
    plain = state.elders.board.plan(person) or {}
    assert open_note(state.keys, person, plain["door_access"]) == "key at 3-2-502"
    assert read_position(open_note(state.keys, person, plain["position"])) == (31.2304, 121.4737)
    assert "warfarin" not in str(plain)
    page.show_person(person)
    assert page.help.door.text() == "key at 3-2-502"
    assert page.help.note.toPlainText() == ""
    page.save.click()
    answer(window, qtbot)
    assert state.elders.medical.break_glass(person, "fell") == "takes warfarin"


def test_a_place_read_from_a_chinese_map_is_kept_where_it_is_and_one_that_nobody_can_read_is_not_saved(
    window: MainWindow, qtbot: QtBot
) -> None:
    """Amap writes longitude first, and shows Tiananmen 500 m beside where satellites see it."""
    state = window.state
    person = state.elders.board.rows()[0].id
    window.open_plan(person)
    page = at(window, "careplan", PlanPage)
    page.help.place.setText("behind the market")
    page.save.click()
    assert page.said.label.text() == page._desk.tr("responders.unread")
    assert state.journal.facts(PROPOSED, person) == []
    page.help.place.setText("116.397131,39.908744")
    page.save.click()
    answer(window, qtbot)
    kept = open_note(state.keys, person, (state.elders.board.plan(person) or {})["position"])
    assert read_position(kept) == pytest.approx((39.90734, 116.39089), abs=2e-5)
    page.show_person(person)
    page.help.door.setText("key at 502")
    page.save.click()  # what was kept is not moved again
    answer(window, qtbot)
    assert open_note(state.keys, person, (state.elders.board.plan(person) or {})["position"]) == kept


def test_tab_goes_through_the_times_from_the_top_before_one_is_added(window: MainWindow) -> None:
    window.alarm.show_work(None)
    window.open_plan(window.state.elders.board.rows()[3].id)
    page = here(window, PlanPage)
    page.add.click()
    settle(window)
    first, *_, last = page._rows
    line = (first.days, first.start, first.end, first.grace, first.drop, first.remind, first.counts)
    assert [next_by_tab(w) for w in (page.save, *line[:-1], last.counts)] == [*line, page.add]


def next_by_tab(widget: QWidget) -> QWidget:
    found = there(widget.nextInFocusChain())
    while not takes_tab(found, widget.window()):
        found = there(found.nextInFocusChain())
    return found


def test_a_window_that_is_added_never_takes_the_name_of_another(window: MainWindow, qtbot: QtBot) -> None:
    """What is missed of a window rings once a day under its name: two of one name would ring once between them."""
    window.alarm.show_work(None)
    elder = window.state.elders.board.rows()[3].id
    window.open_plan(elder)
    page = here(window, PlanPage)
    page.add.click()
    page.add.click()
    used = {w.id for w in page.plan().windows}
    page._rows[0].drop.click()
    page.add.click()
    left = [w.id for w in page.plan().windows]
    assert len(set(left)) == len(left)
    assert left[-1] not in used


def test_absences_that_nobody_touched_stay_as_they_were_agreed(window: MainWindow, qtbot: QtBot) -> None:
    window.alarm.show_work(None)
    state = window.state
    elder, now = state.elders.board.rows()[3].id, state.clock.now_ms()
    day = 86_400_000
    open_end = {"start": now - day, "end": None, "reason": "hospital"}
    later = {"start": now + 20 * day, "end": now + 24 * day, "reason": "family"}
    before = standing(state.reader, elder, "me")
    state.journal.append(
        PROPOSED,
        {**before.plan, "away": [open_end, later], "revision": 9, "by": "x", "base": before.base},
        subject=elder,
    )
    answer(window, qtbot)
    window.open_plan(elder)
    page = here(window, PlanPage)
    page.alone.home_by.setValue(9 * 60)
    page.save.click()
    answer(window, qtbot)
    saved = state.elders.board.plan(elder) or {}
    assert sorted(saved["away"], key=lambda a: int(a["start"])) == [open_end, later]
    page.alone.away.setChecked(False)
    page.save.click()
    answer(window, qtbot)
    assert (state.elders.board.plan(elder) or {})["away"] == [later], "they are back, and will go again"


def test_what_nobody_touched_is_saved_as_it_was_to_the_minute(window: MainWindow, qtbot: QtBot) -> None:
    window.alarm.show_work(None)
    state = window.state
    elder = state.elders.board.rows()[3].id
    before = standing(state.reader, elder, "me")
    odd = {**before.plan, "return_watch_min": 77.5, "by": "somebody", "base": before.base}
    odd["windows"] = [{**odd["windows"][0], "grace_min": 1000}]
    state.journal.append(PROPOSED, odd, subject=elder)
    answer(window, qtbot)
    window.open_plan(elder)
    page = here(window, PlanPage)
    page.alone.quiet.click()
    page.save.click()
    answer(window, qtbot)
    saved = state.elders.board.plan(elder)
    assert saved is not None
    assert (saved["quiet"], saved["return_watch_min"], saved["windows"][0]["grace_min"]) == (None, 77.5, 1000)


@pytest.mark.parametrize(
    ("typed", "minutes"),
    [("4:15", 255), ("2.5", 150), ("3", 180), ("90 min", 90), ("4 h 5 min", 245), ("", 60), ("x", 60)],
)
def test_a_length_may_be_typed_as_people_write_it(open_window: Opener, typed: str, minutes: int) -> None:
    window = open_window("en")
    window.alarm.show_work(None)
    window.open_plan(window.state.elders.board.rows()[3].id)
    page = here(window, PlanPage)
    page.alone.home_by.setValue(60)
    assert page.alone.home_by.text() == "1 h"
    page.alone.home_by.lineEdit().setText(typed)
    page.alone.home_by.interpretText()
    assert page.alone.home_by.value() == minutes
