"""How often a device speaks, learned from itself, and that a server which stood still blames nobody for it."""

import random
from collections.abc import Iterator
from datetime import timedelta

import pytest

from district.intake.paces import late_after
from district.intake.silence import DeviceSilence
from domain.events import to_ms
from tests.district_intake.conftest import ELDER, HERE, Intake, z2m

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MERE = '{"battery":80,"contact":true}'


def blind(intake: Intake) -> list[bool]:
    return [f.payload["blind"] for f in intake.ledger.about(ELDER, ["device.blind"])]


def told(intake: Intake, device: str) -> timedelta | None:
    """After how long a silence this device is taken to have failed, as it has taught."""
    state = intake.desk.memory.device(HERE, device)
    late = late_after(state) if state is not None else None
    return None if late is None else timedelta(milliseconds=late)


def speaks(intake: Intake, device: str, every: timedelta, until: timedelta, lost: float = 0.0) -> None:
    """Reports of itself, some of which are lost on the way, looked over all the while."""
    rng, end = random.Random(1), intake.now + until
    while intake.now < end:
        intake.now += every
        if rng.random() >= lost:
            intake.hear(z2m(device, MERE))
        intake.silence.tick(intake.now)


def test_one_that_reports_every_hour_is_missed_within_hours_and_not_in_its_first_week(intake: Intake) -> None:
    intake.furnish("d")
    intake.hear(z2m("d", MERE))
    speaks(intake, "d", HOUR, 6 * DAY)
    assert told(intake, "d") is None
    speaks(intake, "d", HOUR, 3 * DAY)
    assert told(intake, "d") == 4 * HOUR
    intake.now += 4 * HOUR
    intake.silence.tick(intake.now)
    assert blind(intake) == []
    intake.now += timedelta(minutes=1)
    intake.silence.tick(intake.now)
    assert blind(intake) == [True]
    intake.hear(z2m("d", MERE))
    intake.now += timedelta(minutes=1)
    intake.silence.tick(intake.now)
    assert blind(intake) == [True, False]


def test_of_one_whose_reports_get_lost_more_is_borne(intake: Intake) -> None:
    intake.furnish("d")
    intake.hear(z2m("d", MERE))
    speaks(intake, "d", HOUR, 60 * DAY, lost=0.1)
    assert blind(intake) == []
    late = told(intake, "d")
    assert late is not None
    assert 6 * HOUR <= late <= 12 * HOUR


def doors(rng: random.Random) -> Iterator[tuple[timedelta, str]]:
    """A door in a busy home: never a night of more than seven hours, and no word but of the door itself."""
    while True:
        hours = 6 + rng.random() if rng.random() < 0.1 else rng.random()
        yield hours * HOUR, '{"contact":false}'
        yield timedelta(seconds=20), '{"contact":true}'


def test_of_one_that_speaks_only_when_something_happens_nothing_is_learned(intake: Intake) -> None:
    """Its silence may be the elder's: were it blind by then, nobody would be missed."""
    intake.furnish("d")
    intake.hear(z2m("d", '{"contact":true}'))
    end = intake.now + 20 * DAY
    for wait, said in doors(random.Random(2)):
        intake.now += wait
        intake.hear(z2m("d", said))
        if intake.now > end:
            break
    assert told(intake, "d") is None


def test_what_was_promised_goes_before_what_was_learned(intake: Intake) -> None:
    promise = {"device": "d", "place": "hall", "every_min": 8 * 60}
    intake.ledger.add("home.device_registered", promise, HERE, ELDER, to_ms(intake.now))
    intake.hear(z2m("d", MERE))
    speaks(intake, "d", HOUR, 9 * DAY)
    intake.now += 20 * HOUR
    intake.silence.tick(intake.now)
    assert blind(intake) == []


@pytest.mark.parametrize(("stood_still", "late"), [(timedelta(minutes=4), True), (timedelta(hours=40), False)])
def test_a_server_that_stood_still_gives_every_device_its_time_anew(
    intake: Intake, stood_still: timedelta, late: bool
) -> None:
    intake.furnish("d")
    intake.hear(z2m("d", MERE))
    for wait in (timedelta(0), 26 * HOUR - timedelta(minutes=1)):
        intake.now += wait
        intake.silence.tick(intake.now)
    intake.now += stood_still
    again = DeviceSilence(intake.ledger, intake.desk._homes, intake.desk.memory)
    again.tick(intake.now)
    assert blind(intake) == [True] * late
    intake.now += timedelta(minutes=10)
    once_more = DeviceSilence(intake.ledger, intake.desk._homes, intake.desk.memory)
    once_more.tick(intake.now)
    assert blind(intake) == [True] * late, "started once more, it still knows since when it listens"
    intake.now += 27 * HOUR
    once_more.tick(intake.now)
    assert blind(intake) == [True]
