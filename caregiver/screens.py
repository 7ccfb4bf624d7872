"""Renders every page with a made-up community of 200 elders and 30 days, in both languages and looks, for ``docs/screens``."""

import tempfile
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QApplication, QWidget

from caregiver.admin.accounts import Accounts
from caregiver.admin.page import AdminPage
from caregiver.gatelog.log import VERDICTS, GateFilter, page
from caregiver.main_window import MainWindow
from caregiver.residents.page import ResidentsPage
from caregiver.sample import Sample, lay, open_sample
from caregiver.signin.window import SignInWindow
from caregiver.state import AppState
from qtkit.background import Background
from qtkit.i18n import Language
from qtkit.shots import settle, shoot
from qtkit.theme import Mode, Theme
from qtkit.widgets import let_go
from watch.rotas import ROTA_SET

NOW = datetime(2026, 11, 23, 9, 41, tzinfo=timezone(timedelta(hours=8)))
SIZE = (1366, 768)
TABLE = """姓名,门牌,出生日期,电话,独居
沈月华,7-1-101,1941-05-12,138 0000 7001,是
沈国强,7-1-102,1946-02-30,138 0000 7002,是
陆阿宝,,1939-01-09,,是
顾秀珍,7-1-202,1944/11/03,138 0000 7004,是
钱文元,7-2-301,1950.7.21,请问儿子,否
姚玉兰,7-2-302,1943-08-30,138 0000 7006,是
"""


STAFF = (
    ("zhao", "赵敏", "caregiver", False), ("chen", "陈静", "caregiver", False), ("li", "李强", "gate_staff", False),
    ("sun", "孙主任", "supervisor", False), ("wang", "王芳", "caregiver", True),
)  # fmt: skip


def render_all(out: Path) -> list[Path]:
    """Write ``<language>-<look>-<page>.png`` for every page; returns the paths."""
    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)
    made: list[Path] = []
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        lay(folder, Sample(NOW, passages=6_000))
        for language in ("zh", "en"):
            for mode in (Mode.LIGHT, Mode.DARK):
                made += _render(app, folder, out, language, mode)
    return made


def _render(app: QApplication, folder: Path, out: Path, language: str, mode: Mode) -> list[Path]:
    theme = Theme(app, "desktop", mode, reduced_motion=True)
    state = open_sample(folder, NOW, zone=NOW.tzinfo)
    _review(state)
    background = Background()
    window = MainWindow(state, Language(language), theme, background)
    window.setFixedSize(*SIZE)
    window.show()
    while not state.board.judged:
        settle(window)
    made = []
    for name, widget in _pages(window, folder):
        while background.busy:
            settle(window)
        settle(window)
        made.append(shoot(widget, out / f"{language}-{mode}-{name}.png"))
    window.close()
    background.close()
    window.deleteLater()
    settle(window)
    state.close()
    state.journal.close()
    state.keys.close()
    return made


class SampleLine:
    """A district that knows a few colleagues, for pictures alone."""

    bearer = ""

    def as_person(self, _method: str, _target: str, _asked: dict[str, Any] | None = None) -> Any:
        return [
            {"person": f"staff-{login}", "login": login, "name": name, "disabled": ended, "grants": {"jinxiu": [role]}}
            for login, name, role, ended in STAFF
        ]


def _review(state: AppState) -> None:
    """Some passages were reviewed already and a rota is drawn, so that figures and pages have something to say."""
    state.accounts = Accounts(SampleLine(), lambda: "sample", "jinxiu", "https://district.example")
    if state.journal.facts("verdict.given"):
        return
    shifts = [
        {"person": "staff-zhao", "level": 0, "start": "08:00", "end": "20:00"},
        {"person": "staff-chen", "level": 0, "start": "20:00", "end": "08:00"},
        {"person": "staff-li", "level": 1, "start": "06:00", "end": "22:00", "weekdays": [0, 1, 2, 3, 4]},
    ]
    state.journal.append(ROTA_SET, {"zone": "Asia/Shanghai", "shifts": shifts, "by": "system"})
    for number, p in enumerate(page(state.reader, GateFilter(method="face"), limit=120)):
        known = p.outcome == "identified"
        state.judge(p.fact, p.person, "right" if known or number % 5 else VERDICTS[3])


def _pages(window: MainWindow, folder: Path) -> Iterator[tuple[str, QWidget]]:
    elder = window.desk.state.incidents.ringing()[0].elder
    yield "alarm", window
    window.alarm.show_work(None)
    for name in ("board", "incidents", "gatelog", "residents", "reports", "admin"):
        window.go(name)
        yield name, window
    window.board.form.setChecked(True)
    window.go("board")
    yield "cards", window
    window.open_elder(elder)
    yield "elder", window
    window.open_plan(elder)
    yield "careplan", window
    admin = window.go("admin")
    assert isinstance(admin, AdminPage)
    for tab, name in (
        (admin.rota, "rota"),
        (admin.devices, "devices"),
        (admin.ladders, "ladders"),
        (admin.audit, "audit"),
    ):
        admin.setCurrentWidget(tab)
        yield name, window
    asking = SignInWindow(window.desk.theme, window.desk.language)
    asking.wait_for(2)
    asking.show()
    yield "sign-in", asking
    asking.close()
    let_go(asking)
    table = folder / "people.csv"
    table.write_text(TABLE, "utf-8")
    residents = window.go("residents")
    assert isinstance(residents, ResidentsPage)
    residents.read(table)
    yield "import", window
    window.go("board")
    window.tour.begin()
    yield "tour", window
