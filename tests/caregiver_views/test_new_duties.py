"""Whoever may export and erase here is told, unasked, of whoever else may from now on."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings
from pytestqt.qtbot import QtBot

from caregiver.invented import Feed
from caregiver.main_window import MainWindow
from domain.people import Role
from offline.letters.duty_given import DUTY_GIVEN, STEPS
from qtkit.shots import settle
from tests.fakes.measure import cut_off

Opener = Callable[..., MainWindow]


def told(window: MainWindow, account: str, by: str = "a-boss", step: str = "invited", n: int = 1) -> None:
    journal = window.state.journal
    names = ("陈站长", "吴新") if window.desk.language.code == "zh" else ("Chen Ping", "Wu Xin")
    window.state.colleague_names |= dict(zip(("a-boss", "a-new"), names, strict=True))
    at = window.state.now()
    said = {"account": account, "by": by, "step": step}
    journal.absorb([Feed(journal.community, 900 + n).item(DUTY_GIVEN, said, None, at)])


def test_a_new_one_is_told_until_it_was_read_and_to_each_lead_at_that_desk(
    open_window: Opener, tmp_path: Path, qtbot: QtBot
) -> None:
    kept = QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat)
    window = open_window("zh", settings=kept)
    told(window, "a-new")
    told(window, "a-new", step="invited_again", n=2)
    qtbot.waitUntil(window.duties.isVisible)
    assert window.duties.label.text().startswith("新账号可导出和删除资料：吴新，陈站长开通")
    window.duties.seen.click()
    assert window.duties.label.text().startswith("吴新可导出和删除资料，陈站长重新发了启用链接")
    window.duties.seen.click()
    assert not window.duties.isVisible()
    assert not open_window("en", settings=kept).duties.isVisible(), "what somebody has read is not told again"


def test_nobody_is_told_who_did_it_or_whose_duty_it_is_not(open_window: Opener) -> None:
    lead = open_window("en")
    me = lead.state.session.person
    told(lead, "a-new", by=me)
    told(lead, me, n=2)
    carer = open_window("en", role=Role.CAREGIVER)
    told(carer, "a-new")
    for window in (lead, carer):
        settle(window)
        window.duties.refresh()
        assert not window.duties.words


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("scale", [1.0, 2.0])
def test_each_way_is_said_whole_and_what_was_done_at_the_machine_too(
    open_window: Opener, qtbot: QtBot, language: str, scale: float
) -> None:
    window = open_window(language, scale=scale)
    for n, step in enumerate(STEPS):
        told(window, "a-new", by="operator" if n == 3 else "a-boss", step=step, n=n)
    qtbot.waitUntil(window.duties.isVisible)
    said = []
    while window.duties.words:
        settle(window)
        assert not cut_off(window)
        said.append(window.duties.words)
        window.duties.seen.click()
    assert len(set(said)) == len(STEPS)
    assert all(("吴新" if language == "zh" else "Wu Xin") in words for words in said)
