"""A gate that is not there, for trials and training. It never starts by default: the configuration must name it."""

from dataclasses import replace

from domain.errors import Mendable
from kiosk.gate.port import GateState

NAME = "simulated"


class SimulatedLine:
    """Implements Line. `configured` is what the configuration calls this gate's kind.

    Raises Mendable `gate_simulated` unless that is ``simulated``: a kiosk must never believe in a gate that is not there.
    """

    simulated = True

    def __init__(self, configured: str) -> None:
        if configured != NAME:
            raise Mendable("gate_simulated", configured=configured)
        self._state = GateState(relay_on=False, door_open=False, tampered=False, fire=False)

    def switch(self, on: bool) -> None:
        self._state = replace(self._state, relay_on=on)

    def read(self) -> GateState:
        return self._state

    def close(self) -> None:
        return None

    def contacts(self, door_open: bool = False, tampered: bool = False, fire: bool = False) -> None:
        """Move the contacts by hand."""
        self._state = GateState(self._state.relay_on, door_open, tampered, fire)
