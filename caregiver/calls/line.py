"""The desk's own line for calls: pictures that only this desk can open, and the order that opens a gate. No Qt."""

from collections.abc import Callable
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from caregiver.asking import refusal
from domain.errors import Mendable
from offline.keys.seal import SealBroken, unseal_with
from offline.transport.errors import Rejected, TryAgain, Untrusted

WAIT_S = 4.0


class CallTransport(Protocol):
    """What is asked of the district. Raises TryAgain, Rejected or Untrusted."""

    bearer: str

    def open_gate(self, call: str, kiosk: str, nonce: str) -> None: ...

    def picture(self, call: str, after: int, wait_s: float) -> tuple[int, bytes] | None: ...


class CallLine:
    """Two lines, for a gate is opened while a picture is waited for; each from one background thread at a time."""

    def __init__(
        self, opening: CallTransport, looking: CallTransport, box: X25519PrivateKey, token: Callable[[], str]
    ) -> None:
        self._opening, self._looking, self._box, self._token = opening, looking, box, token

    def open(self, call: str, kiosk: str, nonce: str) -> None:
        """Open now, or say why not: nothing is queued.

        Raises Mendable: `gate_kiosk_silent`, and what `refusal` has.
        """
        self._opening.bearer = self._token()
        if not self._opening.bearer:
            raise Mendable("gate_sign_in")
        try:
            self._opening.open_gate(call, kiosk, nonce)
        except (Rejected, TryAgain, Untrusted) as e:
            raise refusal(e, "gate", {"kiosk_not_listening": "gate_kiosk_silent"}) from e

    def picture(self, call: str, after: int) -> tuple[int, bytes] | None:
        """The next picture as JPEG with its number; None where none came in a few seconds. Raises nothing."""
        try:
            found = self._looking.picture(call, after, WAIT_S)
            if found is None:
                return None
            return found[0], unseal_with(self._box, found[1], b"call-picture|" + call.encode())
        except (TryAgain, Rejected, Untrusted, SealBroken, ValueError):
            return None
