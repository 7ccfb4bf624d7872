"""The Gate port: what the kiosk asks of whatever moves the gate."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class GateState:
    """What the contacts say; None where the gate has no such contact."""

    relay_on: bool
    door_open: bool | None = None
    tampered: bool | None = None
    fire: bool | None = None


class Gate(Protocol):
    """A gate behind a relay. Calls may take as long as the adapter's timeout; no window calls them on its own thread.

    Every call may raise Mendable: `gate_unreachable`, `gate_refused`, `gate_field`.
    """

    simulated: bool

    def open(self, seconds: float) -> None:
        """Release the gate for `seconds` and return once the relay has confirmed. While released: prolong, never shorten."""
        ...

    def hold(self, on: bool) -> None:
        """Keep the gate released until told otherwise: the fire input."""
        ...

    def state(self) -> GateState: ...

    def close(self) -> None:
        """Let go of the line with the relay off (on, where held). Safe to call twice."""
        ...


class Line(Protocol):
    """What differs between relays: switch one output, read up to three inputs. May raise Mendable."""

    simulated: bool

    def switch(self, on: bool) -> None: ...
    def read(self) -> GateState: ...
    def close(self) -> None: ...
