"""What a page cannot read: one sentence says what happened and what will be done, whatever the reason, and whichever page."""

import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from pytestqt.qtbot import QtBot

from caregiver.admin.page import AdminPage
from caregiver.main_window import MainWindow
from caregiver.memory.reading import Reader
from offline.journal.database import Database
from qtkit.app import Trouble
from tests.caregiver_views.pages import here

Opener = Callable[..., MainWindow]

DAMAGED = "are damaged. Start the program again: it fetches them anew from the district, with what was not sent yet."
UNREADABLE = "could not be read. Open the page again in a moment; if that does not help, check the disk"
OURS = "Something went wrong on our side. The details are kept in the log"


@pytest.fixture
def heard_window(open_window: Opener, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MainWindow]:
    """A window with the program's own voice for what nobody caught; nothing rings."""
    window = open_window("en")
    window.alarm.show_work(None)
    trouble = Trouble(window.desk.language, tmp_path / "log")
    monkeypatch.setattr(sys, "excepthook", trouble._hook)
    trouble.happened.connect(window.troubled)
    yield window
    trouble.happened.disconnect(window.troubled)


def break_pages(file: Database, *tables: str) -> None:
    """Overwrite the pages of tables and of their indexes, as a failing disk does."""
    with closing(file.writer()) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        named = " OR ".join(f"tbl_name LIKE '{name}'" for name in tables)
        pages = [r for (r,) in db.execute(f"SELECT rootpage FROM sqlite_master WHERE rootpage > 0 AND ({named})")]
        (size,) = db.execute("PRAGMA page_size").fetchone()
    assert pages
    with file.path.open("rb+") as raw:
        for page in pages:
            raw.seek((page - 1) * int(size))
            raw.write(b"\xff" * int(size))


def go_to(window: MainWindow, page: str) -> None:
    """As a person does, so that what fails goes where it does in the program."""
    if page in window.side.nav:
        window.side.nav[page].click()
    elif page == "elder":
        window.board.elder_chosen.emit(window.state.elders.board.rows()[0].id)
    else:
        window.side.nav["admin"].click()
        admin = here(window, AdminPage)
        admin.setCurrentWidget(getattr(admin, page))


def says(window: MainWindow, qtbot: QtBot, sentence: str) -> None:
    qtbot.waitUntil(lambda: window.trouble.isVisibleTo(window) and not window.desk.background.busy, timeout=10_000)
    assert sentence in window.trouble.label.text()


def break_all(window: MainWindow) -> None:
    break_pages(window.state.journal.file, "facts", "payloads", "elders%", "gatelog%", "incidents%", "residents%")


@pytest.mark.parametrize("page", ["incidents", "elder", "gatelog", "residents", "reports", "admin"])
def test_a_page_that_meets_damage_says_so_and_what_will_be_done(
    heard_window: MainWindow, qtbot: QtBot, page: str
) -> None:
    window = heard_window
    break_all(window)
    go_to(window, page)
    says(window, qtbot, DAMAGED)


@pytest.mark.parametrize("tab", ["rota", "gates", "devices", "ladders", "audit", "retention"])
def test_a_tab_that_is_read_anew_and_meets_damage_says_so(heard_window: MainWindow, qtbot: QtBot, tab: str) -> None:
    window = heard_window
    go_to(window, tab)
    qtbot.waitUntil(lambda: not window.desk.background.busy, timeout=10_000)
    break_all(window)
    admin = window.rooms.currentWidget()
    QTimer.singleShot(0, admin, getattr(admin, tab).refresh)
    says(window, qtbot, DAMAGED)


def test_a_page_whose_disk_has_gone_says_so(heard_window: MainWindow, qtbot: QtBot) -> None:
    window = heard_window
    window.go("admin")
    qtbot.waitUntil(lambda: not window.desk.background.busy)
    folder = window.state.journal.path.parent
    folder.rename(folder.with_name("gone"))
    go_to(window, "devices")
    go_to(window, "gates")
    says(window, qtbot, UNREADABLE)
    folder.with_name("gone").rename(folder)


def test_a_mistake_of_ours_is_called_ours_and_names_the_log(
    heard_window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = heard_window
    monkeypatch.setattr(Reader, "query", lambda *_: (_ for _ in ()).throw(KeyError("no such column")))
    go_to(window, "devices")
    says(window, qtbot, OURS)


def test_the_sentence_is_put_away_once_it_was_read(heard_window: MainWindow, qtbot: QtBot) -> None:
    window = heard_window
    window.troubled("Something.")
    assert window.trouble.seen.accessibleName() == "Close"
    window.trouble.seen.click()
    assert not window.trouble.isVisibleTo(window)


def test_a_page_that_could_not_be_made_is_not_shown_as_the_one_that_is_open(
    heard_window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = heard_window
    break_pages(window.state.journal.file, "gatelog%")
    go_to(window, "gatelog")
    says(window, qtbot, DAMAGED)
    assert window.page == "board"
    assert window.side.nav["board"].isChecked()


def test_the_log_asks_again_after_a_page_of_it_could_not_be_read(
    heard_window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = heard_window
    go_to(window, "audit")
    qtbot.waitUntil(lambda: not window.desk.background.busy, timeout=10_000)
    admin = here(window, AdminPage)
    with monkeypatch.context() as broken:
        broken.setattr(Reader, "rows", lambda *_: (_ for _ in ()).throw(sqlite3.OperationalError("locked")))
        admin.audit.refresh()
        says(window, qtbot, OURS)
    assert not admin.audit._busy
    admin.audit.model.show([])
    admin.audit.refresh()
    qtbot.waitUntil(lambda: bool(admin.audit.model.rows), timeout=10_000)
