"""A gate or a desk at work: its node on the line to the district, with a clock that ticks, ended in the right order."""

from apscheduler.schedulers.background import BackgroundScheduler

from domain.people import Role
from offline.line.link import SyncService
from offline.node import Node
from tests.fakes.serving import Serving
from tests.fakes.staff import PASSWORD, employ
from tests.fakes.waiting import until


class AtWork:
    """A node that works; `stop` ends it."""

    def __init__(self, node: Node) -> None:
        self.node, self.scheduler = node, BackgroundScheduler()
        self.scheduler.start()

    def begin(self) -> SyncService:
        """Bring up the line and listen."""
        return self.node.start(self.scheduler, listen=True)

    def heard(self) -> None:
        """Wait until what the district says on the stream arrives: before that, it counts as nobody there."""
        until(lambda: self.node.stream is not None and self.node.stream.live, 40)

    def poke(self) -> None:
        assert self.node.sync is not None
        self.node.sync.poke()

    def stop(self) -> None:
        self.node.stop()
        self.scheduler.shutdown()
        self.node.close()


class AtADesk(AtWork):
    """A desk at which `login`, employed for it, has signed in."""

    def __init__(self, district: Serving, node: Node, role: Role, login: str) -> None:
        super().__init__(node)
        self.person = employ(district, login, role)
        self.sync = self.begin()
        self.token = node.line().sign_in(login, PASSWORD, "").token
