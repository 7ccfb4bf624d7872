"""What somebody is writing in a care plan stays while alarms, colleagues and the district come between."""

import pytest
from pytestqt.qtbot import QtBot

from caregiver.elders.page import ElderPage
from caregiver.elders.plan_page import PlanPage
from caregiver.invented import Feed
from caregiver.main_window import MainWindow
from offline.wire import FeedItem
from qtkit.shots import settle
from tests.caregiver_views.conftest import NOW
from tests.caregiver_views.pages import here
from tests.fakes.there import there
from watch.plans import PROPOSED, REFUSED, SET

FEED = Feed("jinxiu", 77)


@pytest.fixture
def elders(window: MainWindow) -> tuple[str, str]:
    window.alarm.show_work(None)
    first, second = (e.id for e in window.state.elders.board.rows()[3:5])
    return first, second


def comes(window: MainWindow, qtbot: QtBot, *items: FeedItem) -> None:
    with qtbot.waitSignal(window.synced, timeout=10_000):
        window.state.journal.absorb([*items])
    settle(window)


def begin(window: MainWindow, elder: str) -> PlanPage:
    window.open_plan(elder)
    page = here(window, PlanPage)
    page.alone.home_by.setValue(9 * 60)
    page.help.note.setPlainText("penicillin allergy")
    page.contacts.name.setText("周小燕")
    return page


def written(page: PlanPage) -> tuple[int, str, str]:
    return page.alone.home_by.value(), page.help.note.toPlainText(), page.contacts.name.text()


WRITTEN = 9 * 60, "penicillin allergy", "周小燕"


def test_whoever_is_called_away_finds_what_they_wrote_and_may_drop_it(
    window: MainWindow, elders: tuple[str, str]
) -> None:
    first, second = elders
    page = begin(window, first)
    window.open_incident(window.state.incidents.open()[0].id)
    window.open_elder(first)
    here(window, ElderPage).plan_button.click()
    assert written(page) == WRITTEN
    window.open_plan(second)
    assert written(page) != WRITTEN
    assert page.help.note.toPlainText() == "", "nothing of one stands with another"
    window.open_plan(first)
    assert written(page) == WRITTEN
    assert page.said.words == window.desk.tr("plan.begun")
    page.undo.click()
    assert written(page)[1:] == ("", "")
    window.open_plan(second)
    window.open_plan(first)
    assert written(page)[1:] == ("", ""), "it was dropped"


def test_a_refusal_of_a_change_to_another_plan_takes_nothing_away(
    window: MainWindow, qtbot: QtBot, elders: tuple[str, str]
) -> None:
    first, second = elders
    page = begin(window, first)
    plan = window.state.elders.board.plan(first)
    assert plan is not None
    changed = FEED.item(SET, plan | {"revision": plan["revision"] + 1}, first, NOW)
    refused = {"proposal": "x" * 32, "because": "superseded", "standing": "y", "revision": 3}
    comes(window, qtbot, changed, FEED.item(REFUSED, refused, second, NOW))
    assert written(page) == WRITTEN


def test_what_is_written_while_the_saved_change_is_refused_stands_over_what_is_in_force(
    window: MainWindow, qtbot: QtBot, elders: tuple[str, str]
) -> None:
    first, _ = elders
    window.open_plan(first)
    page = here(window, PlanPage)
    plan = there(window.state.elders.board.plan(first))
    page.alone.home_by.setValue(8 * 60)
    page.save.click()
    [*_, mine] = window.state.journal.facts(PROPOSED, first)
    page.alone.home_by.setValue(7 * 60)
    page.help.note.setPlainText("insulin")
    theirs = FEED.item(SET, plan | {"revision": plan["revision"] + 1, "windows": []}, first, NOW, "desk-9")
    refused = {"proposal": mine.envelope.id, "because": "superseded", "standing": "y", "revision": 3}
    comes(window, qtbot, theirs, FEED.item(REFUSED, refused, first, NOW))
    assert page.help.note.toPlainText() == "insulin"
    assert page.plan().windows == (), "what is in force, as the sentence says"
    assert page.mine.isVisible()
    page.mine.click()
    assert page.alone.home_by.value() == 7 * 60, "what was written is taken up again"
    assert page.plan().windows


def test_undo_drops_what_was_begun_and_no_plan_that_was_saved(window: MainWindow, elders: tuple[str, str]) -> None:
    first, _ = elders
    window.open_plan(first)
    page = here(window, PlanPage)
    page.alone.home_by.setValue(8 * 60)
    page.save.click()
    page.help.note.setPlainText("insulin")
    window.open_incident(window.state.incidents.open()[0].id)
    window.open_plan(first)
    page.undo.click()
    assert page.help.note.toPlainText() == ""
    assert len(window.state.journal.facts(PROPOSED, first)) == 1


def test_the_plan_of_whoever_is_erased_leaves_the_screen(
    window: MainWindow, qtbot: QtBot, elders: tuple[str, str]
) -> None:
    first, second = elders
    page = begin(window, first)
    name = there(window.state.people.find(first)).name
    window.state.keys.destroy(first)
    comes(window, qtbot, FEED.item("person.erased", {"reason": "died"}, first, NOW))
    assert not page.isVisible()
    assert name not in page.title.text()
    assert written(page)[1:] == ("", "")
    window.open_plan(second)
    assert there(window.state.people.find(second)).name in page.title.text()


def test_words_about_somebody_whose_key_is_not_here_keep_no_other_plan_from_being_opened(
    window: MainWindow, elders: tuple[str, str]
) -> None:
    first, second = elders
    page = begin(window, first)
    window.state.keys.destroy(first)
    window.open_plan(second)
    assert there(window.state.people.find(second)).name in page.title.text()
    assert page.help.note.toPlainText() == ""


def test_an_answer_among_many_other_facts_is_heard(window: MainWindow, qtbot: QtBot, elders: tuple[str, str]) -> None:
    first, _ = elders
    window.open_plan(first)
    page = here(window, PlanPage)
    page.alone.home_by.setValue(9 * 60)
    page.save.click()
    [*_, mine] = window.state.journal.facts(PROPOSED, first)
    others = [FEED.item("sign.motion", {"device": f"m{n}", "place": "hall"}, f"q{n:032x}", NOW) for n in range(400)]
    refused = {"proposal": mine.envelope.id, "because": "superseded", "standing": "y", "revision": 3}
    window.state.journal.absorb([*others, FEED.item(REFUSED, refused, first, NOW)])
    qtbot.waitUntil(lambda: not window.state.more, timeout=20_000)
    qtbot.waitUntil(lambda: page.said.words != window.desk.tr("plan.waiting"), timeout=10_000)


def test_a_contact_that_was_not_added_is_not_lost_by_saving(window: MainWindow, elders: tuple[str, str]) -> None:
    page = begin(window, elders[0])
    page.save.click()
    assert page.said.words == window.desk.tr("contacts.unread")
    assert written(page) == WRITTEN
    assert not window.state.journal.facts(PROPOSED, elders[0])


def test_a_plan_that_is_being_written_is_kept_as_the_window_goes(
    window: MainWindow, elders: tuple[str, str], qtbot: QtBot
) -> None:
    page = begin(window, elders[0])
    window.hide()
    again = PlanPage(window.desk, window.state.elders)
    qtbot.addWidget(again)
    again.show_person(elders[0])
    assert written(again) == WRITTEN
    assert again.said.words == window.desk.tr("plan.begun")
    page.undo.click()
    window.hide()
