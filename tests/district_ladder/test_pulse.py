"""How long the watch may not go through before it stands still."""

import pytest

from district.watching.pulse import STILL_S, Pulse
from tests.district_ladder.conftest import District


def test_a_watch_that_never_began_does_not_stand_still() -> None:
    assert not Pulse(lambda: 1e9).still


@pytest.mark.parametrize(("quiet_s", "still"), [(STILL_S, False), (STILL_S + 0.1, True)])
def test_it_stands_still_when_no_tick_has_gone_through_for_that_long(quiet_s: float, still: bool) -> None:
    clock = [0.0]
    pulse = Pulse(lambda: clock[0])
    pulse.beat()
    clock[0] = quiet_s
    assert pulse.still is still
    pulse.beat()
    assert not pulse.still


@pytest.mark.parametrize("line", [True, False])
def test_a_hub_needs_its_own_watch_only_while_nobody_above_does(district: District, line: bool) -> None:
    clock = [0.0]
    district.surround(upstream=lambda: line)
    district.watch.pulse = Pulse(lambda: clock[0])
    district.watch.pulse.beat()
    clock[0] = STILL_S + 1
    assert district.watch.stands is line
