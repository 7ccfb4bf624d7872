"""Calls to the guard: facts that the desktop hears of on the stream, a live picture for whoever answered, an order to open.

The order is the district's, about this call and the nonce made here for it; it serves once and within seconds
(`offline.letters.orders`).
"""

import logging
import secrets
import threading
from collections.abc import Callable
from typing import Any, Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from kiosk.visit.effects import Calling, EndCall, RingNext, StartCall
from kiosk.visit.events import CallChanged, Event, GuardOpened
from kiosk.visit.view import CallState
from offline.journal.journal import Journal
from offline.journal.projections import StoredFact
from offline.keys.identity import unb64
from offline.keys.seal import seal_to
from offline.letters.orders import OrderRefused, read_order
from offline.transport.errors import Rejected, TryAgain, Untrusted

log = logging.getLogger(__name__)

STARTED, RANG, ENDED = "call.started", "call.rang", "call.ended"
_STATES = {"call.answered": CallState.ANSWERED, "call.refused": CallState.REFUSED}
PICTURE_EVERY_S = 0.5


def picture_context(call: str) -> bytes:
    """What binds a sealed picture to its call."""
    return b"call-picture|" + call.encode()


class PictureLine(Protocol):
    """Where pictures go. Raises TryAgain, Rejected or Untrusted."""

    def put_picture(self, call: str, sealed: bytes) -> None: ...

    def close(self) -> None: ...


class LivePicture:
    """Sends what the camera sees to one desk for as long as a call is answered, on a thread of its own.

    `picture` gives the newest one as JPEG, None while there is none.
    """

    def __init__(self, picture: Callable[[], bytes | None], line: Callable[[], PictureLine | None]) -> None:
        self._picture, self._line = picture, line
        self._over = threading.Event()
        self._thread: threading.Thread | None = None

    def show(self, call: str, box_key: bytes) -> None:
        """Begin; a call before it ends. Returns at once, as does `stop`."""
        self.stop()
        over = self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(call, box_key, over), name="call-picture", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._over.set()

    def close(self) -> None:
        """Stop, and wait until the last picture is on its way."""
        self.stop()
        if self._thread is not None:
            self._thread.join(5)

    def _run(self, call: str, box_key: bytes, over: threading.Event) -> None:
        line = self._line()
        try:
            while line is not None and not over.is_set():
                try:
                    if (jpeg := self._picture()) is not None:
                        line.put_picture(call, seal_to(box_key, jpeg, picture_context(call)))
                except (TryAgain, Rejected, Untrusted) as e:
                    log.info("the picture of call %s was not sent: %s", call, e)
                over.wait(PICTURE_EVERY_S)
        except Exception:  # the call goes on without a picture
            log.exception("the picture of call %s", call)
        finally:
            if line is not None:
                line.close()


class JournalCalls:
    """`online` tells whether anybody can hear; `record` keeps a fact and hurries it on; `district_key` verifies orders."""

    def __init__(
        self,
        journal: Journal,
        gate_id: str,
        record: Callable[[str, dict[str, Any]], None],
        online: Callable[[], bool],
        post: Callable[[Event], None],
        live: LivePicture | None = None,
        district_key: Callable[[], Ed25519PublicKey | None] = lambda: None,
        now_ms: Callable[[], int] = lambda: 0,
    ) -> None:
        self._journal, self._gate_id, self._record, self._online, self._post = journal, gate_id, record, online, post
        self._live, self._district_key, self._now_ms = live, district_key, now_ms
        self._call = self._nonce = self._shown = ""
        self._lock = threading.Lock()
        journal.on_change(self._heard)

    def take(self, what: Calling) -> None:
        """Ring, ring the next, or hang up; returns at once."""
        match what:
            case StartCall(call_id):
                with self._lock:
                    self._call, self._nonce = call_id, secrets.token_hex(16)
                self._record(STARTED, {"call": call_id, "gate": self._gate_id, "nonce": self._nonce})
                if not self._online():
                    self._post(CallChanged(call_id, CallState.LOST))
            case RingNext(call_id, rung):
                self._record(RANG, {"call": call_id, "gate": self._gate_id, "rung": rung})
            case EndCall(call_id):
                self._over()
                self._record(ENDED, {"call": call_id, "gate": self._gate_id})

    def order(self, sent: bytes) -> None:
        """An order came on the stream: obeyed if it is the district's, for this call, now, and for the first time."""
        key = self._district_key()
        with self._lock:
            try:
                if key is None:
                    raise OrderRefused("no district")
                order = read_order(sent, key, self._journal.device, self._call, self._nonce, self._now_ms())
            except OrderRefused as e:
                log.warning("an order to open was refused: %s", e)
                return
            self._nonce = ""
        log.info("opened by %s for call %s", order.by, order.call)
        self._post(GuardOpened(order.call, order.by))

    def _over(self) -> None:
        with self._lock:
            self._call = self._nonce = ""
        if self._live is not None:
            self._live.stop()

    def _heard(self, facts: list[StoredFact]) -> None:
        for fact in facts:
            state = _STATES.get(fact.envelope.kind)
            if state is None or fact.payload is None:
                continue
            call = str(fact.payload.get("call", ""))
            self._post(CallChanged(call, state))
            if call != self._call:
                continue
            if state is CallState.REFUSED:
                self._over()
            elif self._shown != call:  # the first who answers has it
                self._show(call, fact.payload.get("box_key"))

    def _show(self, call: str, box_key: object) -> None:
        """The live picture, for the desk whose key came with its answer."""
        try:
            key = unb64(box_key) if isinstance(box_key, str) else b""
        except ValueError:
            key = b""
        if self._live is not None and len(key) == 32:
            self._shown = call
            self._live.show(call, key)
