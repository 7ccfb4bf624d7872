"""The sign-in window while nobody sits here, the desk's window while somebody does, and the way between the two.

The line to the district stays up all the while: alarms that come before anybody has signed in sound, and say how many wait.
"""

import logging
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from threading import Event

from PySide6.QtCore import QObject, QTimer, Signal

from caregiver.frame.leaving import AsksBefore
from caregiver.main_window import MainWindow
from caregiver.memory.reading import Reader
from caregiver.session import Session
from caregiver.signin.window import SignInWindow
from domain.errors import Mendable
from domain.incident_kinds import UNANSWERED, Severity
from domain.people import Role
from offline.keys.kept_leases import Lease
from offline.line.lease import Leases
from offline.node import Node
from offline.transport.errors import TryAgain, Untrusted
from qtkit.alarm import AlarmSound
from qtkit.app import App
from qtkit.tones import Severity as Tone
from qtkit.widgets import let_go
from qtkit.windows import bring_forward, is_in_front

log = logging.getLogger(__name__)

CHECK_EVERY = timedelta(minutes=1)
LOOK_MS = 1000
_STRONGEST = (Role.ADMINISTRATOR, Role.SUPERVISOR, Role.GATE_STAFF, Role.CAREGIVER)


def session_of(lease: Lease, community: str, called: str) -> Session:
    """The seat of a lease in a community, in the strongest role held there. Raises Mendable `sign_in_no_duty`, or `sign_in_family`:
    a desk shows everybody of its community, a relative is there for one, and answers by the links in messages."""
    held = lease.roles(community)
    role = next((r for r in _STRONGEST if r.value in held), None)
    if role is None:
        why = "sign_in_family" if Role.FAMILY.value in held else "sign_in_no_duty"
        raise Mendable(why, community=called or community)
    return Session(lease.person, role, lease.name, called or community, signed_in=True)


class Seat(QObject):
    """`make_window(session)` builds the desk's window; `called` is the community's own name."""

    session_ended = Signal()  # from the stream's thread

    def __init__(
        self,
        app: App,
        node: Node,
        leases: Leases,
        make_window: Callable[[Session], MainWindow],
        close_window: Callable[[MainWindow], None],
        sound: AlarmSound,
        called: str = "",
    ) -> None:
        super().__init__(app.qt)
        self._app, self._node, self._leases = app, node, leases
        self._make_window, self._close_window = make_window, close_window
        self._sound, self._called = sound, called
        self._reader = Reader(node.journal.file)
        self.sign_in: SignInWindow | None = None
        self.window: MainWindow | None = None
        self._given_up = Event()  # of the attempt to sign in that is on its way
        self._told_to_come_again = self._asks = False
        self._check = QTimer(self, interval=CHECK_EVERY // timedelta(milliseconds=1))
        self._check.timeout.connect(self.check)
        self._check.start()
        self._look = QTimer(self, interval=LOOK_MS)
        self._look.timeout.connect(self._count)
        self.session_ended.connect(self.check)
        if node.stream is not None:
            node.stream.session_ended = self.session_ended.emit

    def open(self) -> None:
        """Go on with the lease of whoever was here last, or ask who it is."""
        lease = self._leases.in_force()
        if lease is None:
            self._ask()
        else:
            self._sit(lease)
            self.check()

    def check(self) -> None:
        """Ask the district whether the session still holds, and the leases of those who have left."""

        def work() -> Lease | None:
            self._leases.review()
            return self._leases.check()

        self._asks = True
        self._app.background.run(work, self._checked, self._unasked, self, asks=True)

    def _perhaps_back(self) -> None:
        """Whoever came in without the line is told to the district as soon as there is one, not at the next minute."""
        if self._online and not (self._node.seated or self._asks or self._told_to_come_again):
            self.check()

    def leave(self) -> None:
        """Sign out."""
        lease = self._leases.sign_out()
        self._end(lease)
        self._ask(login=lease.login if lease is not None else "")

    def _end(self, lease: Lease | None) -> None:
        if lease is not None:
            self._app.background.run(partial(self._leases.end, lease), owner=self, asks=True)

    def _anew(self) -> None:
        """With the new password: the district has ended the session, and the lease would open with the old one."""
        self._ask(Mendable("account_password_changed"))
        self._leases.forget()

    def close(self) -> None:
        for timer in (self._check, self._look):
            timer.stop()
        if self.window is not None:
            self._close_window(self.window)
            let_go(self.window)
        if self.sign_in is not None:
            self.sign_in.close()
            let_go(self.sign_in)
        self.window = self.sign_in = None
        self._reader.close()

    def _ask(self, why: Mendable | None = None, login: str = "") -> None:
        self._node.seat("")
        asking = self.sign_in = SignInWindow(self._app.theme, self._app.language)
        asking.wanted.connect(self._try)
        asking.given_up.connect(lambda: self._given_up.set())
        AsksBefore(self._app.theme, self._app.language, asking)
        if not login and (last := self._leases.seated()) is not None:
            login = last.login
        if login:
            asking.known(login)
        if why is not None:
            asking.refuse(why)
        asking.show()
        window, self.window = self.window, None
        if window is not None:
            self._close_window(window)
            let_go(window)
        self._count()
        self._look.start()

    def _try(self, login: str, password: str, code: str) -> None:
        given_up = self._given_up = Event()

        def failed(error: Exception) -> None:
            if self.sign_in is None or given_up.is_set():
                return
            if isinstance(error, Mendable):
                self.sign_in.refuse(error)
            else:
                log.error("signing in", exc_info=error)
                self.sign_in.refuse(Mendable("sign_in_needs_district"))

        def sat(lease: Lease) -> None:
            if given_up.is_set():  # in the very moment in which it was there
                self._end(self._leases.sign_out())
            else:
                self._sit(lease)

        work = partial(self._leases.sign_in, login, password, code, given_up.is_set)
        self._app.background.run(work, sat, failed, self, asks=True)

    def _sit(self, lease: Lease) -> None:
        try:
            session = session_of(lease, self._node.journal.community, self._called)
        except Mendable as e:
            self._refuse(e)
            return
        self._node.seat(lease.token)
        try:
            window = self.window = self._make_window(session)
        except Mendable as e:
            self._refuse(e)
            return
        except Exception:  # ours; alarms go on being counted and heard where one signs in
            log.exception("the window could not be made")
            self._refuse(Mendable("window_failed"))
            return
        self._look.stop()  # what sounds goes on: the window has said what rings there
        window.signed_out.connect(self.leave)
        window.password_changed.connect(self._anew)
        window.synced.connect(self._perhaps_back)
        window.appear()
        asking, self.sign_in = self.sign_in, None
        if asking is not None:
            asking.close()
            let_go(asking)
        self._told_to_come_again = False

    def _refuse(self, why: Mendable) -> None:
        self._node.seat("")
        self._end(self._leases.sign_out())
        if self.sign_in is None:
            self._ask(why)
        else:
            self.sign_in.refuse(why)

    def _checked(self, lease: Lease | None) -> None:
        self._asks = False
        if self.window is None:
            return
        if lease is None:
            self._ask(Mendable("sign_in_ended"))
            return
        try:
            session = session_of(lease, self._node.journal.community, self._called)
        except Mendable as e:
            self._ask(e)
            return
        if session.role is not self.window.state.session.role:  # granted or taken while the window was open
            self._ask(Mendable("sign_in_ended"))
        elif lease.token:
            self._node.seat(lease.token)
        elif self._online and not self._told_to_come_again:
            self._told_to_come_again = True
            self.window.say(self._app.language.tr("caregiver.sign_in.again"))

    @property
    def _online(self) -> bool:
        return self.window is not None and self.window.state.connection().online

    def _unasked(self, error: Exception) -> None:
        """The district cannot be asked: the lease carries on until its end."""
        self._asks = False
        if not isinstance(error, TryAgain | Untrusted):
            log.error("asking after the session", exc_info=error)
        if self.window is not None and self._leases.in_force() is None:
            self._ask(Mendable("sign_in_ended"))

    def _count(self) -> None:
        """Alarms that wait while nobody is signed in are heard, and counted without a name."""
        if self.sign_in is None:
            return
        states = ", ".join(f"'{state.value}'" for state in UNANSWERED)
        waiting = int(
            self._reader.value(
                f"SELECT count(*) FROM incidents_now WHERE open AND severity <= ? AND (rings_on OR state IN ({states}))",
                (int(Severity.P2),),
            )
            or 0
        )
        asking, more = self.sign_in, waiting > self.sign_in.waiting
        asking.wait_for(waiting)
        if more and (asking.isMinimized() or not is_in_front(asking)):
            bring_forward(asking)
        if waiting:
            self._sound.sound(Tone.ALARM)
            self._sound.check()  # a loudspeaker may come while it should sound
        else:
            self._sound.silence()
