"""Who is let in, who is not, and what the record says of it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.identification import Liveness, Outcome, Reason
from domain.passages import Direction, GateRules, Group, Hours, Method, Passback, Passed, Ruling, Schedule
from kiosk.visit.effects import (
    GateDid,
    NotifyStaff,
    OpenGate,
    RecordPassage,
    ReportWell,
)
from kiosk.visit.events import (
    CredentialAccepted,
    CredentialRefused,
    Event,
    FireInput,
    GateAnswered,
    Press,
)
from kiosk.visit.view import Screen, Way, Well
from tests.kiosk_visit.visits import START, WANG, Bench, decided, ended, kinds, only, seen


@pytest.mark.parametrize(
    ("outcome", "reason", "screen"),
    [
        (Outcome.UNKNOWN, Reason.NO_MATCH, Screen.UNKNOWN),
        (Outcome.UNSURE, Reason.THIN_MARGIN, Screen.UNSURE),
        (Outcome.UNSURE, Reason.CHALLENGE_FAILED, Screen.UNSURE),
    ],
)
def test_a_stranger_is_turned_to_another_way_and_recorded(outcome: Outcome, reason: Reason, screen: Screen) -> None:
    bench = Bench()
    bench.send(seen())
    wanted = bench.send(decided(None, outcome, reason))
    assert OpenGate not in kinds(wanted)
    record = only(RecordPassage, wanted)
    assert isinstance(record, RecordPassage)
    assert (record.gate, record.ruling, record.person_id) == (GateDid.SHUT, None, None)
    assert bench.screen() is screen
    bench.send(ended())
    assert bench.screen() is screen
    bench.wait(8.1)
    assert bench.screen() is Screen.STANDBY


def test_somebody_who_walked_past_is_recorded_and_not_spoken_to() -> None:
    bench = Bench()
    bench.send(seen())
    wanted = bench.send(decided(None, Outcome.UNKNOWN, Reason.TIMED_OUT), ended())
    assert RecordPassage in kinds(wanted)
    assert bench.screen() is Screen.STANDBY


def test_an_attack_never_opens_whatever_the_match() -> None:
    bench = Bench()
    wanted = bench.send(seen(), decided("p-li", Outcome.IDENTIFIED, liveness=Liveness.ATTACK))
    assert OpenGate not in kinds(wanted)
    assert bench.screen() is Screen.UNSURE


def test_a_person_the_kiosk_no_longer_knows_is_not_let_in() -> None:
    bench = Bench()
    assert OpenGate not in kinds(bench.send(seen(), decided("p-withdrawn")))


def test_a_decision_counts_once() -> None:
    bench = Bench()
    bench.send(seen(), decided())
    assert bench.send(decided()) == ()


def test_a_gate_that_does_not_open_is_said_and_recorded() -> None:
    bench = Bench()
    bench.send(seen(), decided())
    record = only(RecordPassage, bench.send(GateAnswered("v1", False)))
    assert isinstance(record, RecordPassage)
    assert record.gate is GateDid.FAILED
    assert bench.view.headline.key == "kiosk.identified.gate_failed"


def test_blocked_people_are_sent_to_the_guard_and_the_staff_told() -> None:
    bench = Bench(blocked=frozenset({"p-li"}))
    wanted = bench.send(seen(), decided())
    assert OpenGate not in kinds(wanted)
    assert only(NotifyStaff, wanted) == NotifyStaff(Ruling.BLOCKED, "p-li", Method.FACE, bench.now)
    assert (bench.view.screen, bench.view.headline.key) == (Screen.REFUSED, "kiosk.refused.blocked")


def test_schedules_and_passback_are_asked() -> None:
    never = GateRules(Direction.IN, {Group.VISITOR: Schedule((Hours(days=frozenset()),))})
    bench = Bench(rules=never)
    bench.send(CredentialAccepted(Method.QR, "visit-7", "pass-7", group=Group.VISITOR))
    assert bench.view.headline.key == "kiosk.refused.outside_hours"
    twice = Bench(rules=GateRules(Direction.IN, passback=Passback.REFUSE), last=Passed(Direction.IN, START))
    twice.send(CredentialAccepted(Method.CARD, "p-li", "card-1"), after=60)
    assert twice.view.headline.key == "kiosk.refused.passback"


def test_a_card_opens_whatever_the_screen_shows() -> None:
    bench = Bench()
    for way in (Way.CARD, Way.PIN, Way.QR):
        bench.press(way)
        assert OpenGate in kinds(bench.send(CredentialAccepted(Method.CARD, "p-li", "card-1"), after=20))
        assert bench.screen() is Screen.IDENTIFIED
    visitor = bench.send(CredentialAccepted(Method.QR, "visit-7", "pass-7", group=Group.VISITOR), after=20)
    assert OpenGate in kinds(visitor)
    assert bench.view.headline.key == "kiosk.greeting.plain"


def test_a_card_and_then_the_same_face_is_one_passage() -> None:
    bench = Bench()
    bench.send(seen(), CredentialAccepted(Method.CARD, "p-li", "card-1"))
    assert bench.send(decided("p-li"), after=0.4) == ()
    assert OpenGate in kinds(bench.send(seen("v2"), decided("p-wang", visit_id="v2")))


def test_who_tries_again_by_face_after_the_gate_failed_is_heard() -> None:
    bench = Bench()
    bench.send(seen(), decided())
    bench.send(GateAnswered("v1", False), after=2)
    bench.send(ended(), after=1)
    again = only(OpenGate, bench.send(seen("v2"), decided(visit_id="v2"), after=1))
    assert (again.ref, bench.view.gate) == ("v2", GateDid.OPENING)
    record = only(RecordPassage, bench.send(GateAnswered("v2", True)))
    assert (record.ref, record.gate) == ("v2", GateDid.OPENED)


@pytest.mark.parametrize("first", [Method.FACE, Method.CARD])
@pytest.mark.parametrize("passback", list(Passback))
def test_a_face_and_a_card_within_the_greeting_contradict_nothing(first: Method, passback: Passback) -> None:
    """Of an elder, too, who is asked whether they are well, and was waited for since an hour ago."""
    awaited = replace(WANG, awaited_until=START - timedelta(hours=1))
    bench = Bench(rules=GateRules(Direction.IN, passback=passback), wang=awaited)
    ways: dict[Method, Event] = {
        Method.FACE: decided("p-wang"),
        Method.CARD: CredentialAccepted(Method.CARD, "p-wang", "card-1"),
    }
    opened = only(OpenGate, bench.send(seen(), ways.pop(first)))
    [later] = ways.values()
    if first is Method.FACE:
        assert bench.send(later, after=0.1) == ()  # the relay has not answered yet
    record = only(RecordPassage, bench.send(GateAnswered(opened.ref, True), after=0.2))
    bench.last = Passed(Direction.IN, record.at)
    assert bench.send(later, after=0.5) == ()
    assert (bench.screen(), bench.view.gate, bench.view.well) == (Screen.IDENTIFIED, GateDid.OPENED, Well.OFFERED)
    bench.press(Press.WELL)
    assert only(ReportWell, bench.wanted).method is first


def test_an_elder_before_a_gate_that_has_shut_again_opens_it_with_a_card() -> None:
    bench = Bench(rules=GateRules(Direction.IN, slow_open_seconds=8.0))
    bench.send(seen(), decided("p-wang"), GateAnswered("v1", True))
    bench.wait(7.9)
    assert bench.screen() is Screen.IDENTIFIED
    assert bench.send(CredentialAccepted(Method.CARD, "p-wang", "card-1")) == ()
    assert OpenGate in kinds(bench.send(CredentialAccepted(Method.CARD, "p-wang", "card-1"), after=0.2))


@pytest.mark.parametrize("outcome", [Outcome.UNKNOWN, Outcome.UNSURE])
def test_a_face_that_is_not_recognised_leaves_the_greeting_of_a_good_card(outcome: Outcome) -> None:
    bench = Bench()
    opened = only(OpenGate, bench.send(seen(), CredentialAccepted(Method.CARD, "p-wang", "card-1")))
    wanted = bench.send(decided(None, outcome, Reason.NO_MATCH), after=0.4)
    assert kinds(wanted) == {RecordPassage}  # kept as what the recogniser said, and said to nobody
    assert (bench.screen(), bench.view.well) == (Screen.IDENTIFIED, Well.OFFERED)
    bench.send(GateAnswered(opened.ref, False), after=0.3)
    assert bench.view.headline.key == "kiosk.identified.gate_failed"


def test_a_spent_pass_is_told_apart_in_the_record() -> None:
    bench = Bench()
    opened = only(OpenGate, bench.send(CredentialAccepted(Method.QR, "visit-7", "pass-7", once=True)))
    assert isinstance(opened, OpenGate)
    record = only(RecordPassage, bench.send(GateAnswered(opened.ref, True)))
    assert isinstance(record, RecordPassage)
    assert (record.credential, record.once, record.gate) == ("pass-7", True, GateDid.OPENED)


def test_a_bad_card_is_recorded_and_said() -> None:
    bench = Bench()
    record = only(RecordPassage, bench.send(CredentialRefused(Method.CARD, "card_unknown", "c0ffee")))
    assert isinstance(record, RecordPassage)
    assert (record.refused, record.credential) == ("card_unknown", "c0ffee")
    assert bench.view.headline.key == "kiosk.refused.card_unknown"


def test_fire_lets_everybody_through_and_is_said() -> None:
    bench = Bench(blocked=frozenset({"p-li"}))
    bench.send(FireInput(True))
    assert OpenGate in kinds(bench.send(seen(), decided()))
    assert "kiosk.note.fire" in [note.key for note in bench.view.notes]
