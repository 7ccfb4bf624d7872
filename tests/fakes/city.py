"""Community, street, district: servers that really serve, each syncing to the one above, and devices at every level."""

import json
from collections.abc import Callable
from contextlib import ExitStack, contextmanager
from pathlib import Path

from district.config import DistrictSettings
from district.operator import commands
from offline.node import Node
from tests.fakes.serving import GENEROUS, Joined, Serving, register, run_district
from tests.fakes.waiting import until


class City:
    """Servers by name, each on a folder of its own, and the devices that joined them."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self._folder, self._stack, self._devices = folder, stack, 0
        self._held: dict[str, tuple[ExitStack, DistrictSettings]] = {}

    def serve(self, name: str, upstream: str = "", port: int = 0, database: str = "") -> Serving:
        """Start a server, or start it again where it was stopped."""
        settings = DistrictSettings(
            port=port, data=self._folder / name, limits=GENEROUS, upstream=upstream, name=name, zone="Asia/Shanghai",
            database=database,
        )  # fmt: skip
        held = self._stack.enter_context(ExitStack())
        running = held.enter_context(contextmanager(run_district)(settings))
        self._held[name] = (held, settings)
        if running.office.hub_line is not None:
            running.hub_line.start()
        return running

    def hub(self, name: str, above: Serving, community: str = "jinxiu", database: str = "") -> Serving:
        hub = self.serve(name, above.url, database=database)
        commands.perform(hub.office, "join", {"code": above.code("hub", community), "name": name})
        return hub

    def stop(self, name: str) -> None:
        self._held[name][0].close()

    def join(self, at: Serving, role: str = "kiosk", community: str = "jinxiu", gate_log: bool = False) -> Joined:
        node = Node(self._folder / f"node{self._devices}")
        self._devices += 1
        node.enrol(at.url, at.code(role, community, gate_log), role, f"{role} {self._devices}")
        self._stack.callback(node.close)
        return Joined(node)

    def household(self, hub: Serving, above: Serving) -> tuple[Joined, Joined, str]:
        """A gate and a desk at a hub, and the id of somebody registered there of whom the one above has heard."""
        kiosk, desk = self.join(hub), self.join(hub, "caregiver")
        elder = register(kiosk)
        kiosk.client.round()
        until(lambda: facts_of(above, "person.registered"))
        return kiosk, desk, elder


def facts_of(server: Serving, kind: str) -> set[tuple[str, int, int, str]]:
    """(device, epoch, seq, hash) of every fact of a kind."""
    return {(i.device, i.epoch, i.event.seq, i.hash) for i in server.office.store.told([kind])}


def names(server: Serving) -> set[str]:
    """Devices in homes, as their facts name them."""
    items = server.office.store.told(["home.device_registered"])
    return {json.loads(bytes(i.event.payload))["device"] for i in items if i.event.payload is not None}


def synced(desk: Joined, kind: str) -> Callable[[], object]:
    def look() -> object:
        desk.client.round()
        return desk.journal.facts(kind)

    return look
