"""The heart of it: an elder who lives alone falls silent, and somebody is on the spot; every step over a real store.

Intake, watch, ladder, courier and reply links are those of the district; accounts, rota and sealed plan are real. Only the clock
and the two message services are the test's.
"""

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from district.intake import zigbee2mqtt
from district.intake.homes import StoreHomes
from district.ledger import StoreLedger
from district.people.accounts import Accounts
from district.people.audit import Audit
from district.people.rota import AccountDirectory, AccountRota
from district.reaching.channels import Channel, DesktopChannel, Message, Outcome, Result
from district.reaching.replies import Shown
from district.store.sqlite import SqliteStore
from district.watching.nightwatch import Nightwatch, Surroundings
from domain import incident_kinds as k
from domain.duties import Actor, allowed
from domain.events import to_ms
from domain.incident import Incident
from domain.incident_kinds import Kind, Level, State
from domain.people import Profile, Role
from offline.keys.identity import Identity, b64
from offline.keys.keystore import Keystore
from offline.keys.seal import seal
from offline.letters.notes import seal_note
from tests.district_ladder.conftest import Inline
from tests.fakes.channels import DEAD, RecordingChannel
from watch.rotas import ROTA_SET, Rotas

HERE, ELDER = "jinxiu", "p1"
MONDAY = datetime(2026, 11, 22, 16, 0, tzinfo=UTC)  # Monday 00:00 in Shanghai
SMS_ADDRESS = "13800000000"


def at(hour: int, minute: int = 0) -> datetime:
    """Monday's local time of day."""
    return MONDAY + timedelta(hours=hour, minutes=minute)


class Town:
    """One district with three people on duty; `crash` keeps the folder and drops the rest."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.now, self.runs = folder, at(7), 0
        self.sms = RecordingChannel("sms")
        self.open()
        address = (("wecom", "x"), ("sms", SMS_ADDRESS))
        self.ann, self.gus, self.sue, self.dan = (
            self.accounts.invite(name, name, {HERE: frozenset({role})}, 0, "system", "en", address)[0].person
            for name, role in (
                ("ann", Role.CAREGIVER), ("gus", Role.GATE_STAFF), ("sue", Role.SUPERVISOR), ("dan", Role.ADMINISTRATOR),
            )
        )  # fmt: skip
        levels = ((self.ann, 0), (self.gus, 1), (self.sue, 2), (self.dan, 3))
        self.tell(ROTA_SET, None, shifts=[{"person": person, "level": level} for person, level in levels])
        profile = Profile("Zhang", "Xiulan", flat="3-2-501", phone="13911111111", language="en", lives_alone=True)
        sealed = seal(self.keys.create(ELDER), json.dumps(asdict(profile)).encode(), b"profile|p1")
        self.tell("person.registered", profile=b64(sealed), revision=1)
        self.tell("consent.given", purpose="home_monitoring", version="1")
        self.tell("home.device_registered", device="hall", place="hall", kind="motion")
        notes = {"medical_note": "on warfarin", "door_access": "key at 502", "position": "39.9998 116.3206"}
        self.tell(
            "careplan.set", revision=1, since=to_ms(at(0)), backstops=[], caregiver=self.ann,
            windows=[{"id": "morning", "start": "09:00", "end": "11:00", "grace_min": 30, "remind_min": 30}],
            **{name: seal_note(self.keys, ELDER, words) for name, words in notes.items()},
        )  # fmt: skip

    def open(self) -> None:
        self.runs += 1
        self.store = SqliteStore(self.folder / "district.sqlite", "district", lambda: to_ms(self.now))
        self.keys = Keystore(self.folder / "keys.sqlite", bytes(32))
        identity = Identity.load_or_create(self.folder / "identity.json")
        self.accounts = Accounts(self.store, Audit(self.store, identity), bytes(32))
        self.ledger = StoreLedger(self.store)
        rota = AccountRota(self.accounts, Rotas())
        rota.rotas.recall(self.ledger)
        directory = AccountDirectory(self.accounts, self.store, self.keys, "Asia/Shanghai", ["sms"])
        channels: list[Channel] = [DesktopChannel(lambda _: False), RecordingChannel("wecom", always=DEAD), self.sms]
        around = Surroundings(
            self.ledger, self.store, StoreHomes(self.store), rota, directory, channels, "https://watch.example/",
            followers=[rota.rotas.heed],
        )  # fmt: skip
        self.night = Nightwatch(around, lambda: self.now, Inline(), f"run-{self.runs}")

    def crash(self) -> None:
        self.store.close()
        self.keys.close()
        self.open()

    def tell(self, kind: str, subject: str | None = ELDER, /, **payload: Any) -> None:
        self.ledger.add(kind, payload, HERE, subject, to_ms(self.now))

    def step(self, kind: str, by: str, **more: Any) -> Incident:
        self.tell(kind, incident=self.incident().id, by=by, **more)
        self.night.tick(self.now)
        return self.incident()

    def until(self, moment: datetime) -> list[Message]:
        """Every half minute until then; what was sent meanwhile."""
        before = len(self.sms.messages)
        while self.now < moment:
            self.now = min(self.now + timedelta(seconds=30), moment)
            self.night.tick(self.now)
        return self.sms.messages[before:]

    def incident(self) -> Incident:
        (found,) = self.night.watch.cases.of(ELDER, self.now)
        return found

    def close(self) -> None:
        self.night.close()
        self.store.close()
        self.keys.close()


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    found = Town(tmp_path)
    yield found
    found.close()


def link(message: Message) -> str:
    """The token in a message."""
    return next(word.rpartition("/")[2] for word in message.body.split() if "watch.example/r/" in word)


def alarms(messages: list[Message]) -> list[Message]:
    return [m for m in messages if "watch.example/r/" in m.body]


def test_a_silence_is_answered_to_its_end(town: Town) -> None:
    town.night.desk.receive(zigbee2mqtt.parse("zigbee2mqtt/hall", b'{"occupancy": false}', False), HERE, town.now)
    town.now = at(7, 50)
    town.night.desk.receive(zigbee2mqtt.parse("zigbee2mqtt/hall", b'{"occupancy": true}', False), HERE, town.now)

    # Half an hour before the deadline the elder is asked; the page opened by a link preview is no sign of life.
    (reminder,) = town.until(at(10, 45))
    assert (reminder.person, reminder.address) == (ELDER, "13911111111")
    assert town.night.replies.look(link(reminder), town.now).shown is Shown.ASK
    assert town.night.watch.cases.of(ELDER, town.now) == []

    # The window and its grace pass: the caregiver is called, by the service that works, in the same moment.
    (first,) = town.until(at(11, 31))
    incident = town.incident()
    assert (incident.kind, incident.state, incident.happened_at) == (Kind.MISSED_CHECKIN, State.DETECTED, at(11, 30))
    assert (first.person, first.address) == (town.ann, SMS_ADDRESS)
    (failed,) = town.ledger.about(ELDER, ("notice.failed",))[:1]
    assert (failed.payload["channel"], failed.payload["reason"]) == ("desktop", "no_desktop")
    sent = town.ledger.about(ELDER, ("notice.sent",))[-1]
    assert sent.payload["channel"] == "sms"
    assert sent.at - to_ms(incident.happened_at) <= 20_000

    # Nobody answers; the server is killed and comes back; community and street are called all the same.
    town.until(at(11, 40))
    town.crash()
    assert [m.person for m in alarms(town.until(at(11, 46)))] == [town.gus]
    told = town.until(at(12, 16))
    (to_street,) = alarms(told)
    assert (to_street.person, town.incident().level) == (town.sue, Level.STREET)
    # who was asked before hears that the next are called
    assert {m.person for m in told} == {town.ann, town.gus, town.sue}
    for words in ("Zhang", "3-2-501", "on warfarin", "key at 502", "openstreetmap", "Beidou grid code N50J"):
        assert words in to_street.body + to_street.title, words

    # The link shows on GET and counts only on the button, once.
    assert town.night.replies.look(link(to_street), town.now).shown is Shown.ASK
    assert town.incident().state is State.DISPATCHED
    assert town.night.replies.act(link(to_street), town.now).shown is Shown.THANKS
    told = town.until(at(12, 17))
    assert (town.incident().state, town.incident().leader) == (State.ACCEPTED, town.sue)
    assert {m.person for m in told} == {town.ann, town.gus}  # everyone responsible hears of it
    assert town.night.replies.act(link(to_street), town.now).shown is Shown.USED

    # On the spot, reported back, checked by another, closed by another.
    town.now = at(12, 40)
    assert town.step(k.ON_SCENE, town.sue).on_scene_at == at(12, 40)
    assert town.step(k.FEEDBACK, town.sue, outcome="helped").state is State.FEEDBACK
    assert k.CHECKED not in allowed(town.incident(), Actor(town.sue, Role.SUPERVISOR))
    assert town.step(k.CHECKED, town.sue).state is State.FEEDBACK  # one's own work is not checked by oneself
    assert town.step(k.CHECKED, town.ann).state is State.CHECKED
    closed = town.step(k.CLOSED, town.dan)
    assert (closed.state, closed.open) == (State.CLOSED, False)
    assert town.step(k.EVALUATED, town.dan).state is State.EVALUATED

    # And then it is quiet: nothing is queued, nothing rings any more, and the day's window does not ring twice.
    before = len(town.sms.messages)
    town.until(at(18))
    assert len(town.sms.messages) == before
    assert town.night.handovers.waiting() == 0
    assert len(town.night.watch.cases.of(ELDER, town.now)) == 1


def test_an_elder_who_presses_the_button_of_the_link_is_not_called_upon(town: Town) -> None:
    (reminder,) = town.until(at(10, 45))
    assert town.night.replies.act(link(reminder), town.now).shown is Shown.THANKS
    town.until(at(14))
    assert town.night.watch.cases.of(ELDER, town.now) == []


def test_an_elder_who_is_heard_from_before_the_message_leaves_is_left_in_peace(town: Town) -> None:
    town.sms.answers = [Outcome(Result.TRY_AGAIN, "http_503")]
    town.until(at(10, 30))
    town.tell("checkin.pressed", device="kiosk-1")
    assert town.until(at(12)) == []
