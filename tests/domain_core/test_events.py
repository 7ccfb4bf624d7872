from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.events import Clock, Envelope, chain_hash, derived_id, fresh_id, from_ms, payload_digest, to_ms

ENVELOPE = Envelope(
    "a" * 32, "gate-1", 1, 7, "passage.recorded", 1, "jinxiu", "p1", 1_700_000_000_000, Clock.SYNCED, "0.0", "d"
)


@given(st.datetimes(min_value=datetime(1970, 1, 1), max_value=datetime(2200, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_a_time_survives_to_the_millisecond(at: datetime) -> None:
    assert timedelta(0) <= at - from_ms(to_ms(at)) < timedelta(milliseconds=1)


def test_a_time_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="without zone"):
        to_ms(datetime(2026, 1, 1))  # noqa: DTZ001


@pytest.mark.parametrize("field", [f.name for f in fields(Envelope)])
def test_every_field_is_part_of_the_content_hash(field: str) -> None:
    value = getattr(ENVELOPE, field)
    other: Any = Clock.UNSYNCED if field == "clock" else value + 1 if isinstance(value, int) else value + "x"
    assert replace(ENVELOPE, **{field: other}).content_hash() != ENVELOPE.content_hash()


def test_the_same_payload_has_another_digest_under_another_salt() -> None:
    assert payload_digest(b"1" * 16, b"{}") != payload_digest(b"2" * 16, b"{}")


def test_a_chain_depends_on_everything_before() -> None:
    assert chain_hash(chain_hash("", "a"), "b") != chain_hash(chain_hash("", "b"), "a")


def test_a_derived_id_is_the_same_wherever_it_is_derived_and_its_parts_do_not_run_together() -> None:
    assert derived_id("elder", "silence", "1") == derived_id("elder", "silence", "1")
    assert derived_id("ab", "c") != derived_id("a", "bc")


def test_ids_that_are_made_together_stand_together_and_none_comes_twice() -> None:
    earlier, later = [fresh_id(1_764_000_000_000) for _ in range(100)], fresh_id(1_764_000_000_001)
    assert len(set(earlier)) == 100
    assert all(len(id) == 32 and int(id, 16) and id < later for id in earlier)
