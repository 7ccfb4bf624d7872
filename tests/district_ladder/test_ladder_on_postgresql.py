"""The walks of a ladder again where the district keeps its rows and facts in PostgreSQL."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.district_ladder import test_hand_over, test_ladder, test_openings_of_others, test_right_of_way
from tests.district_ladder.conftest import District

S = timedelta(seconds=1)


@pytest.fixture
def district(tmp_path: Path, empty_database: Callable[[], str]) -> Iterator[District]:
    found = District(tmp_path, database=empty_database())
    yield found
    found.close()


@pytest.mark.parametrize(
    "walk",
    [
        test_ladder.test_an_unanswered_p1_climbs_at_60_s_180_s_and_10_min,
        test_ladder.test_a_server_that_was_down_for_an_hour_calls_every_level_at_once,
        test_ladder.test_an_acceptance_that_goes_stale_starts_the_search_again,
        test_ladder.test_a_jump_back_while_the_server_was_down_does_not_either,
        test_ladder.test_a_late_sign_of_life_stops_the_climb_of_a_silence_but_not_of_a_fall,
        test_hand_over.test_what_is_long_over_is_forgotten_and_what_is_not_stays,
        test_ladder.test_losing_every_row_loses_nothing_that_matters,
        test_openings_of_others.test_nobody_in_another_community_has_a_say_in_an_incident,
        test_right_of_way.test_signs_of_somebody_nobody_waits_for_are_looked_at_together_and_of_others_at_once,
    ],
    ids=lambda walk: walk.__name__.removeprefix("test_"),
)
def test_a_walk(walk: Callable[[District], None], district: District) -> None:
    walk(district)


def test_a_crash_after_the_fact_repeats_nothing(district: District, monkeypatch: pytest.MonkeyPatch) -> None:
    test_hand_over.test_a_crash_after_the_fact_repeats_nothing(district, monkeypatch)


def test_a_storm_of_three_hundred_is_told_in_messages_that_can_be_read_and_an_sos_alone(district: District) -> None:
    """More than one claim takes at a time."""
    for n in range(300):
        district.tell(f"sign.{'tamper' if n else 'sos'}", f"elder-{n}", device=f"d{n}")
    for _ in range(4):
        district.tick(1 * S)
    titles = [m.title for m in district.recording.messages]
    assert titles[0] == "Call for help: Ms Zhang", "the worst is taken first"
    assert sum(int(title.split()[0]) for title in titles[1:]) == 299
    assert len(titles) <= 4
