"""One's own account at a district that really serves: another password, and codes of a telephone beside it."""

from collections.abc import Callable

import pyotp
import pytest
from pytestqt.qtbot import QtBot

from caregiver.account.own import OwnAccount
from caregiver.account.page import AccountPage
from caregiver.main_window import MainWindow
from domain.errors import Mendable
from domain.people import Role
from offline.node import Node
from tests.caregiver_views.conftest import Employed
from tests.caregiver_views.pages import at
from tests.fakes.serving import Serving
from tests.fakes.staff import PASSWORD
from tests.fakes.there import there

NEW = "a willow by the river"


@pytest.fixture
def ann(employed: Callable[..., Employed]) -> Employed:
    return employed("ann", Role.CAREGIVER)


@pytest.fixture
def page(ann: Employed, window: MainWindow, qtbot: QtBot) -> AccountPage:
    """Ann's page, once the district has said how she signs in."""
    window.state.account = OwnAccount(ann.line, lambda: ann.token)
    page = at(window, "account", AccountPage)
    qtbot.waitUntil(page.change.isEnabled, timeout=10_000)
    return page


def test_another_password_ends_the_session_and_is_the_one_to_sign_in_with(
    page: AccountPage, window: MainWindow, node: Node, qtbot: QtBot
) -> None:
    for field, words in ((page.old, PASSWORD), (page.new, NEW), (page.again, NEW)):
        field.setText(words)
    with qtbot.waitSignal(window.password_changed, timeout=10_000):
        page.change.click()
    assert node.line().sign_in("ann", NEW, "").login == "ann"


@pytest.mark.parametrize(
    ("old", "new", "again", "sentence"),
    [
        (PASSWORD, NEW, NEW + "s", "account_differ"),
        ("not hers", NEW, NEW, "account_proof"),
        (PASSWORD, "short", "short", "account_password_weak"),
    ],
)
def test_what_keeps_a_password_from_being_changed_is_said(
    page: AccountPage, window: MainWindow, qtbot: QtBot, old: str, new: str, again: str, sentence: str
) -> None:
    for field, words in ((page.old, old), (page.new, new), (page.again, again)):
        field.setText(words)
    page.change.click()
    said = window.desk.language.tr(f"error.{sentence}")
    qtbot.waitUntil(lambda: page.said.label.text() == said, timeout=10_000)
    assert page.old.text() == old, "nobody types everything anew for one slip"


def test_codes_of_a_telephone_are_in_force_once_a_first_one_was_right_and_end_again(
    page: AccountPage, window: MainWindow, ann: Employed, node: Node, district: Serving, qtbot: QtBot
) -> None:
    page.password.setText(PASSWORD)
    page.begin.click()
    qtbot.waitUntil(page.first.isVisible, timeout=10_000)
    assert not page.picture.pixmap().isNull()
    codes = pyotp.TOTP(page.typed.text().replace(" ", ""))
    now = district.office.now_ms() // 1000
    page.first.setText("000000")
    page.confirm.click()
    wrong = window.desk.language.tr("error.account_code")
    qtbot.waitUntil(lambda: page.said.label.text() == wrong, timeout=10_000)
    page.first.setText(codes.at(now - 30))
    page.confirm.click()
    qtbot.waitUntil(page.end.isVisible, timeout=10_000)
    assert page.said.label.text() == window.desk.tr("account.done_True")
    assert there(district.office.accounts.account(ann.person)).second_factor
    page.password.setText(PASSWORD)
    page.last_code.setText(codes.at(now))
    page.end.click()
    qtbot.waitUntil(page.begin.isVisible, timeout=10_000)
    assert node.line().sign_in("ann", PASSWORD, "").login == "ann"


def test_too_many_attempts_are_told_from_a_line_that_is_down(page: AccountPage, district: Serving) -> None:
    own = page._own()
    assert own is not None
    for expected in [*["account_proof"] * 5, "account_locked"]:
        with pytest.raises(Mendable) as caught:
            own.change_password("not hers", NEW, "")
        assert caught.value.code == expected


def test_where_nobody_has_signed_in_there_is_no_account_to_change(window: MainWindow, qtbot: QtBot) -> None:
    window.state.account = None
    page = at(window, "account", AccountPage)
    assert page.said.label.text() == window.desk.language.tr("error.account_sign_in")
    assert not window.side.account.isVisible()
