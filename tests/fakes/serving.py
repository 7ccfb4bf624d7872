"""A district that really serves, on a port of its own, and nodes that really enrol with it."""

import asyncio
import threading
from collections.abc import Callable, Generator

from district.bootstrap import opened
from district.config import DistrictSettings, Limits
from district.hubs.hub_line import HubLine
from district.hubs.joined import Joined as Membership
from district.listening import listen, server, url_of
from district.office import Office
from district.operator import codes
from district.scope import DeviceRole
from domain.consent import Purpose
from domain.people import Profile, new_person_id
from offline.journal.journal import Journal
from offline.keys.identity import unb64
from offline.keys.signing import Signer
from offline.line.sync import COMPARE_EVERY_MS, SyncClient
from offline.node import Node
from tests.fakes.there import there
from tests.fakes.waiting import until

ZHAO = Profile("赵", "淑兰", title_zh="奶奶", title_en="Mrs", lives_alone=True)
GENEROUS = Limits(enrol="10000/minute", sign_in="10000/minute", device="100000/minute", intake="100000/minute")


class Serving:
    """A running district."""

    def __init__(self, office: Office, url: str) -> None:
        self.office, self.url = office, url

    def code(self, role: str = "kiosk", community: str = "jinxiu", gate_log: bool = False) -> str:
        return codes.issue(self.office, DeviceRole(role), community, gate_log)

    @property
    def hub_line(self) -> HubLine:
        """Of a hub: its line to the one above."""
        return there(self.office.hub_line)

    @property
    def joined(self) -> Membership:
        """Of a hub: who it is to the one above."""
        return there(self.hub_line.upstream.joined)

    def compare_again(self) -> None:
        """Of a hub: its next round compares, as six hours after the last."""
        upstream = self.hub_line.upstream
        until(lambda: upstream._compared is not None)
        upstream._compared = there(upstream._compared) - COMPARE_EVERY_MS
        self.hub_line.sync.poke()


def run_district(settings: DistrictSettings) -> Generator[Serving, None, None]:
    """Serve on a thread for as long as the generator is held."""
    up = threading.Event()
    listening = listen(settings)
    with listening, opened(settings) as office:
        office.nightwatch.start(0.2)
        running = server(office, up.set)

        def work() -> None:
            asyncio.run(running.serve(sockets=[listening]))

        thread = threading.Thread(target=work, name="district")
        thread.start()
        assert up.wait(10)
        try:
            yield Serving(office, url_of(settings, listening))
        finally:
            running.should_exit = True
            thread.join(15)


class Joined:
    """An enrolled node with its line in hand; a round is run when the test says so."""

    def __init__(self, node: Node) -> None:
        self.node = node
        district = node.district
        assert district is not None
        self.transport = node._transport(district.url, "")
        self.transport.sign_as(node.journal.device, Signer(node.journal.device, node.identity.sign))
        self.client = SyncClient(
            node.journal, self.transport, node.clock, node.identity, node.keys, lambda: unb64(district.box_key)
        )

    @property
    def journal(self) -> Journal:
        return self.node.journal

    def until(self, holds: Callable[[], object]) -> None:
        """Round after round until it holds; whatever else came down in them."""

        def look() -> object:
            self.client.round()
            return holds()

        until(look)

    def compare_again(self) -> None:
        """The next round compares: six hours are over."""
        self.client._compared = there(self.client._compared) - COMPARE_EVERY_MS

    def kinds(self) -> list[str]:
        return [f.envelope.kind for f in self.node.journal.facts()]


def register(kiosk: Joined, watched: bool = True) -> str:
    """ZHAO is written down at a gate and agrees to it, and (`watched`) to her home being watched; her id."""
    person = new_person_id()
    kiosk.node.roster.register(person, ZHAO)
    kiosk.node.roster.consent(person, Purpose.FACE_AT_GATE, True, "v1", person)
    if watched:
        kiosk.node.roster.consent(person, Purpose.HOME_MONITORING, True, "v1", person)
    return person
