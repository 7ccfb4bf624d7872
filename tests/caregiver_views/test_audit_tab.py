"""The audit on the screen: what every line is about, in words, whatever the fact."""

import ast
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import QDate
from pytestqt.qtbot import QtBot

from assets.words import LANGUAGES, catalogue
from caregiver.admin.audit import FAMILIES
from caregiver.admin.audit_tab import AuditTab
from caregiver.admin.page import AdminPage
from caregiver.gatelog.log import GateFilter, page
from caregiver.main_window import MainWindow
from domain.events import to_ms
from tests.caregiver_views.conftest import Opener
from tests.caregiver_views.pages import at
from watch.rotas import ROTA_SET

ROOT = Path(__file__).parents[2]
# what a kind begins with; a hash; a line of SQL; lines of the district's own audit
NO_FACT = {
    "config.ladder",
    "config.rota",
    "careplan.answer",
    "person.name",
    "record.seen",
    "record.gives_way",
    "record.kept",
    "record.settled",
    "record.medical_note",
}


def audit(window: MainWindow, qtbot: QtBot, family: str) -> AuditTab:
    window.alarm.show_work(None)
    admin = at(window, "admin", AdminPage)
    admin.setCurrentWidget(admin.audit)
    admin.audit.family.choose(family)
    admin.audit.refresh()
    qtbot.waitUntil(lambda: not window.desk.background.busy, timeout=10_000)
    return admin.audit


def cells(tab: AuditTab, key: str) -> list[str]:
    number = [c.key for c in tab.model.columns].index(key)
    return [tab.model.index(row, number).data() for row in range(tab.model.rowCount())]


def test_a_review_is_about_the_passage_at_its_gate_and_moment(open_window: Opener, qtbot: QtBot) -> None:
    window = open_window("en")
    state = window.state
    passage = page(state.reader, GateFilter(), None)[0]
    state.review.judge(passage, "right")
    gate = {"gate-south": "South gate", "gate-north": "North gate", "gate-east": "East gate"}[passage.gate]
    tab = audit(window, qtbot, "verdict")
    assert cells(tab, "about") == [f"{gate} {state.local(passage.at):%m-%d %H:%M}"]
    assert cells(tab, "done_by") == ["赵敏"]


def test_a_setting_is_about_the_community(open_window: Opener, qtbot: QtBot) -> None:
    window = open_window("en")
    window.state.journal.append(ROTA_SET, {"shifts": [], "by": window.state.session.person})
    tab = audit(window, qtbot, "config")
    assert (cells(tab, "about"), cells(tab, "what")) == (["锦绣社区"], ["Changed the rota"])


def written() -> Iterator[str]:
    """Every kind of fact that the code names, of the families that are somebody's doing."""
    begins = re.compile(rf"^({'|'.join(FAMILIES)})\.[a-z_]+$")
    for package in ("domain", "watch", "offline", "district", "caregiver", "kiosk"):
        for path in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str) and begins.match(node.value):
                    yield node.value


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_doing_has_a_word(language: str) -> None:
    kinds = set(written()) - NO_FACT
    assert {"config.rota_set", "person.card_ordered", "verdict.given"} <= kinds
    words = catalogue(language)
    assert {kind for kind in kinds if f"caregiver.step.{kind.replace('.', '_')}" not in words} == set()


def test_it_is_looked_for_by_whom_and_on_which_days_without_anybody_it_is_about(
    open_window: Opener, qtbot: QtBot
) -> None:
    window = open_window("en")
    state, own = window.state, window.state.session.person
    state.colleague_names[own] = "赵敏"
    for days_ago, by in ((40, own), (3, own), (3, "gone"), (0, own)):
        at_ms = to_ms(state.now() - timedelta(days=days_ago))
        state.journal.append(ROTA_SET, {"shifts": [], "by": by}, at=at_ms)
    tab = audit(window, qtbot, "config")

    def listed() -> list[str]:
        qtbot.waitUntil(lambda: not window.desk.background.busy, timeout=10_000)
        return cells(tab, "done_by")

    assert len(listed()) == 4
    tab.by.choose("gone")  # whom nobody can name any more, and nobody can have chosen by a name
    assert listed() == ["gone"]
    tab.by.choose(own)
    assert len(listed()) == 3
    tab.period.choose("week")
    assert len(listed()) == 2
    tab.period.choose("custom")
    assert tab.first.isVisible()
    day = state.now().date() - timedelta(days=40)
    for field in (tab.last, tab.first):  # whichever was said first
        field.setDate(QDate(day.year, day.month, day.day))
    [since] = (listed(), cells(tab, "since"))[1]
    assert since.startswith(f"{day}")
    tab.by.choose("gone")
    assert listed() == []
    assert tab.none.isVisible()
    assert not tab.table.isVisible()
