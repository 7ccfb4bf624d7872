"""How often a device speaks, learned from itself, and that a server which stood still blames nobody for it."""

import random
from collections.abc import Iterator
from datetime import timedelta

import pytest

from district.intake.paces import late_after
from district.intake.silence import DeviceSilence
from domain.events import to_ms
from tests.district_intake.conftest import ELDER, HERE, Intake, z2m

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
MERE = '{"battery":80,"contact":true}'


def blind(intake: Intake) -> list[bool]:
    return [f.payload["blind"] for f in intake.ledger.about(ELDER, ["device.blind"])]


def told(intake: Intake, device: str) -> timedelta | None:
    """After how long a silence this device is taken to have failed, as it has taught."""
    state = intake.desk.memory.device(HERE, device)
    late = late_after(state) if state is not None else None
    return None if late is None else timedelta(milliseconds=late)


def begin_again(intake: Intake) -> None:
    """Another run, that knows what is in the database."""
    intake.silence = DeviceSilence(intake.ledger, intake.desk._homes, intake.desk.memory)


def speaks(intake: Intake, device: str, every: timedelta, until: timedelta, lost: float = 0.0) -> None:
    """Reports of itself, some of which are lost on the way, looked over all the while."""
    rng, end = random.Random(1), intake.now + until
    while intake.now < end:
        intake.now += every
        if rng.random() >= lost:
            intake.hear(z2m(device, MERE))
        intake.look()


def test_one_that_reports_every_hour_is_missed_within_hours_and_not_in_its_first_week(intake: Intake) -> None:
    intake.furnish("d")
    intake.hear(z2m("d", MERE))
    speaks(intake, "d", HOUR, 6 * DAY)
    assert told(intake, "d") is None
    speaks(intake, "d", HOUR, 3 * DAY)
    assert told(intake, "d") == 4 * HOUR
    intake.look(4 * HOUR)
    assert blind(intake) == []
    intake.look(timedelta(minutes=1))
    assert blind(intake) == [True]
    intake.hear(z2m("d", MERE))
    intake.look(timedelta(minutes=1))
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
    intake.look(20 * HOUR)
    assert blind(intake) == []


@pytest.mark.parametrize("anew", [True, False], ids=["started again", "the same run"])
@pytest.mark.parametrize(("stood_still", "late"), [(2 * MINUTE, True), (4 * MINUTE, False), (40 * HOUR, False)])
def test_a_server_that_stood_still_gives_every_device_its_time_anew(
    intake: Intake, stood_still: timedelta, late: bool, anew: bool
) -> None:
    """Off, suspended, or before a database that let nobody write: it heard nobody meanwhile."""
    intake.furnish("d")
    intake.hear(z2m("d", MERE))
    for wait in (timedelta(0), 26 * HOUR - timedelta(minutes=1)):
        intake.look(wait)
    intake.now += stood_still
    if anew:
        begin_again(intake)
    intake.silence.tick(intake.now)
    assert blind(intake) == [True] * late
    intake.look(timedelta(minutes=10))
    begin_again(intake)
    intake.look()
    assert blind(intake) == [True] * late, "started once more, it still knows since when it listens"
    intake.look(27 * HOUR)
    assert blind(intake) == [True]


def test_a_dead_device_goes_blind_though_the_server_stands_still_every_night(intake: Intake) -> None:
    intake.furnish("d")
    intake.hear(z2m("d", MERE))
    intake.look()
    for _ in range(2):
        intake.look(23 * HOUR)
        intake.now += HOUR
        intake.silence.tick(intake.now)
    assert blind(intake) == [], "a word a day that fell into the first night may be on its way"
    intake.look(6 * HOUR)
    assert blind(intake) == [True]


def test_outages_after_each_other_blame_no_device(intake: Intake) -> None:
    intake.furnish("d")
    intake.hear(z2m("d", MERE))
    intake.look()
    for _ in range(3):
        intake.now += 3 * DAY
        intake.silence.tick(intake.now)
        intake.look(HOUR)
    assert blind(intake) == []


def test_a_database_that_refuses_what_is_heard_blames_no_device_once_it_takes_it_again(
    intake: Intake, monkeypatch: pytest.MonkeyPatch
) -> None:
    promise = {"device": "d", "place": "hall", "every_min": 10}
    intake.ledger.add("home.device_registered", promise, HERE, ELDER, to_ms(intake.now))
    intake.hear(z2m("d", MERE))
    intake.look()

    def refuse(_work: object) -> None:
        raise OSError("no room is left")

    with monkeypatch.context() as full:
        full.setattr(intake.store, "write", refuse)
        for _ in range(60):
            intake.now += timedelta(minutes=1)
            with pytest.raises(OSError, match="no room"):
                intake.silence.tick(intake.now)
    intake.now += timedelta(minutes=1)
    intake.silence.tick(intake.now)
    assert blind(intake) == []
    intake.look(timedelta(minutes=31))
    assert blind(intake) == [True]


def test_a_start_by_a_clock_that_was_ahead_puts_nothing_off(intake: Intake) -> None:
    promise = {"device": "d", "place": "hall", "every_min": 10}
    intake.ledger.add("home.device_registered", promise, HERE, ELDER, to_ms(intake.now))
    intake.hear(z2m("d", MERE))
    intake.look()
    DeviceSilence(intake.ledger, intake.desk._homes, intake.desk.memory).tick(intake.now + 2 * DAY)
    begin_again(intake)
    intake.silence.tick(intake.now)
    for _ in range(31):
        intake.now += timedelta(minutes=1)
        intake.silence.tick(intake.now)
    assert blind(intake) == [True]
