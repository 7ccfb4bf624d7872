"""The program is told to end (an update, the power button) while somebody stands before the gate."""

import threading
from dataclasses import fields
from typing import Any
from unittest.mock import MagicMock

import pytest

from domain.passages import Method
from kiosk.credentials.port import Presented
from kiosk.gatehouse import Gatehouse
from kiosk.passages.facts import PASSAGE
from kiosk.visit.events import CredentialAccepted
from kiosk.visit.view import Screen
from tests.kiosk_screens.front import CARD, Front


def stop(front: Front) -> MagicMock:
    """As the program does when its event loop has ended; the parts that matter here are real. Returns what is told how it ended."""
    parts: dict[str, Any] = {field.name: MagicMock() for field in fields(Gatehouse)}
    real = {"hands": front.hands, "window": front.window, "records": front.records, "contacts": front.contacts}
    Gatehouse(**parts | real).stop()
    told: MagicMock = parts["cut_off"]
    return told


def test_a_gate_that_answers_while_the_program_ends_is_on_record(
    front: Front, qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    switch, told_to_end = front.gate._line.switch, threading.Event()

    def late(on: bool) -> None:
        switch(on)
        if on:
            told_to_end.wait(5)

    monkeypatch.setattr(front.gate._line, "switch", late)
    front.hands.present(Presented(Method.CARD, CARD))
    qtbot.waitUntil(lambda: front.screen() is Screen.IDENTIFIED)
    qtbot.waitUntil(lambda: front.wires.switches.count(True) == 1)
    told_to_end.set()
    stop(front).end.assert_called_once_with(True)
    assert [(p["method"], p["gate_did"]) for p in front.facts(PASSAGE)] == [("card", "opened")]


def test_who_is_judged_only_when_the_program_has_ended_is_not_let_in_and_that_is_on_record(front: Front) -> None:
    front.window.take(CredentialAccepted(Method.CARD, "p-li", "card-1"))
    stop(front)
    assert [(p["method"], p["gate_did"]) for p in front.facts(PASSAGE)] == [("card", "failed")]
    assert front.wires.switches.count(True) == 0
