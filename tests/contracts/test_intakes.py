"""What every way in promises, whatever its language: a call for help is heard, nonsense is not, a copy is known."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from district.intake.signals import ALARMS, METERS, SWITCHES, Kind
from tests.contracts.intakes import WAYS, Way

every_way = pytest.mark.parametrize("way", WAYS.values(), ids=WAYS.keys())


@every_way
def test_a_call_for_help_is_heard_live_and_once(way: Way) -> None:
    heard = way.hear(way.sos)
    assert [s.kind for s in heard.signals if s.kind in ALARMS] == [Kind.SOS]
    assert all(s.live for s in heard.signals)
    assert not heard.problem


@every_way
def test_a_fall_is_heard_as_a_fall(way: Way) -> None:
    assert Kind.FALL in [s.kind for s in way.hear(way.fall).signals]


@every_way
def test_nonsense_has_a_problem_and_is_kept_and_is_no_sign_of_anything(way: Way) -> None:
    heard = way.hear(way.nonsense)
    assert heard.problem
    assert heard.raw
    assert not {s.kind for s in heard.signals} & (ALARMS | SWITCHES | METERS | {Kind.CHECKIN})


@every_way
def test_a_copy_has_the_key_of_its_original_and_the_next_event_another(way: Way) -> None:
    if not way.copies_known:
        assert all(not s.key for s in way.hear(way.sos).signals)
        return
    keys = [[s.key for s in way.hear(raw).signals if s.kind in ALARMS] for raw in (way.sos, way.sos, way.fall)]
    assert keys[0] == keys[1] != keys[2]


@every_way
@given(junk=st.binary(max_size=300))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
def test_no_bytes_whatever_crash_it_or_count_as_life(way: Way, junk: bytes) -> None:
    for raw in (junk, way.sos[: len(junk)], way.sos[:20] + junk + way.sos[20:]):
        heard = way.hear(raw)
        assert not {s.kind for s in heard.signals} & (SWITCHES | METERS | {Kind.CHECKIN}) or not heard.problem
