"""A gate's whole front without its camera: the real window, hands, desk, journal and readers on a relay that answers by Modbus."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication

from domain.passages import Direction, GateRules
from domain.people import Profile
from kiosk.calls import JournalCalls
from kiosk.camera.port import Frame
from kiosk.contact_record import ContactRecord, told_before
from kiosk.credentials.books import Books, CredentialsProjection
from kiosk.credentials.desk import Desk, card_digest
from kiosk.credentials.evdev_reader import EvdevReader
from kiosk.credentials.pass_reader import PassReader
from kiosk.credentials.pins import Attempts, Pins
from kiosk.credentials.wedge import KeyboardWedge
from kiosk.gate.modbus_line import ModbusAddress, ModbusLine
from kiosk.gate.relay_gate import RelayGate
from kiosk.gate.watch import GateWatch
from kiosk.gatehouse import contact_heard
from kiosk.hands import Hands, Reach
from kiosk.passages.records import Records
from kiosk.residents.known import PassagesProjection, Residents
from kiosk.residents.templates import TemplateStore
from kiosk.screens.window import KioskWindow
from kiosk.upkeep.status import Fittings, StatusBoard
from kiosk.visit.events import Event
from kiosk.visit.presenter import Visit
from kiosk.visit.settings import Knows
from kiosk.visit.view import Screen
from offline.journal.journal import Journal
from offline.journal.projections import Projection
from offline.keys.keystore import Keystore
from offline.keys.seal import new_key
from offline.letters.access_orders import CARD_ISSUED, PIN_SET
from offline.letters.orders import Order, sign_order
from offline.node_clock import NodeClock
from offline.roster import Roster, RosterProjection
from qtkit.i18n import Language
from qtkit.theme import Mode, Theme
from tests.fakes.gates import ModbusRelay, Wires
from tests.fakes.players import SilentPlayer
from tests.fakes.readers import FakeInput
from tests.fakes.there import there
from tests.kiosk_visit.visits import SETTINGS, START

CARD = "0012345678"


class Front:
    """`now` moves only when told; `district` is the key that signs passes and orders; `online` whether anybody hears a call."""

    def __init__(self, qapp: QApplication, folder: Path) -> None:
        self.now: datetime = START
        self.online, self.stands_open, self.silence = True, False, timedelta(0)
        self.rules = GateRules(Direction.IN, open_seconds=0.2)
        self.player = SilentPlayer()
        self.frame: Frame | None = None
        self.typed_ms = 0
        self.district = Ed25519PrivateKey.generate()
        self.wires = Wires()
        self.relay = ModbusRelay(self.wires)
        self.clock = NodeClock()
        folds: list[Projection] = [RosterProjection(), PassagesProjection(), CredentialsProjection()]
        self.journal = Journal(folder / "j.sqlite", self.clock, folds)
        self.journal.become("gate-1", 1, "jinxiu")
        self.keys = Keystore(folder / "k.sqlite", new_key())
        self.templates = TemplateStore(folder / "t.sqlite", self.keys)
        self.roster = Roster(self.journal, self.keys)
        self.residents = Residents(
            self.journal, self.roster, self.templates, self.keys, ("sface", "1"), there(START.tzinfo)
        )
        self._window(qapp)
        self._wiring(folder)

    def _window(self, qapp: QApplication) -> None:
        ids = iter(f"id-{n}" for n in range(1, 1000))
        knows = Knows(
            self.residents.guest, lambda: self.rules, self.residents.blocked, self.residents.last, lambda: next(ids),
            silence=lambda: self.silence,
        )  # fmt: skip
        self.wedge = KeyboardWedge()
        self.window = KioskWindow(
            Visit(SETTINGS, knows, self.now), Language("en"), Theme(qapp, "kiosk", Mode.LIGHT), lambda: self.frame,
            lambda: self.now, typed=self.wedge.feed,
        )  # fmt: skip
        self.window.resize(800, 1280)
        self.window.show()

    def _wiring(self, folder: Path) -> None:
        window = self.window
        fittings = Fittings("sface 1", folder, False, False, True, self.player.working, lambda: None)
        self.board = StatusBoard(fittings, lambda: self.now)
        self.gate = RelayGate(
            ModbusLine(ModbusAddress("127.0.0.1", self.relay.port, coil=3, door_input=0, tamper_input=1, fire_input=2))
        )
        self.records = Records(self.journal, "south", self.tell, lambda: None)
        before = told_before(self.journal)
        record = ContactRecord("south", self.records.add, before)
        self.contacts = GateWatch(
            self.gate, lambda event, at: contact_heard(event, at, self.tell, record), lambda: self.now, 30.0, every_s=0.01,
            stands_open=lambda: self.stands_open, monotonic=lambda: (self.now - START).total_seconds(), before=before,
        )  # fmt: skip
        key = self.district.public_key
        self.calls = JournalCalls(
            self.journal, "south", self.records.add, lambda: self.online, self.tell, None, key,
            self.clock.now_ms,
        )  # fmt: skip
        self.pins = Pins(b"pepper", memory_kib=64, passes=1)
        books = Books(self.journal, self.residents.flat)
        desk = Desk(
            ("jinxiu", "south"), books, books, books, lambda: [key()], self.pins, Attempts(), b"card key"
        )  # fmt: skip
        self.passes = PassReader(lambda: self.frame, every_s=0.01)
        self.input, self.plugged = FakeInput(), True
        self.reader = EvdevReader("USB reader", open_=self._plug, back_off_s=0.01)
        nothing: Callable[..., Any] = lambda *_: None  # noqa: E731
        self.hands = Hands(
            self.gate, desk,
            Reach(self.tell, self.records.take, self.calls.take, nothing, self.passes.look, nothing, lambda: self.now,
                  lambda: self.now, status=self.board.known),
        )  # fmt: skip
        window.effect.connect(self.hands.perform)
        for reader in (self.passes, self.wedge, self.reader):
            reader.start(self.hands.present, self.hands.reader_trouble)
        self.contacts.start()

    def _plug(self, _which: str) -> FakeInput:
        if not self.plugged:
            raise FileNotFoundError(2, "no input device of this name")
        if self.input.closed:
            self.input = FakeInput()
        return self.input

    # ------------------------------------------------------------ what happens to it

    def tell(self, event: Event) -> None:
        self.board.hear(event)
        self.window.take(event)

    def unplug(self) -> None:
        self.plugged = False
        self.input.unplug()

    def know(self, person: str = "p-li", flat: str = "3-2-501") -> None:
        """A resident with a card and a PIN."""
        self.roster.register(person, Profile("李", "建国", title_zh="先生", title_en="Mr", flat=flat))
        self.journal.append(CARD_ISSUED, {"digest": card_digest(CARD, b"card key")}, subject=person)
        self.journal.append(PIN_SET, {"hash": self.pins.hash("9081")}, subject=person)

    def order(self, call: str, nonce: str, by: str = "s-gus", late_s: float = 0.0) -> None:
        """The district's order, as it comes down the stream, `late_s` seconds after it was given."""
        given = self.clock.now_ms() - round(1000 * late_s)
        self.calls.order(sign_order(Order(call, nonce, "gate-1", by, "desk-1", given), self.district))

    def type(self, text: str, gap_ms: int = 200) -> None:
        """As a finger types on a keyboard; "\n" is Enter. Every key says itself when it went down."""
        for character in text:
            self.typed_ms += gap_ms
            code = Qt.Key.Key_Return if character == "\n" else Qt.Key(ord(character.upper()))
            key = QKeyEvent(QEvent.Type.KeyPress, code, Qt.KeyboardModifier.NoModifier, character)
            key.setTimestamp(self.typed_ms)
            QApplication.sendEvent(self.window, key)

    def swipe(self, number: str = CARD) -> None:
        """As a reader types that is a keyboard to the machine."""
        self.typed_ms += 1000
        self.type(f"{number}\n", 10)

    # ------------------------------------------------------------ what is to be seen

    def screen(self) -> Screen | None:
        view = self.window.shown
        return view.screen if view else None

    @property
    def pad(self) -> int:
        """The number of the pad that was opened last."""
        return self.window._presenter._scene.pads

    def facts(self, kind: str) -> list[dict[str, Any]]:
        return [dict(f.payload) for f in self.journal.facts(kind) if f.payload is not None]

    def close(self) -> None:
        self.window.effect.disconnect()
        for reader in (self.passes, self.wedge, self.reader):
            reader.stop()
        self.contacts.stop()
        self.hands.close()
        self.records.close()
        self.gate.close()
        self.relay.stop()
        self.window.close()
        self.journal.close()
        self.keys.close()
        self.templates.close()
