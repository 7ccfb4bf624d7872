"""A device that says nothing at all is told of long before it is called blind: only who hears it knows when it last reported."""

from datetime import timedelta

import pytest

from district.intake.silence import DeviceSilence
from domain.events import to_ms
from tests.district_intake.conftest import ELDER, HERE, T0, Intake, z2m

H = timedelta(hours=1)


def told(intake: Intake) -> list[tuple[bool, float]]:
    """Whether it was mute or spoke, and when that was said, in hours."""
    facts = intake.ledger.about(ELDER, ["device.mute"])
    return [(f.payload["mute"], round((f.at - to_ms(T0)) / 3600_000, 2)) for f in facts]


def test_one_that_says_nothing_for_eight_hours_is_told_of_once_and_so_is_its_next_word(intake: Intake) -> None:
    intake.furnish("door")
    intake.hear(z2m("door", '{"contact":true}'))
    for _ in range(11):
        intake.look(H)
    assert told(intake) == [(True, 9.0)]
    intake.hear(z2m("door", '{"battery":80}'))
    for _ in range(3):
        intake.look(H)
    assert told(intake) == [(True, 9.0), (False, 11.0)]


def test_one_that_reports_of_itself_is_not_mute(intake: Intake) -> None:
    intake.furnish("door")
    for _ in range(10):
        intake.hear(z2m("door", '{"battery":80}'))
        intake.look(3 * H)
    assert told(intake) == []


def test_what_was_told_stands_after_a_restart(intake: Intake) -> None:
    intake.furnish("door")
    intake.hear(z2m("door", '{"contact":true}'))
    intake.look(9 * H)
    intake.hear(z2m("door", '{"battery":80}'))
    DeviceSilence(intake.ledger, intake.desk._homes, intake.desk.memory).tick(intake.now)
    assert [mute for mute, _ in told(intake)] == [True, False]


@pytest.mark.parametrize("consent", [True, False])
def test_nothing_is_told_of_a_home_that_nobody_may_watch(intake: Intake, consent: bool) -> None:
    intake.furnish("door", consent=consent)
    intake.silence.unheard = intake.desk.unheard
    intake.hear(z2m("door", '{"contact":true}'))
    intake.look(9 * H)
    assert bool(told(intake)) is consent


def test_one_that_was_moved_to_another_home_is_told_of_there(intake: Intake) -> None:
    intake.furnish("door")
    intake.hear(z2m("door", '{"contact":true}'))
    intake.look(9 * H)
    moved = (("home.device_removed", ELDER), ("home.device_registered", "p2"))
    for kind, elder in moved:
        intake.ledger.add(kind, {"device": "door", "place": "hall"}, HERE, elder, to_ms(intake.now))
    for fact in intake.ledger.since("")[0][-2:]:
        intake.silence.follow(fact, intake.now)
    intake.ledger.add("consent.given", {"purpose": "home_monitoring", "version": "1"}, HERE, "p2", to_ms(intake.now))
    intake.look(9 * H)
    assert [f.payload["mute"] for f in intake.ledger.about("p2", ["device.mute"])] == [True]


def test_a_server_that_no_longer_knows_that_it_told_of_one_tells_of_its_next_word(intake: Intake) -> None:
    """It was put back: a contact that reports was taken for one that has failed, and its silence for nobody's."""
    intake.furnish("door")
    since = {"device": "door", "place": "hall", "mute": True, "since": to_ms(T0), "by": "system"}
    given_back = intake.ledger.add("device.mute", since, HERE, ELDER, to_ms(T0 + 9 * H))
    intake.silence.heed(given_back, intake.now)
    intake.hear(z2m("door", '{"battery":80}'), 60)
    intake.look(H)
    assert [mute for mute, _ in told(intake)] == [True, False]
