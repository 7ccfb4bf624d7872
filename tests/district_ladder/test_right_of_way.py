"""An alarm waits neither for what else is known of a home nor for the homes that are being looked over."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from domain import incident_kinds as k
from domain.events import to_ms
from domain.incident_table import FOLDED
from tests.district_ladder.conftest import ELDER, District
from watch.evaluation import CALM, LOOKS
from watch.evaluation import ELDER as ROW
from watch.ledger import Seen
from watch.rows import Due
from watch.signs import SIGN_FACTS

S = timedelta(seconds=1)


def looks_of(district: District, looked: list[str], then: Callable[[str], object] = lambda _: None) -> None:
    """Note in `looked` who is looked at from now on."""
    look = district.watch.watch.looks[ROW]

    def noting(row: Due, now: datetime) -> datetime | None:
        looked.append(row.key)
        then(row.key)
        return look(row, now)

    district.watch.watch.looks[ROW] = noting


def test_an_alarm_is_told_climbs_and_is_answered_without_a_look_at_the_days_before(
    district: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A home tells thousands of signs a month: of all that is known of it, only what makes an incident is read."""
    district.tell("sign.sos", device="b")
    about, asked = district.ledger.about, list[tuple[tuple[str, ...], int]]()

    def counted(subject: str, kinds: Sequence[str] = (), since: int = 0) -> list[Seen]:
        asked.append((tuple(kinds), since))
        return about(subject, kinds, since)

    monkeypatch.setattr(district.ledger, "about", counted)
    district.tick()
    district.tick(61 * S)
    (first, *_), replies = district.recording.messages, district.watch.replies
    token = first.body.rpartition("/r/")[2].split()[0]
    replies.look(token, district.now)
    replies.act(token, district.now)
    district.tick(1 * S)
    assert district.told() == ["ann", "com"]
    assert district.told("inform")[-1:] == ["com"]
    assert (FOLDED, 0) in asked
    assert all(kinds and (since or not set(kinds) & set(SIGN_FACTS)) for kinds, since in asked), (
        "signs since the press alone"
    )


def test_an_alarm_that_comes_while_a_town_is_looked_over_rings_before_the_rest_of_it(
    district: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After an hour without a server everybody is due at once."""
    for n in range(8 * LOOKS):
        district.tell("careplan.set", f"elder-{n}", revision=1, caregiver="ann", backstops=[])
    looked, rung_after = list[str](), list[int]()

    def press(_elder: str) -> None:
        if len(looked) == 1:
            district.tell("sign.sos", device="b")

    looks_of(district, looked, press)
    send = district.recording.send

    def sending(message: Any) -> Any:
        rung_after.append(len(looked))
        return send(message)

    monkeypatch.setattr(district.recording, "send", sending)
    district.tick()
    district.tick()
    assert rung_after[0] <= 2 * LOOKS
    assert {f"elder-{n}" for n in range(8 * LOOKS)} <= set(looked)


def test_signs_of_somebody_nobody_waits_for_are_looked_at_together_and_of_others_at_once(
    district: District,
) -> None:
    district.tell("consent.given", purpose="home_monitoring", version="1")
    district.tell("careplan.set", revision=1, caregiver="ann", backstops=[])
    district.tick()
    looks: list[str] = []
    looks_of(district, looks)
    for _ in range(50):
        district.tell("sign.motion", device="hall")
        district.tick(1 * S)
    assert not looks
    district.tick(CALM)
    assert looks == [ELDER]
    district.tell("sign.inactivity", device="radar")
    district.tick(1 * S)
    district.tell("sign.motion", device="hall")
    district.tick(1 * S)
    assert len(looks) > 1, "somebody may be on the way"
    assert district.incident().kind is k.Kind.INACTIVITY


def test_who_is_heard_just_before_their_deadline_is_not_rung_for_though_the_look_waits(district: District) -> None:
    district.now = district.now.replace(hour=0, minute=0)  # 08:00 in Shanghai
    district.tell("consent.given", purpose="home_monitoring", version="1")
    window = {"id": "morning", "start": "08:00", "end": "09:00", "grace_min": 30, "remind_min": 0}
    since = to_ms(district.now)
    district.tell("careplan.set", revision=1, since=since, windows=[window], backstops=[], caregiver="ann")
    district.tick()
    district.tick(timedelta(hours=1, minutes=29, seconds=30))  # overdue, looked at
    district.tick(20 * S)
    district.tell("sign.motion", device="hall")
    district.tick(1 * S)
    district.tick(10 * S)
    assert district.incidents() == []
