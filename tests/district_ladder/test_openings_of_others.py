"""A desk or a hub that was cut off opens incidents by itself. What it wrote may be old, or forged: the district's rules hold."""

from datetime import timedelta
from typing import Any

import pytest

from district.store import own
from district.store.port import Prepared
from domain import incident_kinds as k
from domain.assessment import Occurrence
from domain.events import to_ms
from domain.incident import incident_id
from domain.incident_kinds import Level, Severity, State
from domain.signals import Answer, Sign
from tests.district_ladder.conftest import ELDER, HERE, District

S = timedelta(seconds=1)


def desk_says(district: District, fact: str, seq: int = 1, community: str = HERE, /, **payload: Any) -> None:
    """A fact under a desk's own number."""
    at = to_ms(district.now)
    row, salt, body = own.own_row(
        "desk", 1, seq, f"{at:012x}-0000", fact, community, ELDER, at, at, payload, None, True, b""
    )
    district.store.append_batch(Prepared("desk", 1, at, (row,), ((salt, body),))).result()


def opens(district: District, kind: str = "sos", **more: Any) -> str:
    named = incident_id(ELDER, "desk", "1")
    told = {"incident": named, "elder": ELDER, "kind": kind, "confirmed": False, "by": "system", "rule": kind}
    desk_says(district, k.OPENED, **{**told, **more})
    district.tick()
    return named


@pytest.mark.parametrize("severity", [2, 4, "4", None])
def test_an_opening_is_never_milder_than_its_kind_or_a_real_call_would_ring_nobody(
    district: District, severity: object
) -> None:
    opens(district, severity=severity)
    district.tell("sign.sos", device="b")
    district.tick()
    district.tick(61 * S)
    assert district.incident().severity is Severity.P1
    assert district.told() == ["ann", "com"]


def test_an_opening_may_be_graver_than_its_kind(district: District) -> None:
    opens(district, "water_leak", severity=1)
    assert district.incident().severity is Severity.P1


@pytest.mark.parametrize("confirmed", [False, True])
def test_the_ladder_is_the_districts_whatever_a_desk_wrote(district: District, confirmed: bool) -> None:
    district.tell("careplan.set", revision=1, caregiver="bo", backstops=[])
    slow = {"steps": [{"do": "notify", "who": ["nobody"]}], "stale_after_s": 2_500_000}
    opens(district, ladder=slow, confirmed=confirmed)
    assert district.told() == ["bo"]
    district.step(k.ACKNOWLEDGED, "bo")
    district.tick(1 * S)
    district.tick(300 * S)
    assert district.incident().level is Level.COMMUNITY, "an acceptance goes stale when the district says so"


def test_what_the_district_raises_too_is_its_own_from_then_on_and_keeps_the_ladder_of_that_moment(
    district: District,
) -> None:
    district.tell("careplan.set", revision=1, caregiver="bo", backstops=[])
    opens(district)
    assert not district.incident().confirmed
    district.tell("sign.sos", device="b")
    district.tick()
    assert district.incident().confirmed
    district.tell("careplan.set", revision=2, caregiver="cy", backstops=[])
    district.tick(11 * S)
    assert "cy" not in district.told()


def test_a_name_that_was_foreseen_swallows_nothing(district: District) -> None:
    """A missed morning's id follows from the plan: an opening of another nature under it is not it."""
    district.now = district.now.replace(hour=0)
    window = {"id": "morning", "start": "08:00", "end": "09:00", "grace_min": 30, "remind_min": 0}
    district.tell(
        "careplan.set", revision=1, since=to_ms(district.now), windows=[window], backstops=[], caregiver="ann"
    )
    day = district.now.astimezone().date().isoformat()
    opens(district, "missed_checkin", incident=incident_id(ELDER, "morning", day), exercise=True)
    before = len(district.told())
    district.tick(timedelta(hours=1, minutes=31))
    assert [i.exercise for i in district.incidents()] == [True, False]
    assert len(district.told()) > before


def test_nobody_in_another_community_has_a_say_in_an_incident(district: District) -> None:
    district.tell("sign.sos", device="b")
    district.tick()
    known = district.incident()
    for seq, kind in enumerate((k.ACKNOWLEDGED, k.FEEDBACK, k.REJECTED), 1):
        desk_says(district, kind, seq, "yulan", incident=known.id, by="stranger")
    district.tick(61 * S)
    (found,) = district.watch.watch.cases.of(ELDER, district.now)
    assert found.state is State.DISPATCHED
    assert district.told() == ["ann", "com"]
    token = district.recording.messages[0].body.rpartition("/r/")[2].split()[0]
    assert district.watch.replies.look(token, district.now).shown == "ask"


def test_who_has_moved_while_an_alarm_was_open_calls_those_who_are_near_now(district: District) -> None:
    district.tell("sign.sos", device="b")
    district.tick()
    district.step(k.HANDLING, "ann")
    district.tick(60 * S)
    district.ledger.add("sign.sos", {"device": "b"}, "yulan", ELDER, to_ms(district.now))
    before = len(district.told())
    district.tick()
    assert sorted(i.community for i in district.watch.watch.cases.of(ELDER, district.now)) == [HERE, "yulan"]
    assert len(district.told()) > before


def test_a_late_sign_of_life_speaks_to_a_silence_where_it_was_raised(district: District) -> None:
    district.tell("sign.inactivity", device="radar")
    district.tick()
    cases = district.watch.watch.cases
    (silence,) = cases.of(ELDER, district.now)
    heard = Answer(district.now, Sign.MOTION, 0.65)
    over = Occurrence(silence.id, silence.kind, "silence", district.now, district.now, district.now, heard.at, heard)
    cases.resolve(silence, over, "yulan")
    assert district.incident().resolved_by_late_evidence
    assert cases.of(ELDER, district.now)[0].resolved_by_late_evidence


def test_an_opening_in_another_community_under_a_name_that_was_foreseen_takes_no_alarm(district: District) -> None:
    district.now = district.now.replace(hour=0)
    window = {"id": "morning", "start": "08:00", "end": "09:00", "grace_min": 30, "remind_min": 0}
    district.tell(
        "careplan.set", revision=1, since=to_ms(district.now), windows=[window], backstops=[], caregiver="ann"
    )
    district.tick()
    named = incident_id(ELDER, "morning", district.now.date().isoformat())
    told = {"incident": named, "elder": ELDER, "kind": "missed_checkin", "confirmed": True, "rule": "morning"}
    desk_says(district, k.OPENED, 1, "yulan", **told)
    desk_says(district, k.REJECTED, 2, "yulan", incident=named, by="stranger")
    district.tick()
    before = len(district.told())
    district.tick(timedelta(hours=1, minutes=31))
    assert len(district.told()) > before
