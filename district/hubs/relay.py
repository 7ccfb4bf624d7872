"""Letters to devices below a hub: its stream brings them, it hands them on, and says whether they were heard.

As with a device's own stream nothing is kept and nothing queued. What the district signed is signed anew by each hub on the way,
for a device knows the key of the server that it is enrolled with, and that one alone.
"""

import asyncio
import logging
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from district.feeds.feed import Hub
from district.store.registry import Registry
from offline.keys.identity import b64, unb64
from offline.letters.looks import LOOK_CONTEXT
from offline.letters.orders import ORDER_CONTEXT
from offline.transport.errors import TryAgain, Untrusted

log = logging.getLogger(__name__)

EVENT = "onward"
WAIT_S = 3.0  # for a hub's word; two hubs deep the lower one has less
_SIGNED = {"order": ("order", ORDER_CONTEXT), "look": ("look", LOOK_CONTEXT)}
_HANDS = 4


class Onward(msgspec.Struct, frozen=True):
    """`letter` is for the device `to`, as an `event` of its stream; whether it was heard is told under `id`."""

    id: str
    to: str
    event: str
    letter: msgspec.Raw


class Handed(msgspec.Struct, frozen=True):
    handed: bool


class Upward(Protocol):
    def hand_on(self, method: str, target: str, body: bytes = b"") -> object:
        """A request to the one above, signed as this hub. Raises TryAgain, Untrusted."""


def signed_anew(event: str, letter: bytes, above: Ed25519PublicKey, key: Ed25519PrivateKey) -> bytes:
    """What the one above signed, under this hub's key; a letter that nobody signs stays as it is. Raises ValueError."""
    if event not in _SIGNED:
        return letter
    word, context = _SIGNED[event]
    try:
        told = msgspec.json.decode(letter, type=dict[str, msgspec.Raw])
        above.verify(unb64(msgspec.json.decode(told["signature"], type=str)), context + bytes(told[word]))
    except (KeyError, msgspec.DecodeError, InvalidSignature) as e:
        raise ValueError("not signed by the one above") from e
    return msgspec.json.encode(
        told | {"signature": msgspec.Raw(msgspec.json.encode(b64(key.sign(context + bytes(told[word])))))}
    )


class Relay:
    """`hand` on the loop; `came` from the thread of the stream from above."""

    def __init__(self, hub: Hub, registry: Registry) -> None:
        self._hub, self._registry = hub, registry
        self._waiting: dict[str, tuple[str, asyncio.Future[bool]]] = {}
        self._hands = ThreadPoolExecutor(_HANDS, thread_name_prefix="relay")
        self._pictures = 0

    async def hand(self, device: str, letter: bytes, event: str = "order", within_s: float = WAIT_S) -> bool:
        """Hand something to a device now, through its hub where it has one. False where it does not listen."""
        known = self._registry.device(device)
        if known is None or known.via is None:
            return self._hub.hand(device, letter, event)
        id, said = secrets.token_hex(16), asyncio.get_running_loop().create_future()
        self._waiting[id] = (known.via, said)
        try:
            wrapped = msgspec.json.encode(Onward(id, device, event, msgspec.Raw(letter)))
            return self._hub.hand(known.via, wrapped, EVENT) and await asyncio.wait_for(said, within_s)
        except TimeoutError:
            return False
        finally:
            del self._waiting[id]

    def heard(self, id: str, hub: str, handed: bool) -> None:
        """A hub's word on a letter; on the loop."""
        asked, said = self._waiting.get(id, ("", None))
        if said is not None and asked == hub and not said.done():
            said.set_result(handed)

    def came(self, sent: bytes, sign_anew: Callable[[str, bytes], bytes], above: Upward) -> None:
        """A letter from above for a device below."""
        self._hands.submit(self._pass_on, sent, sign_anew, above)

    def _pass_on(self, sent: bytes, sign_anew: Callable[[str, bytes], bytes], above: Upward) -> None:
        try:
            told = msgspec.json.decode(sent, type=Onward)
            letter = sign_anew(told.event, bytes(told.letter))
            loop = self._hub.loop
            if loop is None:
                return
            handing = self.hand(told.to, letter, told.event, WAIT_S / 2)
            handed = asyncio.run_coroutine_threadsafe(handing, loop).result(WAIT_S)
            above.hand_on("PUT", f"/v1/onward/{told.id}", msgspec.json.encode(Handed(handed)))
        except (ValueError, TimeoutError, TryAgain, Untrusted) as e:
            log.warning("a letter from above was not passed on: %s", e)

    def picture(self, target: str, sealed: bytes, above: Upward) -> None:
        """Show the one above a call's newest picture; where it cannot keep up, the next will be newer. On the loop."""
        if self._pictures < _HANDS:
            self._pictures += 1
            self._hands.submit(self._show, target, sealed, above).add_done_callback(lambda _: self._shown())

    def _show(self, target: str, sealed: bytes, above: Upward) -> None:
        try:
            above.hand_on("PUT", target, sealed)
        except (TryAgain, Untrusted) as e:
            log.info("a picture was not shown above: %s", e)

    def _shown(self) -> None:
        self._pictures -= 1

    def close(self) -> None:
        self._hands.shutdown(wait=True, cancel_futures=True)
