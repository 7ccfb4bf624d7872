"""A merge stands only where somebody is called for both; where two people crossed, or what took it in is over, it is undone."""

from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest

from caregiver.invented import Feed
from domain import incident_kinds as k
from domain.events import to_ms
from domain.incident import Incident
from domain.incident_kinds import Kind, State
from tests.district_ladder.conftest import ELDER, HERE, District

S = timedelta(seconds=1)
M = timedelta(minutes=1)


def of(district: District, kind: Kind) -> Incident:
    (found,) = [i for i in district.incidents() if i.kind is kind]
    return found


def merged(district: District, one: Incident, into: str, by: str = "str") -> None:
    district.tell(k.MERGED, incident=one.id, into=into, by=by)


def alarms(district: District, since: int) -> set[str]:
    return {f.payload["person"] for f in district.ledger.about(ELDER, (k.NOTICE_SENT,)) if f.at > since} - {None}


def from_desk(district: District, at: datetime, kind: str, **payload: Any) -> None:
    """Said there at that time, and come in only now."""
    said = Feed(HERE, 1).item(kind, payload, ELDER, at, "desk")
    district.store.absorb([msgspec.structs.replace(said, received=to_ms(district.now))])


@pytest.fixture
def both(district: District) -> tuple[Incident, Incident]:
    """A fall that Ann is at work on, and a press ten minutes later that nobody has answered."""
    district.tell("sign.fall", device="watch")
    district.tick(S)
    district.step(k.ON_SCENE, "ann")
    district.tick(10 * M)
    district.tell("sign.sos", device="button")
    district.tick(S)
    return of(district, Kind.FALL), of(district, Kind.SOS)


def test_what_is_merged_into_an_open_one_stays_merged_and_is_noted_there(
    district: District, both: tuple[Incident, Incident]
) -> None:
    fall, sos = both
    merged(district, sos, fall.id)
    district.tick(S)
    district.tick(M)
    assert of(district, Kind.SOS).state is State.MERGED
    assert (of(district, Kind.FALL).evidence, of(district, Kind.FALL).state) == (1, State.HANDLING)
    assert "another alarm of theirs is now part of it" in [m.title.split(": ")[-1] for m in district.recording.messages]
    district.tell(k.FEEDBACK, incident=fall.id, by="ann", outcome="helped")
    district.tell(k.CLOSED, incident=fall.id, by="com")
    district.tick(S)
    assert of(district, Kind.SOS).state is State.MERGED, "its end is that of both"


def test_of_two_merges_that_cross_one_is_undone(district: District, both: tuple[Incident, Incident]) -> None:
    fall, sos = both
    merged(district, sos, fall.id)
    merged(district, fall, sos.id, by="dis")
    district.tick(S)
    states = [of(district, kind).state for kind in (Kind.FALL, Kind.SOS)]
    assert sorted(s is State.MERGED for s in states) == [False, True]
    since = to_ms(district.now)
    for _ in range(12):
        district.tick(M)
    assert alarms(district, since) >= {"com", "str", "dis"}, "nobody answers, so every level is called"


@pytest.mark.parametrize("end", [(k.FEEDBACK, k.CLOSED), (k.FEEDBACK,), (k.REJECTED,)])
def test_a_press_is_never_merged_into_what_was_ended_before_it(
    district: District, both: tuple[Incident, Incident], end: tuple[str, ...]
) -> None:
    fall, sos = both
    at = to_ms(district.now - M)  # Ann's own time, before the press
    for kind in end:
        district.ledger.add(kind, {"incident": fall.id, "by": ("com", "ann")[kind == k.FEEDBACK]}, HERE, ELDER, at)
    merged(district, sos, fall.id)
    district.tick(S)
    found = of(district, Kind.SOS)
    assert (found.state, found.round) == (State.DETECTED, 2)


def test_what_was_reported_after_the_press_covers_it(district: District, both: tuple[Incident, Incident]) -> None:
    fall, sos = both
    district.now += M
    district.tell(k.FEEDBACK, incident=fall.id, by="ann", outcome="helped")
    merged(district, sos, fall.id)
    district.tick(S)
    assert of(district, Kind.SOS).state is State.MERGED


@pytest.mark.parametrize("end", [k.FEEDBACK, k.REJECTED])
def test_an_end_that_was_said_before_the_merge_and_comes_later_ends_nothing(
    district: District, both: tuple[Incident, Incident], end: str
) -> None:
    fall, sos = both
    merged(district, sos, fall.id)
    district.tick(S)
    told = {"incident": fall.id, "by": "ann", "outcome": "helped"}
    district.ledger.add(end, told, HERE, ELDER, to_ms(district.now - 5 * M))  # by a desk that was cut off
    district.tick(S)
    assert (of(district, Kind.FALL).state, of(district, Kind.SOS).state) == (State.HANDLING, State.MERGED)


def test_what_there_is_not_takes_nothing_in(district: District) -> None:
    district.tell("sign.sos", device="button")
    district.tick(S)
    merged(district, district.incident(), "f" * 32)
    district.tick(S)
    assert district.incident().state is State.DETECTED
    before = len(district.told())
    for _ in range(12):
        district.tick(M)
    assert {"com", "str", "dis"} <= set(district.told()[before:])


def test_a_call_for_help_is_no_part_of_what_a_sign_of_life_ends(district: District) -> None:
    district.tell("sign.inactivity", device="radar")
    district.tick(S)
    silence = district.incident()
    district.tell(k.GRADED, incident=silence.id, by="ann", severity=1, reason="worried")
    district.tell("sign.sos", device="button")
    district.tick(S)
    merged(district, of(district, Kind.SOS), silence.id)
    district.tick(S)
    assert of(district, Kind.SOS).state is State.DETECTED


def test_what_has_taken_another_in_takes_it_along_only_where_both_are_called_for(
    district: District, both: tuple[Incident, Incident]
) -> None:
    fall, sos = both
    merged(district, sos, fall.id)
    district.tick(S)
    district.tell("sign.smoke", device="kitchen")
    district.tick(S)
    smoke = of(district, Kind.SMOKE)
    merged(district, fall, smoke.id)
    district.tick(S)
    assert [of(district, kind).state for kind in (Kind.FALL, Kind.SOS)] == [State.MERGED] * 2
    merged(district, smoke, sos.id, by="dis")  # round in a ring
    district.tick(S)
    assert of(district, Kind.SMOKE).open


def test_a_merge_read_twice_is_undone_once_and_not_for_what_came_after(
    district: District, both: tuple[Incident, Incident]
) -> None:
    fall, sos = both
    merged(district, sos, fall.id)
    district.tick(S)
    merge = district.ledger.about(ELDER, (k.MERGED,))[-1]
    district.tell(k.FEEDBACK, incident=fall.id, by="ann", outcome="helped")
    district.tell(k.CLOSED, incident=fall.id, by="com")
    district.tick(S)
    district.watch.watch.follow(merge, district.now)
    district.tick(S)
    assert of(district, Kind.SOS).state is State.MERGED


def test_an_end_that_comes_in_while_the_merge_is_looked_at_is_no_end_of_both(
    district: District, both: tuple[Incident, Incident], monkeypatch: pytest.MonkeyPatch
) -> None:
    fall, sos = both
    cases = district.watch.watch.cases
    note = cases.note

    said = district.now

    def meanwhile(incident: Incident, *more: Any) -> Any:
        from_desk(district, said, k.REJECTED, incident=fall.id, by="com")
        return note(incident, *more)

    monkeypatch.setattr(cases, "note", meanwhile)
    district.now += M
    merged(district, sos, fall.id)
    district.tick(S)
    assert (of(district, Kind.FALL).state, of(district, Kind.SOS).state) == (State.REJECTED, State.DETECTED)


@pytest.mark.parametrize(
    ("ends", "state"),
    [
        ((k.REJECTED,), State.REJECTED),
        ((k.FEEDBACK,), State.FEEDBACK),
        ((k.FEEDBACK, k.CLOSED), State.CLOSED),
    ],
)
def test_what_ended_after_a_merge_is_the_end_of_both_though_all_of_it_comes_in_at_once(
    district: District, both: tuple[Incident, Incident], ends: tuple[str, ...], state: State
) -> None:
    """By a desk that was cut off, say, or while the watch was busy with others."""
    fall, sos = both
    district.now += M
    merged(district, sos, fall.id)
    for kind in ends:
        district.now += M
        district.tell(kind, incident=fall.id, by=("ann", "com")[kind == k.CLOSED], outcome="helped")
    for _ in range(2):
        district.tick(S)
    assert (of(district, Kind.FALL).state, of(district, Kind.SOS).state) == (state, State.MERGED)


@pytest.mark.parametrize(
    ("after", "state"), [(S, State.FEEDBACK), (-S, State.HANDLING)], ids=["after the merge", "before it"]
)
def test_what_was_reported_counts_by_whether_it_was_said_after_the_merge_not_after_its_note(
    district: District, both: tuple[Incident, Incident], after: timedelta, state: State
) -> None:
    fall, sos = both
    district.now += M
    merged(district, sos, fall.id)
    said = district.now + after
    district.tick(10 * S)
    from_desk(district, said, k.FEEDBACK, incident=fall.id, by="ann", outcome="helped")
    district.tick(S)
    assert (of(district, Kind.FALL).state, of(district, Kind.SOS).state) == (state, State.MERGED)
