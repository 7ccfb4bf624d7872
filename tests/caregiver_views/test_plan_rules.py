"""The rules of a care plan as its page folds, shows, changes and saves them: what counts, when silence rings, how an alarm begins,
which sensors rest."""

from datetime import timedelta
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from caregiver.elders.plan_page import PlanPage
from caregiver.elders.plans import when
from caregiver.elders.proposals import standing
from caregiver.elders.replay import Tried
from caregiver.elders.rules import rarely
from caregiver.main_window import MainWindow
from domain.careplan import BACKSTOPS
from domain.events import to_ms
from domain.replay import Replay
from domain.signals import CLEARING, Sign
from qtkit.i18n import Language
from qtkit.widgets import text
from tests.caregiver_views.answering import answer
from tests.caregiver_views.conftest import Opener
from tests.caregiver_views.pages import here
from watch.plan_payloads import plan_of
from watch.plans import LADDER_SET, PROPOSED


def opened(window: MainWindow, elder: str) -> PlanPage:
    window.alarm.show_work(None)
    window.open_plan(elder)
    return here(window, PlanPage)


def an_elder(window: MainWindow) -> str:
    return window.state.elders.board.rows()[3].id


def saved(window: MainWindow, elder: str) -> dict[str, Any]:
    return dict(window.state.elders.board.plan(elder) or {})


def means(page: PlanPage) -> str:
    lines = page.meaning.findChildren(type(text()))
    return "\n".join(line.text() for line in lines)


def test_the_rules_stay_folded_and_say_how_they_stand(open_window: Opener) -> None:
    window = open_window("en")
    page = opened(window, an_elder(window))
    folds = (page.counted, page.silence, page.sensors, page.reach)
    assert [fold.unfolded for fold in folds] == [False] * 4
    told = [fold.gist.text() for fold in folds]
    assert told[:2] == ["every sign of life", "about one false alarm in 2 months · fixed rules: 4"]
    page.silence.head.click()
    assert page.silence.unfolded
    page.silence.head.click()
    assert not page.silence.unfolded


def test_rules_that_nobody_touched_are_saved_as_they_were(window: MainWindow, qtbot: QtBot) -> None:
    elder = an_elder(window)
    before = standing(window.state.reader, elder, "me")
    odd = {
        **before.plan, "counted": ["gate", "gate_credential"], "false_alarms_per_day": 0.05, "messages_in": "yue",
        "ladder": "night",
        "backstops": [{"id": "no_kettle", "kinds": ["power"], "after_min": 77.5},
                      {"id": "no_door", "kinds": ["door"], "after_min": 91}],
        "paused": ["gone-1"], "call_elder_first": True, "by": "somebody", "base": before.base,
    }  # fmt: skip
    window.state.journal.append(PROPOSED, odd, subject=elder)
    answer(window, qtbot)
    was = plan_of(elder, saved(window, elder))
    page = opened(window, elder)
    page.alone.quiet.click()
    page.save.click()
    answer(window, qtbot)
    now, told = plan_of(elder, saved(window, elder)), saved(window, elder)
    assert (now.counted, now.backstops, now.paused) == (was.counted, was.backstops, was.paused)
    assert (now.false_alarms_per_day, now.language, now.ladder, told["call_elder_first"]) == (
        0.05,
        "yue",
        "night",
        True,
    )


def test_a_language_that_desks_once_wrote_unasked_is_nobodys_choice(open_window: Opener, qtbot: QtBot) -> None:
    """They wrote "zh" into every plan, whoever it was of, and offered no other."""
    window = open_window("en")
    elder = an_elder(window)
    before = standing(window.state.reader, elder, "me")
    old = {**before.plan, "language": "zh", "by": "somebody", "base": before.base}
    old.pop("messages_in", None)
    window.state.journal.append(PROPOSED, old, subject=elder)
    answer(window, qtbot)
    page = opened(window, elder)
    assert page.reach.language.value == ""
    assert "Written to in" not in means(page)
    page.alone.quiet.click()
    page.save.click()
    answer(window, qtbot)
    assert saved(window, elder)["messages_in"] == ""


def test_a_ladder_that_the_plan_draws_itself_stays_until_another_is_chosen(window: MainWindow, qtbot: QtBot) -> None:
    elder = an_elder(window)
    before = standing(window.state.reader, elder, "me")
    drawn = {"steps": [{"do": "notify", "who": ["ann"]}]}
    window.state.journal.append(
        PROPOSED, {**before.plan, "ladder": drawn, "by": "x", "base": before.base}, subject=elder
    )
    answer(window, qtbot)
    page = opened(window, elder)
    page.alone.quiet.click()
    page.save.click()
    answer(window, qtbot)
    assert saved(window, elder)["ladder"] == drawn
    page.reach.ladder.choose("")
    page.save.click()
    answer(window, qtbot)
    assert saved(window, elder)["ladder"] == ""
    page.undo.click()
    answer(window, qtbot)
    assert saved(window, elder)["ladder"] == drawn


def test_what_is_chosen_is_said_saved_and_taken_back(open_window: Opener, qtbot: QtBot) -> None:
    window = open_window("en")
    state, elder = window.state, an_elder(window)
    state.journal.append(LADDER_SET, {"name": "night", "steps": []})
    page = opened(window, elder)
    for kind in (Sign.MOTION, Sign.POWER):
        page.counted.boxes[kind].click()
    page.silence.budget.choose(repr(1 / 30.5))
    page.silence.boxes["no_water"].click()
    page.silence.spans["no_motion"].setValue(18 * 60)
    page.reach.ladder.choose("night")
    page.reach.first.click()
    page.reach.language.choose("zh")
    first = next(iter(page.sensors.boxes))
    page.sensors.boxes[first].click()
    page.sensors.blind_after.setValue(15)
    told = means(page)
    for words in (
        "What does not count: motion, power used.", "with about one false alarm in 30 days.",
        "no door for 24 h, no motion for 18 h, no gate passage for 24 h.", "the ladder “night”", "rings the elder first",
        "Written to in 中文.", f"Paused by the elder: {page.sensors.boxes[first].text()}.",
        "A sensor that is cut off is told of after 15 min.",
    ):  # fmt: skip
        assert words in told, words
    page.save.click()
    answer(window, qtbot)
    plan, payload = plan_of(elder, saved(window, elder)), saved(window, elder)
    assert plan.counted == CLEARING - {Sign.MOTION, Sign.POWER}
    assert [(b.id, b.after) for b in plan.backstops] == [
        ("no_door", timedelta(hours=24)), ("no_motion", timedelta(hours=18)), ("no_gate", timedelta(hours=24))
    ]  # fmt: skip
    assert (plan.false_alarms_per_day, plan.ladder, plan.language, plan.paused) == (
        1 / 30.5,
        "night",
        "zh",
        frozenset({first}),
    )
    assert plan.blind_after == timedelta(minutes=15)
    assert payload["call_elder_first"] is True
    page.undo.click()
    answer(window, qtbot)
    plan, payload = plan_of(elder, saved(window, elder)), saved(window, elder)
    assert (plan.counted, plan.backstops, plan.paused) == (CLEARING, BACKSTOPS, frozenset())
    assert plan.blind_after == timedelta(hours=1)
    assert (plan.false_alarms_per_day, plan.ladder, plan.language) == (1 / 61, "", "")
    assert payload["call_elder_first"] is False


def test_a_plan_always_counts_something(window: MainWindow) -> None:
    page = opened(window, an_elder(window))
    for box in page.counted.boxes.values():
        box.click()
    left = [kind for kind, box in page.counted.boxes.items() if box.isChecked()]
    assert len(left) == 1
    assert page.plan().counted == set(left)


def test_the_delay_of_the_chosen_budget_is_told_beside_it(open_window: Opener, qtbot: QtBot) -> None:
    """Six days of signs are too few; with three weeks more than one false alarm can be had for, the wait is told, and shortens."""
    window = open_window("en")
    state, elder = window.state, an_elder(window)
    page = opened(window, elder)
    qtbot.waitUntil(lambda: not window.desk.background.busy, timeout=20_000)
    assert "14 days" in page.silence.delay.text()
    hour, now = 3_600_000, to_ms(state.now())
    for day in range(7, 40):
        for n in range(14):
            at = now - day * 24 * hour + round((n + (day * 7 + n * 3) % 5 / 8) * hour)
            state.journal.append("sign.motion", {"device": "m", "place": "hall"}, subject=elder, at=at)
    state.take()
    waits = []
    for budget in (1 / 122, 1 / 14):
        page.silence.budget.choose(repr(budget))
        qtbot.waitUntil(lambda: not window.desk.background.busy, timeout=20_000)
        told = page.silence.delay.text()
        assert "half of all silences ring within" in told
        waits.append(float(told.split("within ")[1].split(" h")[0]))
    assert waits[1] <= waits[0]
    page.silence.budget.choose("0.0")
    assert page.silence.delay.text() == window.desk.tr("silence.off_means")


def test_a_window_is_named_by_its_hours_where_the_past_counts_what_it_would_have_rung(
    open_window: Opener, qtbot: QtBot
) -> None:
    window = open_window("en")
    page = opened(window, an_elder(window))
    page.add.click()
    row = page._rows[-1]
    row.start.setTime(row.start.time().fromString("03:00", "HH:mm"))
    row.end.setTime(row.end.time().fromString("03:30", "HH:mm"))
    qtbot.waitUntil(lambda: not window.desk.background.busy, timeout=20_000)
    told = "\n".join(line.text() for line in page.past.findChildren(type(text())))
    assert "Every day 03:00–03:30: " in told
    assert page._rows[-1].read().id not in told


@pytest.mark.parametrize(
    ("budget", "words"),
    [
        (0, "does not ring"),
        (1 / 61, "about one false alarm in 2 months"),
        (1 / 183, "about one false alarm in 6 months"),
        (1 / 30.5, "about one false alarm in 30 days"),
        (1 / 14, "about one false alarm in 14 days"),
        (0.5, "about one false alarm in 2 days"),
    ],
)
def test_a_budget_is_said_as_one_says_it(budget: float, words: str) -> None:
    assert rarely(Language("en"), budget) == words


def test_another_language_leaves_what_is_being_written_as_it_is(window: MainWindow) -> None:
    page = opened(window, an_elder(window))
    page.reach.first.click()
    page.counted.boxes[Sign.POWER].click()
    chosen = [page.contacts.caregiver.itemData(n) for n in range(page.contacts.caregiver.count())]
    page.contacts.caregiver.choose(chosen[-1])
    window.desk.language.set("en")
    assert page.reach.first.isChecked()
    assert Sign.POWER not in page.plan().counted
    assert page.contacts.caregiver.value == chosen[-1]
    assert page.counted.gist.text() == "13 of 14 kinds of sign"


@pytest.mark.parametrize(
    ("tongue", "said"),
    [("en", "would not have rung once, even in complete silence"), ("zh", "即使一直没有动静也不会响")],
)
def test_a_window_that_could_never_have_rung_is_told(open_window: Opener, tongue: str, said: str) -> None:
    window = open_window(tongue)
    page = opened(window, an_elder(window))
    (first, *_) = page.past._windows.values()
    page.past._say(Tried(Replay(90.0, (), 0.0, 0, (), None, (), (first.id,)), None))
    (told,) = [w for label in page.past.findChildren(type(text())) if said in (w := label.text())]
    assert when(first, page._desk.language) in told
    assert page.past._edge == "overdue"
