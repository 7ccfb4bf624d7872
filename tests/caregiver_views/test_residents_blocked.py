"""The block list at a desk."""

import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from domain.people import Role
from offline.letters.block_list import BLOCKED, UNBLOCKED
from tests.caregiver_views.conftest import Opener
from tests.caregiver_views.residents import press, residents_of


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
