"""The one desk where every adapter hands in its signals: who is it about, is it new, does it ring, is it a sign of life.

A call for help is recorded whenever in doubt; a sign of life only when it is beyond doubt: a change of state, seen live, with a
time that can be believed, from a device of an elder who agreed to it.
"""

import threading
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from district.intake.homes import Home, Homes
from district.intake.memory import GATEWAY, STRANGER, DeviceState, Memory
from district.intake.outcomes import battery, outcome_of, rise
from district.intake.paces import Beats
from district.intake.signals import ALARMS, CALLS, METERS, PERHAPS_CALLS, Heard, Kind, Signal
from district.intake.strays import Strays
from district.intake.turns import Turns
from district.intake.waiting import Waiting
from domain.events import derived_id, to_ms
from domain.subjects import is_crowd
from watch.ledger import Ledger
from watch.signs import CALL_BUTTON, REGISTERED, put_up

CLOCK_TOLERANCE = timedelta(seconds=5)
CROWD_PLACE = "strays"
BEHIND_MS = 24 * 3600_000
FORGOTTEN = ALARMS | {Kind.FALL_SUSPECTED}  # once the incident is dealt with
_UNKEPT = ("repeated", STRANGER, "grouped")  # what is not remembered of a device
FACTS: Mapping[Kind, str] = {
    Kind.CHECKIN: "checkin.pressed",
    Kind.FALL_SUSPECTED: "fall.suspected",
    Kind.FALL_CLEARED: "fall.downgraded",
    Kind.FALL_STILL: "fall.aftermath",
    Kind.FALL_MOVING: "fall.aftermath",
    Kind.BATTERY: "device.battery",
    Kind.BATTERY_LOW: "device.battery",
}


class Desk:
    """`counts` says what came of every signal, by source and outcome; `receive` returns how many facts it recorded."""

    def __init__(self, ledger: Ledger, homes: Homes, memory: Memory) -> None:
        self._ledger, self._homes, self.memory = ledger, homes, memory
        self._strays = Strays()
        self.waiting = Waiting()
        self._turns, self._tally = Turns(), threading.Lock()
        self.counts: Counter[tuple[str, str]] = Counter()
        self.hurry: Callable[[], None] = lambda: None  # told of every alarm before it is recorded; any thread
        self.paused: Callable[[str, str], bool] = lambda _elder, _device: False  # what the elder has paused

    def receive(self, heard: Heard, community: str, now: datetime) -> int:
        """Take in one message's signals. Whatever it holds, it is counted; what went wrong is kept."""
        now = heard.received or now
        calls = any(signal.live and signal.kind in PERHAPS_CALLS for signal in heard.signals)
        devices = [signal.device for signal in heard.signals]
        if heard.gateway and any(signal.live and signal.timed for signal in heard.signals):
            self.memory.spoken[community, heard.gateway] = to_ms(now)
        back = self._may_be_back(heard, community, now)
        if back:
            devices.append(heard.gateway)
        with self.waiting.one() if calls else nullcontext(), self._turns.of(community, devices):
            if heard.problem:
                self._problem(heard.source, heard.problem, community, now, raw=heard.raw)
            states = self._back(heard, community, now) if back else {}
            beats, recorded = Beats(), 0
            for signal in heard.signals:
                name = signal.device
                if name not in states:
                    states[name] = self.memory.device(community, name)
                beats.hear(signal, states[name])
                outcome = self._signal(signal, states[name], community, now, name == heard.gateway)
                recorded += outcome in ("recorded", "grouped")
                if (signal.live or signal.kind is Kind.ONLINE) and outcome not in _UNKEPT:
                    states[name] = _through(heard.gateway, _after(signal, states[name], to_ms(now)), to_ms(now))
            for name, state in states.items():
                if state is not None:
                    self.memory.put(community, name, beats.counted(name, state))
            return recorded

    def _may_be_back(self, heard: Heard, community: str, now: datetime) -> bool:
        """Whether the gateway had fallen silent, and a device says something through it since.

        Not every gateway says itself that it is there. What waited in a queue says nothing of now; and messages are kept side by
        side, so one that came, or was measured, before the gateway was gone may be dealt with after that was told.
        """
        known = self.memory.device(community, heard.gateway) if heard.gateway else None
        if known is None or known.online:
            return False
        gone = known.turned
        return to_ms(now) > gone and any(
            s.live and s.timed and s.device != heard.gateway and not _measured_before(s, gone) for s in heard.signals
        )

    def _back(self, heard: Heard, community: str, now: datetime) -> dict[str, DeviceState | None]:
        """The gateway as it stands now."""
        known = self.memory.device(community, heard.gateway)
        if known is None or known.online or known.turned >= to_ms(now):
            return {}
        there = Signal(heard.source, heard.gateway, Kind.ONLINE, True, live=True)
        return {heard.gateway: _after(there, known, to_ms(now))}

    def unknown(self, heard: Heard, community: str) -> list[str]:
        """The devices of a message that stand in nobody's home, as far as is known."""
        names = dict.fromkeys(signal.device for signal in heard.signals if signal.device != heard.gateway)
        return [name for name in names if self._homes.home(community, name) is None]

    def strangers(self) -> list[dict[str, Any]]:
        """Devices that speak and stand in nobody's home now: community, device, heard (ms), and what each said last."""
        known = self.memory.strangers()
        return [s for s in known if self._homes.home(s["community"], s["device"]) is None]

    def unheard(self, community: str, device: str) -> str:
        """Why only a call for help is heard of a device that stands in a home: "no_consent", "paused"; "" where all is."""
        home = self._homes.home(community, device)
        if home is None:
            return ""
        if not home.monitored:
            return "no_consent"
        return "paused" if self.paused(home.elder, device) else ""

    def refuse(self, source: str, problem: str, community: str, device: str, now: datetime) -> None:
        """Nothing was made of something that is no signal; counted, and kept for somebody to look at."""
        self._count(source, problem)
        self.memory.keep(to_ms(now), community, source, problem, device)

    def release(self, community: str, device: str) -> None:
        """The incident that this device's alarm opened is dealt with: its next report of the same state rings anew.

        A button that still says `sos: true` was pressed again, or was never let go; nobody can tell, so it rings.
        """
        with self._turns.of(community, [device]):
            state = self.memory.device(community, device)
            if state is not None:
                kept = {kind: told for kind, told in state.state.items() if kind not in FORGOTTEN}
                self.memory.put(community, device, replace(state, state=kept))

    def _signal(
        self, signal: Signal, before: DeviceState | None, community: str, now: datetime, of_gateway: bool
    ) -> str:
        """What became of it."""
        home = self._homes.home(community, signal.device)
        signal = self._meant(signal, home)
        key = self._key(signal, community, now) if signal.key else ""
        if key and self._is_copy(signal, community, now):
            outcome = "repeated"
        elif home is None and signal.live and signal.kind in CALLS:  # who calls for help can be found out afterwards
            subject = self._strays.subject(community, signal.device, now)
            home = Home(subject, CROWD_PLACE if is_crowd(subject) else signal.device, monitored=False)
            outcome = outcome_of(signal, before, home, False, to_ms(now))
            outcome = "grouped" if is_crowd(subject) and outcome == "recorded" else outcome
        elif home is None and signal.kind is not Kind.JOINED and not of_gateway:
            outcome = STRANGER
            if signal.kind is not Kind.HEARTBEAT:
                self._problem(signal.source, outcome, community, now, signal)
                return outcome
        else:
            paused = home is not None and self.paused(home.elder, signal.device)
            outcome = outcome_of(signal, before, home, paused, to_ms(now))
        if outcome in ("recorded", "grouped") and home is not None:
            self._record(signal, before, home, community, now, key)
        self._count(signal.source, outcome)  # what the database did not take comes again, and is counted then
        if key and outcome != "repeated":
            self.memory.note_heard(key, to_ms(now))
        return outcome

    def _meant(self, signal: Signal, home: Home | None) -> Signal:
        """A press that says no more is a call for help where the device was put up as a call button."""
        if signal.kind is not Kind.PRESS or home is None:
            return signal
        put = put_up(self._ledger.about(home.elder, (REGISTERED,)), signal.device)
        calls = put.get("kind") == CALL_BUTTON
        return replace(signal, kind=Kind.SOS, value=True, detail={"press": signal.value}) if calls else signal

    def _is_copy(self, signal: Signal, community: str, now: datetime) -> bool:
        """Of a message that was heard. Where it must not be long ago, it may stand under the turn before this one."""
        if not signal.copies_s:
            return self.memory.heard_before(self._key(signal, community, now))
        within = timedelta(seconds=signal.copies_s)
        keys = (self._key(signal, community, at) for at in (now, now - within))
        return any(self.memory.heard_before(key, to_ms(now - within)) for key in keys)

    @staticmethod
    def _key(signal: Signal, community: str, now: datetime) -> str:
        turn = str(to_ms(now) // (signal.copies_s * 1000)) if signal.copies_s else ""
        return derived_id("intake", community, signal.source, signal.device, signal.kind, signal.key, turn)

    def _record(
        self, signal: Signal, before: DeviceState | None, home: Home, community: str, now: datetime, key: str
    ) -> None:
        kind = FACTS.get(signal.kind, f"sign.{signal.kind}")
        at, trusted = _when(signal, now)
        payload: dict[str, Any] = {
            "device": signal.device,
            "source": signal.source,
            "place": home.place,
            "value": signal.value,
            "trusted": trusted,
            **signal.detail,
        }
        if signal.kind in (Kind.BATTERY, Kind.BATTERY_LOW):
            payload["percent"] = battery(signal, before)
        if signal.kind in METERS:
            payload["amount"] = rise(signal, before)
        id = derived_id("sign", key) if key else None
        if signal.kind in ALARMS:
            self.hurry()
        self._ledger.add(kind, payload, community, home.elder, to_ms(at), id)

    def _count(self, source: str, outcome: str) -> None:
        with self._tally:
            self.counts[source, outcome] += 1

    def _problem(
        self, source: str, problem: str, community: str, now: datetime, signal: Signal | None = None, raw: bytes = b""
    ) -> None:
        self._count(source, problem)
        about = f"{signal.kind} {signal.value}".encode() if signal else raw
        self.memory.keep(to_ms(now), community, source, problem, signal.device if signal else "", about)


def _when(signal: Signal, now: datetime) -> tuple[datetime, bool]:
    """The earlier of the device's time and ours, and whether it may clear anything."""
    if signal.at is None:
        return now, signal.timed
    return min(signal.at, now), signal.timed and signal.at <= now + CLOCK_TOLERANCE


def _measured_before(signal: Signal, gone: int) -> bool:
    """Whether what it tells is from before then (ms), by a clock that can be believed: one a day behind would never tell of now."""
    return signal.at is not None and gone - BEHIND_MS < to_ms(signal.at) <= gone


def _after(signal: Signal, before: DeviceState | None, now: int) -> DeviceState:
    """What to remember: the state, and that the device is there."""
    known = before or DeviceState(now)
    if signal.kind is Kind.ONLINE:
        online = bool(signal.value)
        heard_now = online and signal.live  # a kept "online" says nothing of when
        told = known.state.get(Kind.ONLINE)
        state = known.state if told and told[0] is online else {**known.state, Kind.ONLINE.value: (online, now)}
        return replace(known, online=online, heard=now if heard_now else known.heard, state=state)
    heard = replace(known, heard=now, online=True)
    if signal.kind is Kind.HEARTBEAT:
        return heard
    return replace(heard, state={**known.state, signal.kind.value: (signal.value, now)})


def _through(gateway: str, state: DeviceState, now: int) -> DeviceState:
    """Remember what the device was heard through."""
    if state.gateway == gateway or not (gateway or state.through_hub):
        return state
    return replace(state, state={**state.state, GATEWAY: (gateway, now)})
