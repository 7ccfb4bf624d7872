"""Requests about gates that are answered at once or not at all: calls, orders, looks, lent templates."""

from urllib.parse import quote, urlencode

from offline.keys.identity import b64
from offline.transport.line import Line, bearer
from offline.wire import dump


class Gates(Line):
    """A line over which gates and desks speak of a gate."""

    def open_gate(self, call: str, kiosk: str, nonce: str) -> None:
        """Order a kiosk to open for one call, as whoever is signed in here. Rejected `out_of_scope`, `kiosk_not_listening`."""
        body = dump({"kiosk": kiosk, "nonce": nonce})
        self.request("POST", f"/v1/calls/{quote(call, safe='')}/open", body, headers=bearer(self.bearer))

    def put_picture(self, call: str, sealed: bytes) -> None:
        self.request("PUT", f"/v1/calls/{quote(call, safe='')}/picture", sealed)

    def picture(self, call: str, after: int, wait_s: float) -> tuple[int, bytes] | None:
        """The next picture of a call, sealed, with its number; None where none came in time."""
        target = f"/v1/calls/{quote(call, safe='')}/picture?{urlencode({'after': after, 'wait': f'{wait_s:g}'})}"
        answer = self.request("GET", target, waits_s=wait_s)
        return (int(answer.headers["X-Number"]), answer.content) if answer.status_code == 200 else None

    def look(self, kiosk: str, epoch: int, seq: int, sealed: bytes) -> bytes:
        """A gate's sealed answer about one passage, as whoever is signed in here. Rejected `out_of_scope`, `not_found`,
        `kiosk_not_listening`, `kiosk_silent`, `sign_in`."""
        body = dump({"kiosk": kiosk, "epoch": epoch, "seq": seq, "sealed": b64(sealed)})
        return self.request("POST", "/v1/passages/picture", body, headers=bearer(self.bearer)).content

    def lend(self, gate: str, sealed: bytes) -> None:
        """A template for another gate. Rejected `out_of_scope`, `too_large`, `kiosk_not_listening`."""
        self.request("PUT", f"/v1/gates/{quote(gate, safe='')}/template", sealed)

    def answer_look(self, look: str, sealed: bytes) -> None:
        self.request("PUT", f"/v1/passages/pictures/{quote(look, safe='')}", sealed)
