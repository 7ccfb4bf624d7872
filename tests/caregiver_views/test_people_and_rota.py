"""The administrator's own pages: inviting people at a district that really serves, and drawing a rota without one."""

from collections.abc import Callable
from functools import partial

import pytest
from pytestqt.qtbot import QtBot

from caregiver.admin.accounts import Accounts
from caregiver.admin.page import AdminPage
from caregiver.invented import Feed
from caregiver.main_window import MainWindow
from caregiver.ui import Choice
from district.config import Channel
from domain.errors import Mendable
from domain.people import Role
from offline.letters.put_aside import PUT_ASIDE
from tests.caregiver_views.conftest import NOW, Employed
from tests.caregiver_views.pages import at
from tests.fakes.serving import Serving
from watch.rotas import ROTA_SET, rota_of


@pytest.fixture
def accounts_of(district: Serving, employed: Callable[..., Employed]) -> Callable[[Role, str], Accounts]:
    """Accounts as somebody with this role in this community sees them."""

    def make(role: Role, login: str) -> Accounts:
        who = employed(login, role)
        return Accounts(who.line, lambda: who.token, "jinxiu", district.url)

    return make


def refused(work: Callable[[], object]) -> str:
    with pytest.raises(Mendable) as caught:
        work()
    return caught.value.code


def test_an_administrator_invites_changes_and_ends_accounts(
    accounts_of: Callable[[Role, str], Accounts], district: Serving
) -> None:
    accounts = accounts_of(Role.ADMINISTRATOR, "root")
    reaches_by(district, sms="json://127.0.0.1:9/{to}")
    link = accounts.invite("ann", "Ann", Role.CAREGIVER, [("sms", "138")])
    token = link.rpartition("/")[2]
    assert link == f"{district.url}/begin/{token}"
    assert district.office.accounts.invited(token, district.office.now_ms()) is not None
    (ann,) = [a for a in accounts.all() if a.login == "ann"]
    assert (ann.roles, ann.disabled) == (frozenset({Role.CAREGIVER}), False)
    accounts.give(ann, Role.GATE_STAFF)
    accounts.disable(ann, True)
    (ann,) = [a for a in accounts.all() if a.login == "ann"]
    assert (ann.roles, ann.disabled) == (frozenset({Role.GATE_STAFF}), True)
    assert accounts.invite_again(ann) != link


def reaches_by(district: Serving, **urls: str) -> None:
    """The operator has set up these message services."""
    office = district.office
    channels = {name: Channel(url=url) for name, url in urls.items()}
    office.settings = office.settings.model_copy(update={"channels": channels})


def test_nobody_is_invited_with_an_address_at_which_they_could_not_be_reached(
    accounts_of: Callable[[Role, str], Accounts], district: Serving
) -> None:
    root = accounts_of(Role.ADMINISTRATOR, "root")
    assert root.channels() == []
    assert refused(lambda: root.invite("ann", "Ann", Role.CAREGIVER, [("sms", "138")])) == "accounts_channel_unknown"
    mail, wecom = "mailto://u:p@mail.invalid?to={to}", "wecombot://{to}"
    reaches_by(district, wecom=wecom, sms="json://127.0.0.1:9/{to}", mail=mail)
    assert root.channels() == ["mail", "sms", "wecom"]
    assert refused(lambda: root.invite("ann", "Ann", Role.CAREGIVER, [("smss", "138")])) == "accounts_channel_unknown"
    for wrong in (("wecom", "!"), ("mail", "nobody")):
        invite = partial(root.invite, "ann", "Ann", Role.CAREGIVER, [wrong])
        assert refused(invite) == "accounts_address_wrong"
    assert [a.login for a in root.all() if a.login == "ann"] == [], "nothing half done"
    assert root.invite("ann", "Ann", Role.CAREGIVER, [("sms", "138")])


def test_the_services_to_choose_from_are_the_districts(
    window: MainWindow, accounts_of: Callable[[Role, str], Accounts], district: Serving, qtbot: QtBot
) -> None:
    window.state.administration.accounts = accounts_of(Role.ADMINISTRATOR, "root")
    page = window.go("admin")
    assert isinstance(page, AdminPage)
    people = page.people
    qtbot.waitUntil(lambda: not window.desk.background.busy)
    assert people.channel.currentText() == "区平台还没有设置渠道"
    assert not people.address.isEnabled()
    reaches_by(district, sms="json://127.0.0.1:9/{to}")
    people.refresh()
    qtbot.waitUntil(lambda: people.channel.findData("sms") > 0)
    people.channel.choose("sms")
    assert people.address.isEnabled()
    people.name.setText("安")
    people.login.setText("ann")
    people.invite.click()
    assert not people.link.isVisible(), "a service without an address reaches nobody"


def test_each_refusal_says_what_would_mend_it(accounts_of: Callable[[Role, str], Accounts]) -> None:
    root, ann = accounts_of(Role.ADMINISTRATOR, "root"), accounts_of(Role.CAREGIVER, "ann")
    assert refused(ann.all) == "accounts_not_yours"
    assert refused(lambda: root.invite("ann", "Another Ann", Role.FAMILY, [])) == "accounts_login_taken"
    assert refused(lambda: root.invite("Ann!", "Ann", Role.FAMILY, [])) == "accounts_not_understood"
    (me,) = [a for a in root.all() if a.login == "root"]
    assert refused(lambda: root.disable(me, True)) == "accounts_own"


@pytest.fixture
def admin(window: MainWindow) -> AdminPage:
    return at(window, "admin", AdminPage)


def test_without_a_district_the_page_says_what_to_do(admin: AdminPage) -> None:
    assert admin.people.said.label.text().startswith("人员信息保存在区平台")
    assert admin.people.none.isVisibleTo(admin.people)


def test_inviting_shows_the_link_to_hand_on_and_the_new_account(
    window: MainWindow, accounts_of: Callable[[Role, str], Accounts], qtbot: QtBot
) -> None:
    window.state.administration.accounts = accounts_of(Role.ADMINISTRATOR, "root")
    page = at(window, "admin", AdminPage)
    people = page.people
    qtbot.waitUntil(lambda: len(people.model.rows) == 1, timeout=10_000)
    people.name.setText("Ann")
    people.login.setText("ann")
    people.first_role.choose("caregiver")
    people.invite.click()
    qtbot.waitUntil(lambda: "/begin/" in people.link.text(), timeout=10_000)
    qtbot.waitUntil(lambda: {a.login for a in people.model.rows} == {"root", "ann"}, timeout=10_000)
    assert people.copy.isVisibleTo(people)
    qtbot.waitUntil(lambda: people.link.visibleRegion().boundingRect() == people.link.rect())  # not below the edge
    number = [a.login for a in people.model.rows].index("ann")
    people.table.selectRow(number)
    people.end.click()
    qtbot.waitUntil(lambda: any(a.disabled for a in people.model.rows), timeout=10_000)
    assert people.table.current().login == "ann", "the same button lets them back"
    assert {a.name for a in page.rota._accounts.values()} == {"Root", "Ann"}


def test_a_shift_is_put_down_shown_as_holes_elsewhere_and_taken_back(
    window: MainWindow, accounts_of: Callable[[Role, str], Accounts], qtbot: QtBot
) -> None:
    window.alarm.show_work(None)
    window.state.administration.accounts = accounts_of(Role.ADMINISTRATOR, "root")
    page = at(window, "admin", AdminPage)
    rota = page.rota
    qtbot.waitUntil(lambda: rota.add.isEnabled(), timeout=10_000)
    assert rota.week.accessibleName().startswith("照排班看，未来一周没有空档。"), "nobody has looked who can be reached"
    rota.level.choose("1")
    rota.add.click()
    told = [f.payload for f in window.state.journal.facts(ROTA_SET)]
    (shift,) = rota_of(told[-1] or {}).shifts
    assert (int(shift.level), shift.start.hour, shift.end.hour) == (1, 8, 20)
    assert rota.week.accessibleName().startswith("有 8 处空档") or rota.week.accessibleName().startswith("有 7 处空档")
    assert len(rota.model.rows) == 1
    rota.undo.click()
    assert rota.model.rows == []
    proof = Feed(window.state.journal.community, 77).item("notice.coverage_checked", {"holes": []}, None, NOW)
    with qtbot.waitSignal(window.synced, timeout=5000):
        window.state.journal.absorb([proof])
    assert rota.summary.text() == "未来一周，每个小时、每一级都有人可以联系到。"


def test_a_rota_that_was_refused_gives_way_to_what_stands_and_says_why(
    window: MainWindow, accounts_of: Callable[[Role, str], Accounts], qtbot: QtBot
) -> None:
    window.alarm.show_work(None)
    window.state.administration.accounts = accounts_of(Role.ADMINISTRATOR, "root")
    page = at(window, "admin", AdminPage)
    rota, journal = page.rota, window.state.journal
    qtbot.waitUntil(lambda: rota.add.isEnabled(), timeout=10_000)
    page.setCurrentWidget(rota)
    rota.add.click()
    assert len(rota.model.rows) == 1
    own = journal.facts(ROTA_SET)[-1].envelope
    told = {"device": own.device, "epoch": own.epoch, "seq": own.seq, "because": "no_duty"}
    with qtbot.waitSignal(window.synced, timeout=5000):
        journal.absorb([Feed(journal.community, own.seq).item(PUT_ASIDE, told, None, NOW)])
    assert rota.model.rows == [], "what stands, and not what was refused"
    assert "没有被区平台接受。这不在操作人的职责范围内。请由主管来做。" in rota.said.label.text()
    assert not rota.undo.isVisibleTo(rota), "there is nothing to take back"
    rota.add.click()
    assert len(rota.model.rows) == 1
    assert rota.said.label.text().endswith("排班。"), "a new one is not the one that was refused"


def test_where_messages_reach_somebody_is_changed_later(
    window: MainWindow, accounts_of: Callable[[Role, str], Accounts], district: Serving, qtbot: QtBot
) -> None:
    root = window.state.administration.accounts = accounts_of(Role.ADMINISTRATOR, "root")
    reaches_by(district, sms="json://127.0.0.1:9/{to}", mail="mailto://u:p@mail.invalid?to={to}")
    root.invite("ann", "Ann", Role.CAREGIVER, [("sms", "138")])
    people = at(window, "admin", AdminPage).people
    qtbot.waitUntil(lambda: {a.login for a in people.model.rows} == {"root", "ann"}, timeout=10_000)
    people.table.selectRow([a.login for a in people.model.rows].index("ann"))
    reach = people.reach
    assert reach.isVisibleTo(people)
    assert not reach.save.isEnabled()
    reach._drop(("sms", "138"))
    reach.channel.choose("sms")
    reach.address.setText("139 0000 1111")
    reach.language.choose("en")
    reach.save.click()
    qtbot.waitUntil(lambda: "Ann" in people.said.label.text(), timeout=10_000)
    (ann,) = [a for a in district.office.accounts.accounts() if a.login == "ann"]
    assert (ann.addresses, ann.language) == ((("sms", "139 0000 1111"),), "en")
    qtbot.waitUntil(lambda: not window.desk.background.busy, timeout=10_000)
    reach.channel.choose("mail")
    reach.address.setText("nobody")
    reach.save.click()
    said = window.desk.language.tr("error.accounts_address_wrong")
    qtbot.waitUntil(lambda: people.said.label.text() == said, timeout=10_000)
    (ann,) = [a for a in district.office.accounts.accounts() if a.login == "ann"]
    assert ann.addresses == (("sms", "139 0000 1111"),)


def test_ones_own_address_is_ones_own_to_change_and_a_reader_of_accounts_sees_none(
    accounts_of: Callable[[Role, str], Accounts], district: Serving
) -> None:
    reaches_by(district, sms="json://127.0.0.1:9/{to}")
    root, chief = accounts_of(Role.ADMINISTRATOR, "root"), accounts_of(Role.SUPERVISOR, "chief")
    (me,) = [a for a in root.all() if a.login == "root"]
    root.reach(me, "en", [("sms", "138")])
    (me,) = [a for a in root.all() if a.login == "root"]
    assert (me.addresses, me.language) == ((("sms", "138"),), "en")
    seen = {a.login: a.addresses for a in chief.all()}
    assert seen["root"] is None
    assert refused(lambda: chief.reach(me, "zh", [])) == "accounts_not_yours"


def test_a_choice_that_said_there_was_none_says_the_first_once_there_are_some(qtbot: QtBot) -> None:
    choice = Choice("by which service")
    qtbot.addWidget(choice)
    choice.offer([("", "none yet")])
    choice.offer([("call", "Call"), ("sms", "SMS")])
    assert choice.value == "call"
