"""The guard is called: who is rung, what is said of it, and what becomes of a call whose line is lost."""

from kiosk.visit.effects import Effect, RingNext, StartCall
from kiosk.visit.events import CallChanged
from kiosk.visit.faults import Faults
from kiosk.visit.guard_call import Call
from kiosk.visit.prompter import Prompter
from kiosk.visit.scene import Scene
from kiosk.visit.settings import Knows, VisitSettings
from kiosk.visit.view import CallState


class Calling:
    """Over the call of whoever stands before the screen, where they have made one."""

    def __init__(self, scene: Scene, knows: Knows, settings: VisitSettings, prompter: Prompter, faults: Faults) -> None:
        self._scene, self._knows, self._settings = scene, knows, settings
        self._prompter, self._faults = prompter, faults

    @property
    def _call(self) -> Call | None:
        return self._scene.person.call

    @property
    def waits(self) -> bool:
        """Whether somebody may still answer."""
        return self._call is not None and self._call.waits

    def ring(self) -> list[Effect]:
        """Without a line the telephone number stands there at once."""
        settings = self._settings
        call = Call(self._knows.new_id(), self._scene.now, settings.call_rung_s, settings.phone)
        self._scene.person.call = call
        start: list[Effect] = [StartCall(call.call_id, self._scene.now)]
        if self._faults.offline:
            call.state, call.sent, start = CallState.LOST, False, []
        return [*start, *self._say(call.prompt)]

    def line(self, up: bool) -> list[Effect]:
        """The line is lost, or back, while somebody calls: a call that never went out does so now."""
        if (call := self._call) is None:
            return []
        was = call.state
        start = [StartCall(call.call_id, self._scene.now)] if call.line(up) else []
        return [*start, *self._say(call.prompt)] if call.state is not was else []

    def changed(self, event: CallChanged) -> list[Effect]:
        """Somebody has answered, refused or hung up."""
        if (call := self._call) is None or call.call_id != event.call_id:
            return []
        call.change(event.state, self._scene.now)
        if event.state is CallState.REFUSED:
            self._scene.stay(self._settings.holds.refused)
        return self._say(call.prompt)

    def tick(self) -> list[Effect]:
        """The next one is rung where nobody has answered for long enough."""
        if (call := self._call) is None or not call.next_rung(self._scene.now):
            return []
        return [RingNext(call.call_id, call.rung), *self._say("guard_next")]

    def _say(self, prompt: str) -> list[Effect]:
        return [*self._prompter.say(prompt, self._scene.now)]
