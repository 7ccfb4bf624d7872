"""Residents: written down one by one or from a table, corrected, and by whom."""

import json
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from caregiver.invented import Feed
from caregiver.main_window import MainWindow
from caregiver.memory.changes import Changes
from caregiver.residents.page import ResidentsPage
from domain.people import Profile, Role
from offline.keys.identity import b64
from offline.keys.seal import seal
from offline.roster import REGISTERED
from tests.caregiver_views.conftest import Opener
from tests.caregiver_views.pages import at
from tests.caregiver_views.residents import press, residents_of


def test_a_table_of_residents_is_shown_before_it_is_taken_over(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    window.alarm.show_work(None)
    path = tmp_path / "t.csv"
    path.write_text("姓名,门牌\n王一,99-1-101\n王二,\n", "utf-8")
    page = at(window, "residents", ResidentsPage)
    before = page.model.rowCount()
    page.importing.read(path)
    qtbot.waitUntil(lambda: page.stack.currentIndex() == 1, timeout=10_000)
    assert page.importing.lines.rowCount() == 2
    assert page.model.rowCount() == before, "nothing is taken over yet"
    page.importing.take.setFocus()
    qtbot.keyClick(page.importing.take, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: page.model.rowCount() == before + 1, timeout=10_000)
    assert window.focusWidget() is page.table, "and not a button that a second press would press"


def test_the_list_is_shown_once_for_many_who_come_together(window: MainWindow, qtbot: QtBot) -> None:
    page, shown = residents_of(window), list[int]()
    page.model.modelReset.connect(lambda: shown.append(page.model.rowCount()))
    for _ in range(3):
        page.heard(Changes(roster={"somebody"}))
    assert shown == []
    qtbot.waitUntil(lambda: bool(shown), timeout=5_000)
    assert len(shown) == 1


def test_a_pass_that_was_made_is_in_sight_and_the_keyboard_stays(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = residents_of(window)
    passes = page.side.ways.passes
    monkeypatch.setattr(page.side.ways._access, "visitor", lambda *_: "SW1" + "A7K2" * 40)
    passes.issue.setFocus()
    qtbot.keyClick(passes.issue, Qt.Key.Key_Return)
    code = passes.sheet.code
    qtbot.waitUntil(lambda: code.isVisible() and code.visibleRegion().boundingRect() == code.rect())
    assert window.focusWidget() is passes.issue


def test_somebody_new_is_written_down_and_chosen(window: MainWindow, qtbot: QtBot) -> None:
    page = residents_of(window)
    page.search.setText("nobody of that name")
    press(qtbot, page, page.new)
    form = page.side.form
    assert window.focusWidget() is form.fields["family_name"]
    for name, value in (
        ("family_name", "欧阳"),
        ("given_name", " 月娥 "),
        ("born", "1948.3.7"),
        ("flat", "3栋2单元501室"),
    ):
        form.fields[name].setText(value)
    form.alone.setChecked(True)
    press(qtbot, page, form.save)
    shown = page.table.current()
    assert shown is not None
    assert shown.person.profile == Profile("欧阳", "月娥", born="1948-03-07", flat="3-2-501", lives_alone=True)
    assert (form.isVisible(), window.focusWidget()) == (False, page.table)
    assert "欧阳月娥" in page.said.label.text()


def test_what_is_wrong_is_said_and_nothing_is_lost(window: MainWindow, qtbot: QtBot) -> None:
    page = residents_of(window)
    before = page.model.rowCount()
    press(qtbot, page, page.new)
    form, known = page.side.form, page.model.rows[0].person.profile
    for name, value in (("family_name", known.family_name), ("given_name", known.given_name), ("flat", "somewhere")):
        form.fields[name].setText(value)
    press(qtbot, page, form.save)
    assert form.said.label.text() == window.desk.tr("import.bad_flat")
    form.fields["flat"].setText(known.flat)
    press(qtbot, page, form.save)
    assert form.said.label.text() == window.desk.tr("import.known")
    assert form.fields["given_name"].text() == known.given_name
    press(qtbot, page, form.cancel)
    assert page.model.rowCount() == before


def test_a_correction_is_the_next_revision_and_keeps_what_the_form_does_not_show(
    window: MainWindow, qtbot: QtBot
) -> None:
    page = residents_of(window)
    person = page.model.rows[0].person
    before = window.state.roster.revision(person.id)
    press(qtbot, page, page.side.edit)
    page.side.form.fields["phone"].setText("138 1111 2222")
    press(qtbot, page, page.side.form.save)
    found = window.state.roster.profile(person.id)
    assert found is not None
    assert found == replace(person.profile, phone="138 1111 2222")
    assert window.state.roster.revision(person.id) == before + 1
    press(qtbot, page, page.side.edit)
    press(qtbot, page, page.side.form.save)
    assert window.state.roster.revision(person.id) == before + 1, "nothing was changed"


@pytest.mark.parametrize(("role", "writes", "erases"), [(Role.SUPERVISOR, True, True), (Role.GATE_STAFF, False, False)])
def test_who_keeps_the_roster_and_who_erases(open_window: Opener, role: Role, writes: bool, erases: bool) -> None:
    page = residents_of(open_window(role=role))
    assert (page.new.isVisible(), page.side.edit.isVisible()) == (writes, writes)
    assert page.side.erasure.isVisibleTo(page.side) == erases


def corrected_elsewhere(window: MainWindow, person: str, profile: Profile) -> None:
    """Somebody at another desk has written this down, and it has come here."""
    state = window.state
    sealed = b64(seal(state.keys.create(person), json.dumps(asdict(profile)).encode(), b"profile|" + person.encode()))
    told = {"profile": sealed, "revision": state.roster.revision(person) + 1}
    state.journal.absorb([Feed("jinxiu", 90).item(REGISTERED, told, person, state.now(), "desk-2")])


def test_a_correction_made_at_another_desk_meanwhile_is_seen_before_anything_is_saved(
    window: MainWindow, qtbot: QtBot
) -> None:
    page = residents_of(window)
    person, form, state = page.model.rows[0].person, page.side.form, window.state
    press(qtbot, page, page.side.edit)
    form.fields["phone"].setText("138 1111 2222")
    corrected_elsewhere(window, person.id, replace(person.profile, phone="139 9999 0000", flat="9-9-901"))
    press(qtbot, page, form.save)
    assert form.isVisible()
    assert "139 9999 0000" in form.said.label.text()
    assert "9-9-901" in form.said.label.text()
    assert (form.fields["phone"].text(), form.fields["flat"].text()) == ("138 1111 2222", "9-9-901"), "nothing is lost"
    assert state.roster.profile(person.id) == replace(person.profile, phone="139 9999 0000", flat="9-9-901")
    press(qtbot, page, form.save)
    assert state.roster.profile(person.id) == replace(person.profile, phone="138 1111 2222", flat="9-9-901")


def test_nobody_is_written_down_anew_who_was_erased_meanwhile(window: MainWindow, qtbot: QtBot) -> None:
    page = residents_of(window)
    person, form, state = page.model.rows[0].person, page.side.form, window.state
    press(qtbot, page, page.side.edit)
    form.fields["phone"].setText("138 1111 2222")
    state.journal.absorb([Feed("jinxiu", 91).item("person.erased", {"by": "p-boss"}, person.id, state.now())])
    press(qtbot, page, form.save)
    assert form.said.label.text() == window.desk.tr("residents.gone")
    assert state.roster.profile(person.id) is None
