"""Gates of one community that know residents, and lend each other who agreed to it."""

import contextlib
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from domain.consent import Purpose
from domain.events import Clock
from domain.people import Profile
from kiosk.known_time import KnownTime
from kiosk.residents.borrowed import Borrowed
from kiosk.residents.known import PassagesProjection, Residents
from kiosk.residents.lending import Lending
from kiosk.residents.templates import TemplateStore
from offline.letters.gate_card import GATE_DESCRIBED, describe
from offline.node import Node
from offline.node_clock import elapsed
from tests.fakes.serving import Serving
from tests.fakes.waiting import until as within
from tests.journeys.on_the_line import AtWork

until = partial(within, seconds=40)  # of a machine that does other things too
ENGINE = ("sface", "1")
FACE = np.eye(3, 128, dtype=np.float32)
HOUR = 3600 * 1000


class Moved:
    """The clock of a gate, as its test moves it."""

    def __init__(self, gate: "Gate") -> None:
        self._gate = gate

    def now_ms(self) -> int:
        return self._gate.node.clock.now_ms() + self._gate.ahead

    wall_ms = now_ms

    @property
    def state(self) -> Clock:
        return Clock.SYNCED if self._gate.sure else Clock.UNSYNCED


class Gate(AtWork):
    """A kiosk on the line with its stores; `ahead` moves its clock."""

    def __init__(self, district: Serving, folder: Path, name: str, engine: tuple[str, str] = ENGINE) -> None:
        self.folder, self.engine, self.ahead, self.passed_s, self.sure = folder, engine, 0, 0.0, True
        self.starts = 1  # of the machine
        node = Node(folder, [PassagesProjection()])
        node.enrol(district.url, district.code("kiosk"), "kiosk", name)
        super().__init__(node)
        told = describe(
            self.node.identity, gate=name, name={"zh": name, "en": name}, direction="in", software="1",
            engine=" ".join(engine), ways=["face"], guard_phone=False, keep_days=30,
        )  # fmt: skip
        self.node.journal.append(GATE_DESCRIBED, told)
        self.open()

    def open(self) -> None:
        node = self.node
        self.matcher: list[str] = []
        self.letters: list[bytes] = []
        self.rests: list[bool] = []
        self.templates = TemplateStore(self.folder / "templates.sqlite", node.keys)
        time = KnownTime(
            self.folder / "known_time", Moved(self), lambda: elapsed() + self.passed_s, lambda: f"start-{self.starts}"
        )
        self.borrowed = Borrowed(self.folder / "borrowed.sqlite", node.keys, time)

        def matched(gallery: list[tuple[str, Any]], _homes: dict[str, str]) -> None:
            self.matcher = [person for person, _ in gallery]

        self.residents = Residents(
            node.journal, node.roster, self.templates, node.keys, self.engine, gallery_changed=matched,
            borrowed=self.borrowed,
        )  # fmt: skip
        self.lending = Lending(
            node.journal, node.roster, self.templates, self.borrowed, node.identity, self.engine, node.line,
            self.residents.reload, self.rests.append,
        )  # fmt: skip
        self.lending.start()
        self.line_up()

    def line_up(self) -> None:
        self.begin()
        assert self.node.stream is not None
        assert self.node.sync is not None
        self.node.sync.on_status(lambda _: self.lending.time_told())

        def lent(sent: bytes) -> None:
            self.letters.append(sent)
            self.lending.heard(sent)

        self.node.stream.lent = lent
        self.heard()

    def enrol(self, person: str, *more: Purpose) -> None:
        self.node.roster.register(person, Profile("李", "建国"))
        self.templates.save(person, *self.engine, FACE)
        for purpose in (Purpose.FACE_AT_GATE, *more):
            self.node.roster.consent(person, purpose, True, "2026-1", person)
        self.residents.reload()
        self.poke()

    def told(self, kind: str) -> list[dict[str, Any]]:
        mine = self.node.journal.device
        return [dict(f.payload or {}) for f in self.node.journal.facts(kind) if f.envelope.device == mine]

    def settle(self) -> None:
        self.lending._thread.submit(lambda: None).result(5)

    def shut(self) -> None:
        self.node.stop()
        self.lending.close()
        self.templates.close()
        self.borrowed.close()

    def stop(self) -> None:
        self.shut()
        super().stop()


def knows(north: Gate, person: str, purpose: Purpose = Purpose.FACE_AT_OTHER_GATES) -> Callable[[], bool]:
    """The second gate has heard of the consent and has the person's key."""
    return lambda: north.node.roster.holds(person, purpose) and north.node.keys.find(person) is not None


def lend(south: Gate, north: Gate, person: str = "p-li") -> None:
    """`south` offers until `north` holds; what is renewed in the meantime counts."""
    for _ in range(10):  # a key is asked for in one round and sent in another, and rounds may be a minute apart
        south.poke()
        north.poke()
        with contextlib.suppress(AssertionError):
            within(knows(north, person), 4)
            break
    until(knows(north, person))
    until(lambda: north.node.journal.device in south.lending._gates())
    until(lambda: south.node.journal.device in north.lending._gates())
    for _ in range(6):  # a stream that is just beginning anew loses a letter, and the next round sends it again
        south.lending._sent.clear()
        south.lending.offer()
        with contextlib.suppress(AssertionError):
            within(lambda: person in north.matcher, 8)
            return
    raise AssertionError("it was never held")
