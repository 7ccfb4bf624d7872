"""When a visitor's pass is good: to the second of its span, to the minute of its hours, on its days; and what is none."""

import base64
from datetime import UTC, datetime, time, timedelta

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from domain.passages import Group
from offline.letters.passes import _CONTEXT, PREFIX, Kind, Pass, Unreadable, issue, minutes, read, trouble

MONDAY = datetime(2026, 11, 23, tzinfo=UTC)
KEY = Ed25519PrivateKey.generate()
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


def a_pass(kind: Kind, days: tuple[int, ...] = ()) -> Pass:
    """From Monday at eight for a week, of half past nine to a quarter past eleven."""
    begins = int(MONDAY.timestamp()) + 8 * 3600
    hours = (minutes(time(9, 30)), minutes(time(11, 15)))
    return Pass("v1", "jinxiu", "p1", next(iter(Group)), kind, begins, begins + 7 * 86_400, (), days, *hours)


def test_a_pass_is_good_from_its_first_second_and_no_longer_at_its_last() -> None:
    once = a_pass(Kind.ONCE)
    begins, ends = MONDAY + timedelta(hours=8), MONDAY + timedelta(days=7, hours=8)
    said = [trouble(once, "jinxiu", "south", False, at) for at in (begins - SECOND, begins, ends - SECOND, ends)]
    assert said == ["pass_early", "", "", "pass_expired"], "and its hours are nothing to one that serves once"


def test_a_weekly_pass_is_good_in_its_minutes_and_on_its_days() -> None:
    weekly = a_pass(Kind.WEEKLY, days=(0, 2))
    first, last = MONDAY.replace(hour=9, minute=30), MONDAY.replace(hour=11, minute=15)
    moments = (first - MINUTE, first, last - MINUTE, last, first + timedelta(days=1), first + timedelta(days=2))
    said = [trouble(weekly, "jinxiu", "south", False, at) for at in moments]
    assert said == ["pass_hours", "", "", "pass_hours", "pass_hours", ""]
    assert trouble(a_pass(Kind.WEEKLY), "jinxiu", "south", False, first + timedelta(days=1)) == "", "no days: every day"


@pytest.mark.parametrize("body", [b"", b"\xc1", msgspec.msgpack.encode(["v1"]), msgspec.msgpack.encode("v1")])
def test_what_is_signed_and_no_pass_is_unreadable(body: bytes) -> None:
    text = PREFIX + base64.b32encode(body + KEY.sign(_CONTEXT + body)).decode().rstrip("=")
    with pytest.raises(Unreadable):
        read(text, [KEY.public_key()])


@pytest.mark.parametrize("text", ["", PREFIX, PREFIX + "1", PREFIX + "A", "XX" + "A" * 200])
def test_what_no_camera_read_whole_is_unreadable(text: str) -> None:
    with pytest.raises(Unreadable):
        read(text, [KEY.public_key()])


def test_a_pass_comes_back_as_it_was_issued() -> None:
    weekly = a_pass(Kind.WEEKLY, days=(0, 2))
    assert read(issue(weekly, KEY), [Ed25519PrivateKey.generate().public_key(), KEY.public_key()]) == weekly
