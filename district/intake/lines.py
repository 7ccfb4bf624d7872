"""The lines that the configuration opens besides HTTP: brokers, alarm panels, social alarm units. All end at the desk."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from pydantic import Field

from district.intake import scaip, sia, zigbee2mqtt
from district.intake.desk import Desk
from district.intake.listener import Listener
from district.intake.mqtt import Broker, MqttIntake
from district.intake.signals import Heard
from domain.errors import Mendable
from offline.settings import Settings


class MqttLine(Settings):
    """A broker with Zigbee2MQTT, under a name of your choice."""

    community: str = Field(description="whose homes its devices are in")
    host: str
    port: int = 1883
    client_id: str = Field(
        "shouwang-district",
        description="must stay the same: the broker keeps what was missed under it; one for each server",
    )
    username: str = ""
    password: str = ""
    tls: bool = False
    base: str = Field("zigbee2mqtt", description="what its topics begin with")


class Panel(Settings):
    """An alarm panel that reports by SIA DC-09, under its account number (hexadecimal)."""

    community: str = Field(description="whose home it is in")
    key: str = Field("", description="hexadecimal, 16, 24 or 32 bytes; with one the panel must encrypt")


class Line(Settings):
    """Where alarm panels (SIA DC-09) or social alarm units (SCAIP) call."""

    host: str = Field("127.0.0.1", description="address to listen on")
    port: int = Field(0, description="0: this line stays closed")
    name: str = Field("alarm@localhost", description="SCAIP: who we are")
    community: str = Field(
        "", description="is rung when one that nobody has listed calls for help; without it that of most listed ones"
    )

    def unlisted(self, listed: Iterable[str]) -> str:
        """Whom an unlisted caller rings; "" where nothing says, and then nobody. `listed`: the listed callers' communities."""
        most = Counter(sorted(listed)).most_common(1)
        return self.community or (most[0][0] if most else "")


class LineSettings(Settings):
    """How homes report besides HTTP; `panels` and `units` say who may."""

    mqtt: dict[str, MqttLine] = {}
    sia: Line = Line()
    panels: dict[str, Panel] = {}
    scaip: Line = Line()
    units: dict[str, str] = Field(default_factory=dict, description="SCAIP: the community of each unit's id")

    def unlisted(self) -> dict[str, str]:
        """By the name of an open line, whom a caller that is not listed rings; "" for nobody."""
        panels = [panel.community for panel in self.panels.values()]
        lines = {"sia": (self.sia, panels), "scaip": (self.scaip, self.units.values())}
        return {name: line.unlisted(listed) for name, (line, listed) in lines.items() if line.port}


class Lines:
    """`wake` is called after something was recorded. Raises Mendable `port_in_use`, `panel_key`."""

    def __init__(
        self, settings: LineSettings, desk: Desk, clock: Callable[[], datetime], wake: Callable[[], object]
    ) -> None:
        self._desk, self._clock, self._wake = desk, clock, wake
        panels = {number.upper().lstrip("0"): _account(number, panel) for number, panel in settings.panels.items()}
        units = {unit: scaip.Unit(community) for unit, community in settings.units.items()}
        self.listeners: list[Listener] = []
        strays = settings.unlisted()
        for line, protocol in (
            (settings.sia, sia.protocol(lambda: panels, clock, strays.get("sia", ""))),
            (settings.scaip, scaip.protocol(lambda: units, settings.scaip.name, strays.get("scaip", ""))),
        ):
            if line.port:
                try:
                    self.listeners.append(Listener(protocol, line.host, line.port, self._keep))
                except OSError as e:
                    self._drop()
                    raise Mendable("port_in_use", host=line.host, port=line.port) from e
        self.brokers = [
            (m.community, _broker(name, m, self._keeper(m.community), clock)) for name, m in settings.mqtt.items()
        ]
        self._named = settings.mqtt

    def start(self) -> None:
        for listener in self.listeners:
            listener.start()
        for _, broker in self.brokers:
            broker.start()

    def standing(self) -> list[dict[str, Any]]:
        """Of each broker, whether it is heard, and where it refused us, why in its own words."""
        return [
            {"name": name, "where": f"{m.host}:{m.port}", "heard": broker.ready.is_set(), "refused": broker.refused}
            for (name, m), (_, broker) in zip(self._named.items(), self.brokers, strict=True)
        ]

    def announce(self, community: str, device: str, name: str, state: Mapping[str, Any] | None) -> None:
        """To every broker of the community; for an `Announcer`."""
        for where, broker in self.brokers:
            if where == community:
                broker.announce(device, name, state)

    def remember(self, community: str, device: str, name: str, state: Mapping[str, Any] | None) -> None:
        """As `announce`, of what was announced before the start."""
        for where, broker in self.brokers:
            if where == community:
                broker.remember(device, name, state)

    def close(self) -> None:
        """After `start`."""
        for _, broker in self.brokers:
            broker.close()
        for listener in self.listeners:
            listener.close()

    def _drop(self) -> None:
        for listener in self.listeners:
            listener.release()

    def _keeper(self, community: str) -> Callable[[Heard], None]:
        return lambda heard: self._keep(heard, community)

    def _keep(self, heard: Heard, community: str) -> None:
        if self._desk.receive(heard, community, self._clock()):
            self._wake()


def _broker(name: str, m: MqttLine, keep: Callable[[Heard], None], clock: Callable[[], datetime]) -> MqttIntake:
    where = Broker(
        m.host, m.port, m.client_id, m.username, m.password, m.tls, m.base, gateway=zigbee2mqtt.gateway(name)
    )
    return MqttIntake(where, keep, clock)


def _account(number: str, panel: Panel) -> sia.Account:
    try:
        key = bytes.fromhex(panel.key)
    except ValueError:
        key = b"?"
    if len(key) not in (0, 16, 24, 32):
        raise Mendable("panel_key", panel=number)
    return sia.Account(panel.community, key or None)
