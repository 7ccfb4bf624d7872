"""A district's TLS key is exchanged, with the real server program and the real windows: to the key in reserve everybody goes on by
themselves; at any other key gate and desk send nothing, and say so in one sentence."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PySide6.QtWidgets import QApplication, QLabel

from assets.words import say
from caregiver.session import Session
from caregiver.state import AppState, projections
from demo.district import START_S
from district.config import DistrictSettings
from district.operator_line import ask
from domain.people import Role
from kiosk.config import CameraTable, GateKind, GateTable, KioskSettings, Site
from kiosk.visit.view import Screen
from offline.node import Node
from qtkit.shots import settle
from tests.fakes.there import there
from tests.fakes.tls_keys import Key
from tests.fakes.waiting import until
from tests.journeys.desk_window import desk_window
from tests.journeys.kiosk_window import Gate, an_app
from tests.journeys.on_the_line import AtWork

pytestmark = [pytest.mark.timeout(400), pytest.mark.qt_log_ignore("PulseAudio")]


class Server:
    """The program in a process of its own, on one port and folder, with whatever key it is given."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._port, self.url = folder, 0, ""
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, key: Key, *reserve: Key) -> None:
        self.stop()
        ready = self._folder / "ready"
        ready.unlink(missing_ok=True)
        command = [sys.executable, "-m", "district", "--data", str(self._data), "serve", "--port", str(self._port)]
        command += ["--tls-cert", str(key.certificate()), "--tls-key", str(key.file), "--ready-file", str(ready)]
        pins = {"SHOUWANG_DISTRICT_TLS_PINS": json.dumps([each.pin for each in reserve])}
        self._process = subprocess.Popen(command, env=os.environ | pins, stdout=subprocess.DEVNULL)
        until(lambda: ready.exists() and ready.read_text().strip(), START_S)
        self.url = ready.read_text().strip()
        self._port = int(self.url.rpartition(":")[2])

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(30)
            self._process = None

    def code(self, role: str = "kiosk") -> str:
        return str(self._ask("code", role=role, community="jinxiu")["code"])

    def has(self) -> tuple[int, int]:
        """Of what gate and desk have recorded, how much has arrived."""
        gate, desk = (len(self._ask("facts", kind=kind)["facts"]) for kind in ("passage.recorded", "checkin.pressed"))
        return gate, desk

    def _ask(self, command: str, **asked: str) -> Any:
        return ask(DistrictSettings(data=self._data, port=self._port), command, **asked)

    @property
    def _data(self) -> Path:
        return self._folder / "data"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    (tmp_path / "server").mkdir()
    made = Server(tmp_path / "server")
    yield made
    made.stop()


def test_the_key_in_reserve_is_taken_and_another_is_refused_in_one_sentence_at_gate_and_desk(
    server: Server, qapp: QApplication, qtbot: Any, tmp_path: Path
) -> None:
    current, reserve, unknown = (Key(tmp_path, name) for name in ("current", "reserve", "unknown"))
    server.start(current, reserve)
    node = Node(tmp_path / "desk", projections())
    node.enrol(server.url, server.code("caregiver"), "caregiver", "desk")
    desk = AtWork(node)
    session = Session("c-1", Role.CAREGIVER, "ann", "Jinxiu", signed_in=True)
    state = AppState(node.journal, node.keys, node.clock, session, desk.begin(), UTC)
    app = an_app(qapp, tmp_path)
    gate = Gate(kiosk(tmp_path), app, qtbot, server)
    with desk_window(state, qapp) as window:

        def records() -> None:
            node.journal.append("checkin.pressed", {}, subject="p1")
            gate.house.node.journal.append("passage.recorded", {"method": "face"})
            for line in (desk.node.sync, gate.house.node.sync):
                there(line).poke()

        try:
            records()
            until(lambda: server.has() == (1, 1), 90)

            server.start(reserve)
            records()
            until(lambda: server.has() == (2, 2), 90)
            there(node.sync)._client._last_hello = None  # type: ignore[attr-defined] # ten minutes later
            there(node.sync).poke()
            until(
                lambda: list(there(node.district).pins) == [reserve.pin], 90
            )  # a key that was lost is taken no longer

            server.start(unknown)
            records()
            at_the_desk = say("zh", "caregiver.line.untrusted")
            until(lambda: at_the_desk in said(window.line), 90, lambda: settle(window))
            gate.sign_in()
            page = gate.page(Screen.MAINTENANCE)
            gate.until(lambda: say("en", "error.link_untrusted") in said(page))
            assert server.has() == (2, 2)
            assert node.journal.pending() > 0

            server.start(reserve)
            records()
            until(lambda: server.has() == (4, 4), 90)
            until(lambda: at_the_desk not in said(window.line), 90, lambda: settle(window))
        finally:
            desk.stop()
            gate.stop()
            app.background.close()


def said(widget: Any) -> str:
    """The words that stand on it."""
    return " ".join(label.text() for label in widget.findChildren(QLabel) if not label.isHidden())


def kiosk(folder: Path) -> KioskSettings:
    """Before an empty place."""
    (place := folder / "place").mkdir()
    for number in range(5):
        cv2.imwrite(
            str(place / f"{number}.png"), np.random.default_rng(1).normal(150, 3, (360, 480, 3)).astype(np.uint8)
        )
    return KioskSettings(
        data=folder / "kiosk",
        site=Site(gate_id="south", gate_en="South gate"),
        camera=CameraTable(source=str(place), simulated=True, loop=True),
        gate=GateTable(kind=GateKind.SIMULATED),
    )
