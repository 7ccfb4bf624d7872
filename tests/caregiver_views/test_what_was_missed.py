"""A page that was out of sight shows, once it is seen again, what came meanwhile."""

import random
from collections.abc import Callable

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from caregiver.elders.page import ElderPage
from caregiver.elders.plan_page import PlanPage
from caregiver.gatelog.page import GateLogPage
from caregiver.incidents.page import IncidentsPage
from caregiver.invented import Feed, open_incident, passage
from caregiver.main_window import MainWindow
from caregiver.reports.page import ReportsPage
from caregiver.sample import Sample
from offline.wire import FeedItem
from tests.caregiver_views.conftest import NOW
from tests.caregiver_views.pages import at
from tests.fakes.there import there

Comes = Callable[..., None]


@pytest.fixture
def calm(window: MainWindow) -> MainWindow:
    for incident in window.state.incidents.ringing():
        window.ringing.acknowledge(incident.id)
    return window


@pytest.fixture
def comes(calm: MainWindow, qtbot: QtBot) -> Comes:
    """Facts are taken over by the window."""

    def absorb(*items: FeedItem) -> None:
        with qtbot.waitSignal(calm.synced, timeout=5000):
            calm.state.journal.absorb(list(items))

    return absorb


def fell(window: MainWindow) -> tuple[str, list[FeedItem]]:
    elder = window.state.incidents.open()[0].elder
    return elder, list(open_incident(Feed("jinxiu", 31), "fresh", "fall", elder, NOW, "kitchen", device="d7"))


def taken(elder: str) -> FeedItem:
    return Feed("jinxiu", 32).item(
        "incident.acknowledged", {"incident": "fresh", "by": "p-sun-li"}, elder, NOW, "desk-2"
    )


def listed(page: IncidentsPage) -> dict[str, str]:
    return {row["incident"]: row["leader"] for row in page.model.rows}


def passed() -> FeedItem:
    return passage(Feed("jinxiu", 55), random.Random(1), list(Sample(NOW, elders=12, residents=4).people()), NOW)


def test_an_alarm_that_a_colleague_took_meanwhile_is_in_the_list_of_what_is_open(
    calm: MainWindow, comes: Comes
) -> None:
    page = at(calm, "incidents", IncidentsPage)
    calm.go("board")
    elder, came = fell(calm)
    comes(*came)
    comes(taken(elder))
    calm.go("incidents")
    assert listed(page)["fresh"] == "p-sun-li"
    assert len(page.model.rows) == len(calm.state.incidents.open())


def test_what_came_while_an_alarm_covered_the_page_is_there_once_it_has_gone(calm: MainWindow, comes: Comes) -> None:
    page = at(calm, "incidents", IncidentsPage)
    elder, came = fell(calm)
    comes(*came)
    assert calm.alarm.isVisible()
    assert "fresh" not in listed(page)
    comes(taken(elder))
    assert not calm.alarm.isVisible()
    assert listed(page)["fresh"] == "p-sun-li"


def test_whoever_passed_meanwhile_stands_on_top_of_the_gates_log(calm: MainWindow, comes: Comes, qtbot: QtBot) -> None:
    page = at(calm, "gatelog", GateLogPage)
    qtbot.waitUntil(lambda: bool(page.model.rows) and not page._busy)
    calm.go("board")
    comes(passed())
    newest = calm.state.reader.value("SELECT max(fact) FROM gatelog_passages")
    calm.go("gatelog")
    qtbot.waitUntil(lambda: page.model.rows[0].fact == newest)


@pytest.mark.parametrize("opens", ["elder", "careplan", "incidents"])
def test_a_page_that_is_opened_for_one_is_read_once_whatever_it_has_missed(
    calm: MainWindow, comes: Comes, monkeypatch: pytest.MonkeyPatch, opens: str
) -> None:
    elder, came = fell(calm)
    read, once = {
        "elder": (ElderPage, "refresh"), "careplan": (PlanPage, "show_person"), "incidents": (IncidentsPage, "refresh")
    }[opens]  # fmt: skip
    ways: dict[str, Callable[[], object]] = {
        "elder": lambda: calm.open_elder(elder),
        "careplan": lambda: calm.open_plan(elder),
        "incidents": lambda: calm.open_incident("fresh"),
    }
    open_ = ways[opens]
    open_()
    calm.go("board")
    plan = {"windows": [], "backstops": [], "revision": 999}
    comes(*came, Feed("jinxiu", 33).item("careplan.set", plan, elder, NOW, "district"))
    comes(taken(elder))
    times, as_it_is = list[str](), getattr(read, once)

    def counted(page: QWidget, *more: str) -> None:
        times.append(once)
        as_it_is(page, *more)

    monkeypatch.setattr(read, once, counted)
    open_()
    assert times == [once]


def test_a_report_that_is_opened_again_is_of_now(calm: MainWindow, comes: Comes, qtbot: QtBot) -> None:
    page = at(calm, "reports", ReportsPage)
    qtbot.waitUntil(lambda: page._report is not None)
    before = there(page._report).passages
    calm.go("board")
    comes(passed())
    calm.go("reports")
    qtbot.waitUntil(lambda: there(page._report).passages == before + 1)
