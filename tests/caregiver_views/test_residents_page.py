"""Residents: written down one by one or from a table, what they agreed to, and withdrawing it with a receipt."""

import json
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from caregiver.invented import Feed
from caregiver.main_window import MainWindow
from caregiver.parts.tables import TableModel
from caregiver.residents.consents_card import BY_WORD, WORDS
from caregiver.residents.known_contacts import KnownContact
from caregiver.residents.page import ResidentsPage
from domain.consent import Purpose
from domain.people import Profile, Role
from offline.block_list import BLOCKED, UNBLOCKED
from offline.identity import b64
from offline.roster import REGISTERED, Roster
from offline.seal import seal
from qtkit.shots import settle
from qtkit.widgets import Button
from tests.caregiver_views.conftest import Opener
from tests.caregiver_views.pages import at

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


def test_withdrawing_consent_gives_a_receipt(window: MainWindow, qtbot: QtBot) -> None:
    window.alarm.show_work(None)
    page = at(window, "residents", ResidentsPage)
    person = page.model.rows[0].person
    page.side._withdraw(person, Purpose.FACE_AT_GATE)
    assert not window.state.roster.holds(person.id, Purpose.FACE_AT_GATE)
    assert person.name in page.said.label.text()


def test_withdrawing_by_keyboard_asks_first_and_says_what_it_means_for_this_purpose(
    window: MainWindow, qtbot: QtBot
) -> None:
    window.alarm.show_work(None)
    page = at(window, "residents", ResidentsPage)
    person = page.model.rows[0].person

    def pressed(name: str) -> Button:
        found = [b for b in page.side.consents.findChildren(Button) if name in (b.accessibleName() or b.text())]
        button = next(b for b in found if b.isVisibleTo(page))
        button.setFocus()
        qtbot.keyClick(button, Qt.Key.Key_Return)
        settle(page)
        return button

    def label() -> str:
        focused = window.focusWidget()
        assert isinstance(focused, QPushButton)
        return focused.text()

    pressed("居家感应")
    said = " ".join(label.text() for label in page.side.consents.findChildren(QLabel) if label.isVisibleTo(page))
    assert "家中的感应从此不再使用" in said
    assert "人脸模板" not in said
    assert label() == "取消", "a second press withdraws nothing"
    Roster(window.state.journal, window.state.keys).register("p-new", Profile("王", "新来", flat="77-1-101"))
    qtbot.waitUntil(lambda: any(r.person.id == "p-new" for r in page.model.rows))
    assert label() == "取消", "somebody else who comes takes nothing away"
    pressed("取消")
    assert "居家感应" in window.focusWidget().accessibleName()
    pressed("居家感应")
    pressed("确认撤回")
    assert not window.state.roster.holds(person.id, Purpose.HOME_MONITORING)
    assert window.state.roster.holds(person.id, Purpose.FACE_AT_GATE)
    assert page.table.hasFocus()


def test_a_table_of_residents_is_shown_before_it_is_taken_over(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    window.alarm.show_work(None)
    path = tmp_path / "t.csv"
    path.write_text("姓名,门牌\n王一,99-1-101\n王二,\n", "utf-8")
    page = at(window, "residents", ResidentsPage)
    before = page.model.rowCount()
    page.read(path)
    qtbot.waitUntil(lambda: page.stack.currentIndex() == 1, timeout=10_000)
    assert page.lines.rowCount() == 2
    assert page.model.rowCount() == before, "nothing is taken over yet"
    page.take.setFocus()
    qtbot.keyClick(page.take, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: page.model.rowCount() == before + 1, timeout=10_000)
    assert window.focusWidget() is page.table, "and not a button that a second press would press"


def test_a_pass_that_was_made_is_in_sight_and_the_keyboard_stays(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    window.alarm.show_work(None)
    page = at(window, "residents", ResidentsPage)
    passes = page.side.ways.passes
    monkeypatch.setattr(page.side.ways._access, "visitor", lambda *_: "SW1" + "A7K2" * 40)
    passes.issue.setFocus()
    qtbot.keyClick(passes.issue, Qt.Key.Key_Return)
    code = passes.sheet.code
    qtbot.waitUntil(lambda: code.isVisible() and code.visibleRegion().boundingRect() == code.rect())
    assert window.focusWidget() is passes.issue


def residents_of(window: MainWindow) -> ResidentsPage:
    window.alarm.show_work(None)
    page = window.go("residents")
    assert isinstance(page, ResidentsPage)
    settle(window)
    return page


def press(qtbot: QtBot, page: ResidentsPage, button: Button) -> None:
    button.setFocus()
    qtbot.keyClick(button, Qt.Key.Key_Return)
    settle(page)


def offered(page: ResidentsPage, words: str) -> list[Button]:
    return [
        b for b in page.side.findChildren(Button) if words in (b.accessibleName() or b.text()) and b.isVisibleTo(page)
    ]


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


def test_consent_to_sensors_at_home_is_written_down_with_who_agreed_and_who_wrote_it(
    window: MainWindow, qtbot: QtBot
) -> None:
    page = residents_of(window)
    person = page.model.rows[0].person
    page.side._withdraw(person, Purpose.HOME_MONITORING)
    settle(page)
    (ask,) = offered(page, window.desk.tr("residents.agree_what", purpose=window.desk.tr("purpose.home_monitoring")))
    press(qtbot, page, ask)
    assert window.focusWidget() is page.side.consents._way_back, "a second press agrees to nothing"
    said = " ".join(label.text() for label in page.side.consents.findChildren(QLabel) if label.isVisibleTo(page))
    assert window.desk.tr("residents.terms_home_monitoring") in said
    assert not window.state.roster.holds(person.id, Purpose.HOME_MONITORING)
    press(qtbot, page, offered(page, window.desk.tr("residents.agree_self"))[0])
    assert window.state.roster.holds(person.id, Purpose.HOME_MONITORING)
    told = window.state.journal.facts("consent.given", person.id)[-1].payload
    assert told is not None
    assert (told["by"], told["recorded_by"], told["version"]) == (person.id, window.state.session.person, WORDS)


def test_below_fourteen_a_guardian_alone_agrees(window: MainWindow, qtbot: QtBot) -> None:
    page = residents_of(window)
    child = Profile("王", "小小", born=f"{window.state.now().year - 9}-01-01", flat="77-1-102")
    Roster(window.state.journal, window.state.keys).register("p-child", child)
    qtbot.waitUntil(lambda: any(r.person.id == "p-child" for r in page.model.rows))
    page.table.selectRow([r.person.id for r in page.model.rows].index("p-child"))
    settle(page)
    purpose = window.desk.tr("purpose.home_monitoring")
    press(qtbot, page, offered(page, window.desk.tr("residents.agree_what", purpose=purpose))[0])
    assert offered(page, window.desk.tr("residents.agree_self")) == []
    press(qtbot, page, offered(page, window.desk.tr("residents.agree_guardian"))[0])
    assert window.state.roster.holds("p-child", Purpose.HOME_MONITORING)
    (said,) = window.state.journal.query("SELECT by FROM roster_consents WHERE person = 'p-child'")
    assert said["by"] == "guardian"


def test_what_is_agreed_to_before_the_gate_is_not_written_down_at_a_desk(window: MainWindow, qtbot: QtBot) -> None:
    page = residents_of(window)
    Roster(window.state.journal, window.state.keys).register("p-new", Profile("王", "新来", flat="77-1-101"))
    qtbot.waitUntil(lambda: any(r.person.id == "p-new" for r in page.model.rows))
    page.table.selectRow([r.person.id for r in page.model.rows].index("p-new"))
    settle(page)
    words = [window.desk.tr("residents.agree_what", purpose=window.desk.tr(f"purpose.{p}")) for p in Purpose]
    assert [bool(offered(page, found)) for found in words] == [p in BY_WORD for p in Purpose]


@pytest.mark.parametrize(("role", "writes", "erases"), [(Role.SUPERVISOR, True, True), (Role.GATE_STAFF, False, False)])
def test_who_keeps_the_roster_and_who_erases(open_window: Opener, role: Role, writes: bool, erases: bool) -> None:
    page = residents_of(open_window(role=role))
    assert (page.new.isVisible(), page.side.edit.isVisible()) == (writes, writes)
    assert page.side.erasure.isVisibleTo(page.side) == erases


def test_erasing_takes_a_second_press_and_says_what_goes(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = residents_of(window)
    asked: list[tuple[object, ...]] = []
    monkeypatch.setattr(page.side._access, "erase", lambda *told: asked.append(told))
    erasure, person = page.side.erasure, page.model.rows[0].person
    press(qtbot, page, erasure.ask)
    assert window.focusWidget() is erasure.no
    assert erasure.means.isVisibleTo(page)
    press(qtbot, page, erasure.no)
    assert (window.focusWidget(), asked) == (erasure.ask, [])
    press(qtbot, page, erasure.ask)
    erasure.reason.choose("died")
    press(qtbot, page, erasure.yes)
    assert (window.focusWidget(), asked) == (erasure.login, []), "it takes two"
    qtbot.keyClicks(erasure.login, "wu.jun")
    qtbot.keyClicks(erasure.password, "their own")
    press(qtbot, page, erasure.yes)
    qtbot.waitUntil(lambda: asked == [(person.id, "died", "wu.jun", "their own", "", ())])
    assert erasure.password.text() == "", "and no password stays"
    qtbot.waitUntil(lambda: person.name in page.said.label.text())


def test_without_a_line_nobody_is_erased_and_the_page_says_so(window: MainWindow, qtbot: QtBot) -> None:
    page = residents_of(window)
    press(qtbot, page, page.side.erasure.ask)
    page.side.erasure.login.setText("wu.jun")
    page.side.erasure.password.setText("their own")
    press(qtbot, page, page.side.erasure.yes)
    qtbot.waitUntil(lambda: page.said.label.text() == window.desk.language.tr("error.erasure_sign_in"))


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


# ---------------------------------------------------------------- contacts, who live elsewhere


def contacts_of(window: MainWindow) -> ResidentsPage:
    page = residents_of(window)
    page.which.choose("contacts")
    settle(page)
    return page


def known(page: ResidentsPage) -> dict[str, KnownContact]:
    model = page.contacts.model()
    assert isinstance(model, TableModel)
    return {row.person.id: row for row in model.rows}


def plan_with(window: MainWindow, elder: str, *contacts: str) -> None:
    plan = dict(window.state.elders.board.plan(elder) or {}) | {"revision": 99}
    plan["contacts"] = [{"person_id": id, "relation": "son", "has_key": False} for id in contacts]
    window.state.journal.absorb(
        [Feed("jinxiu", int(elder[-4:], 16)).item("careplan.set", plan, elder, window.state.now())]
    )
    window.state.take()


def test_contacts_are_listed_with_whom_they_are_asked_about_and_without_a_plan_too(
    window: MainWindow, qtbot: QtBot
) -> None:
    elder = residents_of(window).model.rows[0].person
    for id, name in (("p-kin", "王建军"), ("p-nobodys", "没有人")):
        window.state.roster.register(id, Profile("", name, phone="139 0000 1111"))
    plan_with(window, elder.id, "p-kin")
    page = contacts_of(window)
    found = known(page)
    assert found["p-kin"].of == ((elder.id, "son"),)
    assert found["p-nobodys"].of == (), "registered, and the plan was never saved"
    assert elder.id not in found
    page.contacts.choose("p-kin")
    settle(page)
    words = " ".join(label.text() for label in page.side.contact.findChildren(QLabel))
    assert elder.name in words
    assert not page.side.ways.isVisibleTo(page)
    assert not page.side.consents.isVisibleTo(page)


def test_a_contacts_number_is_put_right(window: MainWindow, qtbot: QtBot) -> None:
    window.state.roster.register("p-kin", Profile("", "王建军", phone="139 0000 1111"))
    page = contacts_of(window)
    page.contacts.choose("p-kin")
    card = page.side.contact
    assert not card.save.isEnabled()
    card.phone.setText("139 0000 2222")
    press(qtbot, page, card.save)
    assert window.state.roster.profile("p-kin") == Profile("", "王建军", phone="139 0000 2222")
    assert known(page)["p-kin"].person.profile.phone == "139 0000 2222"
    card.phone.setText("not a number")
    assert not card.save.isEnabled()


def test_with_an_elder_go_those_who_are_asked_about_nobody_else(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = residents_of(window)
    elder, other = (row.person for row in page.model.rows[:2])
    for id, name in (("p-kin", "王建军"), ("p-shared", "两家的人"), ("p-works", "同事"), ("p-lives", "没登记门牌")):
        window.state.roster.register(id, Profile("", name, phone="139 0000 1111"))
    window.state.colleague_names["p-works"] = "同事"
    window.state.roster.consent("p-lives", Purpose.FACE_AT_GATE, True, "v1", "p-lives")
    neighbour = page.model.rows[5].person
    plan_with(window, elder.id, "p-kin", "p-shared", "p-works", "p-lives", neighbour.id)
    plan_with(window, other.id, "p-shared")
    asked: list[object] = []
    monkeypatch.setattr(page.side._access, "erase", lambda *told: asked.append(told[-1]))
    erasure = page.side.erasure
    for also in (True, False):
        press(qtbot, page, erasure.ask)
        assert erasure.also.text().endswith("王建军")
        assert erasure.also.isChecked()
        erasure.also.setChecked(also)
        erasure.login.setText("wu.jun")
        erasure.password.setText("their own")
        press(qtbot, page, erasure.yes)
        qtbot.waitUntil(lambda: not window.desk.background.busy)
    assert asked == [("p-kin",), ()]


def test_a_contact_is_erased_apart_from_the_elder(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    window.state.roster.register("p-kin", Profile("", "王建军", phone="139 0000 1111"))
    page = contacts_of(window)
    page.contacts.choose("p-kin")
    asked: list[tuple[object, ...]] = []
    monkeypatch.setattr(page.side._access, "erase", lambda *told: asked.append(told))
    erasure = page.side.erasure
    press(qtbot, page, erasure.ask)
    assert erasure.means.text() == window.desk.tr("residents.erase_contact_means")
    assert not erasure.also.isVisibleTo(page)
    erasure.login.setText("wu.jun")
    erasure.password.setText("their own")
    press(qtbot, page, erasure.yes)
    qtbot.waitUntil(lambda: asked == [("p-kin", "moved_away", "wu.jun", "their own", "", ())])


@pytest.mark.parametrize("role", [Role.GATE_STAFF, Role.SUPERVISOR])
def test_a_resident_is_put_on_the_block_list_with_a_reason_and_taken_off_it(
    open_window: Opener, qtbot: QtBot, role: Role
) -> None:
    window = open_window(role=role)
    page = residents_of(window)
    person, card = page.model.rows[0].person, page.side.block
    press(qtbot, page, card.ask)
    assert window.focusWidget() is card.why
    press(qtbot, page, card.yes)
    assert not window.state.journal.facts(BLOCKED, person.id), "not without a reason"
    card.why.setText("法院禁止令")
    press(qtbot, page, card.yes)
    (fact,) = window.state.journal.facts(BLOCKED, person.id)
    assert fact.payload is not None
    assert (fact.payload["by"], "禁止令" in str(fact.payload)) == (window.state.session.person, False)
    said = " ".join(label.text() for label in card.findChildren(QLabel) if label.isVisibleTo(page))
    assert window.desk.tr("residents.is_blocked") in said
    assert "法院禁止令" in said
    assert person.name in page.said.label.text()
    press(qtbot, page, card.lift)
    assert len(window.state.journal.facts(UNBLOCKED, person.id)) == 1
    assert card.ask.isVisibleTo(page)


def test_whoever_cares_for_elders_sees_who_is_blocked_and_blocks_nobody(open_window: Opener) -> None:
    page = residents_of(open_window(role=Role.CAREGIVER))
    card = page.side.block
    assert card.title.isVisibleTo(page)
    assert not any(b.isVisibleTo(page) for b in (card.ask, card.yes, card.lift))
