"""A session bus (a real dbus-daemon), and on it who keeps a computer from sleeping: GNOME's session manager, and who keeps
its screen dark, played."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from queue import Queue
from threading import Thread

from jeepney import HeaderFields, Message, MessageType, new_method_return
from jeepney.bus_messages import message_bus
from jeepney.io.blocking import DBusConnection, Proxy, open_dbus_connection

SUSPEND, IDLE = 4, 8  # gnome-session's Inhibit: what is not to happen


class _Player:
    """Has `names` on the bus and answers what is called there."""

    def __init__(self, address: str, *names: str) -> None:
        self._bus = open_dbus_connection(bus=address)
        for name in names:
            Proxy(message_bus, self._bus).RequestName(name)
        self._serving = Thread(target=self._serve, args=(self._bus,), daemon=True)
        self._serving.start()

    def _serve(self, bus: DBusConnection) -> None:
        try:
            while True:
                said = bus.receive()
                if said.header.message_type is MessageType.method_call:
                    bus.send(self._answer(said))
        except (OSError, EOFError):
            pass  # the bus has gone
        finally:
            bus.close()

    def _answer(self, said: Message) -> Message:
        raise NotImplementedError


class ScreenKeepers(_Player):
    """Whoever keeps screens dark, under their names; `asked` has what each was called for."""

    def __init__(self, address: str, *names: str) -> None:
        self.asked: Queue[tuple[str, str, object]] = Queue()
        super().__init__(address, *names)

    def _answer(self, said: Message) -> Message:
        fields = said.header.fields
        self.asked.put((fields[HeaderFields.destination], fields[HeaderFields.member], said.body))
        return new_method_return(said)


class SessionManager(_Player):
    """`inhibited` is what is not to happen now, by cookie; `asked` has a line for each change of it."""

    def __init__(self, address: str) -> None:
        self.inhibited: dict[int, int] = {}
        self.asked: Queue[tuple[str, int]] = Queue()
        super().__init__(address, "org.gnome.SessionManager")

    def _answer(self, said: Message) -> Message:
        if said.header.fields[HeaderFields.member] == "Inhibit":
            flag, cookie = said.body[3], len(self.inhibited) + 100
            self.inhibited[cookie] = flag
            self.asked.put(("hold", flag))
            return new_method_return(said, "u", (cookie,))
        self.asked.put(("let go", self.inhibited.pop(said.body[0])))
        return new_method_return(said)


@contextmanager
def session_bus() -> Iterator[str]:
    """Its address."""
    with subprocess.Popen(
        ["dbus-daemon", "--session", "--nofork", "--print-address"], stdout=subprocess.PIPE, text=True
    ) as daemon:
        assert daemon.stdout is not None
        try:
            yield daemon.stdout.readline().strip()
        finally:
            daemon.terminate()
