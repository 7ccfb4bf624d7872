"""What rings: the alarm over the window and its sound, what is done on it, and a line that says when nothing can be heard."""

from datetime import timedelta

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from caregiver.frame.awake import Awake
from caregiver.incidents.alarm_view import AlarmView
from caregiver.incidents.desk import IncidentDesk
from caregiver.incidents.work import LastSign
from caregiver.ui import Desk
from caregiver.wording import span
from domain.errors import Mendable
from domain.incident import Incident
from domain.incident_kinds import EVIDENCE, Severity
from qtkit.alarm import AlarmSound
from qtkit.buttons import Button
from qtkit.tones import Severity as Tone
from qtkit.widgets import Banner

LISTEN_S = 5  # so often the sound system is asked whether anything comes out
TONES = {Severity.P1: Tone.ALARM, Severity.P2: Tone.WARNING}


class Ringing(QObject):
    """`alarm` covers `over`, `mute` says that the sound is dead. `rings` when there is something to come forward for, `quiet`
    when the alarm has gone from the screen, `taken(incident)` when one was accepted or somebody was sent, `troubled(sentence)` when
    a step was not kept.
    """

    rings = Signal()
    quiet = Signal()
    taken = Signal(str)
    troubled = Signal(str)

    def __init__(
        self,
        desk: Desk,
        incidents: IncidentDesk,
        last_sign: LastSign,
        over: QWidget,
        sound: AlarmSound | None,
        awake: Awake | None = None,
    ) -> None:
        super().__init__(over)
        self._desk, self._incidents, self.sound, self._awake = desk, incidents, sound, awake
        self.alarm, self.mute = AlarmView(desk, incidents, over, last_sign), Banner(desk.theme, "small")
        self.louder = Button(desk.theme, icon_name="speaker", role="quiet", height=40)
        self.louder.clicked.connect(self._turn_up)
        self.mute.add(self.louder)
        self._turned_down, self._asked_s = False, LISTEN_S
        self.alarm.acknowledge.connect(self.acknowledge)
        self.alarm.called.connect(self._called)
        self.alarm.sent.connect(self.taken)
        self._gate = False  # somebody rings at one
        self._rung: list[str] = []  # what was rung for the last time, the first over the window
        self._audible = sound is None or sound.check()  # said to every window anew: the sound outlives who sits here
        if sound is not None:
            sound.working_changed.connect(self._sounding)
        if awake is not None:
            awake.slept.connect(self._slept)
        desk.language.changed.connect(lambda _: self._say())
        self._say()

    def ring(self) -> None:
        """Show and sound what rings, or be quiet."""
        ringing = self._incidents.ringing()
        self._rung = [incident.id for incident in ringing]
        try:
            self._show(ringing)
        finally:  # what cannot be shown is heard at least
            self._sound(TONES.get(ringing[0].severity, Tone.NOTICE) if ringing else None)
        if ringing:
            self.rings.emit()

    def _show(self, ringing: list[Incident]) -> None:
        work = self._incidents.work(ringing[0].id) if ringing else None
        covered = not self.alarm.isHidden()  # also while the window itself comes and goes
        self.alarm.show_work(work, len(ringing) - 1)
        if covered and work is None:
            self.quiet.emit()

    def gate_rings(self, on: bool) -> None:
        """Somebody at a gate waits for an answer: heard until there is one, wherever no alarm is."""
        self._gate = on
        if not self._rung:
            self._sound(None)

    def _sound(self, alarm: Tone | None) -> None:
        """What sounds goes on undisturbed while facts come and it stays the same."""
        tone = alarm or (Tone.CALL if self._gate else None)
        if self.sound is None or self.sound.sounding is tone:
            return
        self.sound.silence()
        if tone is not None:
            self.sound.sound(tone)

    def tick(self) -> None:
        """Once a second: the clocks, whether it can be heard, also by night, and who was sent and has not taken it."""
        if [incident.id for incident in self._incidents.ringing()] != self._rung:
            self.ring()
        self.alarm.tick()
        if self.sound is not None:
            self.sound.check()
        self._asked_s += 1
        if self._asked_s >= LISTEN_S:
            self._listen()
        if self._awake is not None:
            self._awake.tick(lit=not self.alarm.isHidden() or self._turned_down or not self._audible)

    def stop(self) -> None:
        if self.sound is not None:
            self.sound.silence()
        if self._awake is not None:
            self._awake.rest()

    def acknowledge(self, incident: str) -> None:
        """Take an incident; it is said where that could not be kept, and can be tried again."""
        try:
            self._incidents.acknowledge(incident)
        except Mendable as e:
            self._complain(e)
            return
        self.taken.emit(incident)

    def _called(self, incident: str, whom: str) -> None:
        try:
            self._incidents.step(incident, EVIDENCE, called=whom)
        except Mendable as e:
            self._complain(e)

    def _complain(self, error: Mendable) -> None:
        self.troubled.emit(self._desk.language.tr(f"error.{error.code}", **error.details))

    def _sounding(self, working: bool) -> None:
        self._audible = working
        self._say()

    def _slept(self, seconds: float) -> None:
        length = span(self._desk.language, timedelta(seconds=seconds))
        self.troubled.emit(self._desk.tr("slept", span=length))

    def _listen(self) -> None:
        if self.sound is not None and (mixer := self.sound.mixer) is not None:
            self._asked_s = 0
            self._desk.background.run(mixer.muted, self._heard, owner=self, asks=True)

    def _heard(self, turned_down: bool) -> None:
        self._turned_down = turned_down
        self._say()

    def _turn_up(self) -> None:
        if self.sound is not None and (mixer := self.sound.mixer) is not None:
            self._desk.background.run(mixer.unmute, lambda _: self._listen(), owner=self, asks=True)

    def _say(self) -> None:
        tr = self._desk.language.tr
        self.louder.setText(tr("qtkit.sound.turn_up"))
        self.louder.setVisible(self._audible and self._turned_down)
        words = "qtkit.sound.dead" if not self._audible else "qtkit.sound.down" if self._turned_down else ""
        self.mute.say(tr(words) if words else "", "overdue", "speaker-off")
