"""A relay with a web interface (Shelly, ESPHome, Tasmota and many others): two addresses switch it, one tells its state."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import requests

from domain.errors import Mendable
from kiosk.gate.port import GateState


@dataclass(frozen=True, slots=True)
class HttpAddress:
    """The addresses of one relay.

    `fields` says where in the state's JSON each contact stands, as a dotted path: ``{"relay_on": "output", "door_open":
    "input:0.state"}`` where ``:`` is part of a name. ``password`` is for HTTP basic authentication.
    """

    on_url: str
    off_url: str
    state_url: str
    fields: Mapping[str, str] = field(default_factory=lambda: {"relay_on": "output"})
    user: str = ""
    password: str = ""
    method: str = "POST"
    timeout_s: float = 1.5


class HttpLine:
    """Implements Line."""

    simulated = False

    def __init__(self, address: HttpAddress) -> None:
        self._at = address
        self._session = requests.Session()
        self._session.trust_env = False  # a proxy has no business between a kiosk and its gate
        if address.user:
            self._session.auth = (address.user, address.password)

    def switch(self, on: bool) -> None:
        self._ask(self._at.method, self._at.on_url if on else self._at.off_url)

    def read(self) -> GateState:
        answer = self._ask("GET", self._at.state_url)
        try:
            tree = answer.json()
        except ValueError as error:
            raise Mendable("gate_refused", where=self._at.state_url, answer=repr(error)) from error
        found = {name: self._contact(tree, path) for name, path in self._at.fields.items()}
        relay_on = found.pop("relay_on")
        return GateState(relay_on=relay_on, **found)

    def close(self) -> None:
        self._session.close()

    def _contact(self, tree: Any, path: str) -> bool:
        try:
            return _contact(tree, path)
        except (KeyError, TypeError) as error:
            raise Mendable("gate_field", where=self._at.state_url, path=path) from error

    def _ask(self, method: str, url: str) -> requests.Response:
        try:
            answer = self._session.request(method, url, timeout=self._at.timeout_s, allow_redirects=False)
        except requests.RequestException as error:
            raise Mendable("gate_unreachable", where=url) from error
        if answer.status_code >= 300:
            raise Mendable("gate_refused", where=url, answer=f"HTTP {answer.status_code}")
        return answer


def _contact(tree: Any, path: str) -> bool:
    for name in path.split("."):
        tree = tree[name]
    if isinstance(tree, str):
        return tree.lower() in {"on", "open", "true", "1"}
    return bool(tree)
