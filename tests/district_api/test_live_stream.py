"""The live stream goes on where it was left."""

from collections.abc import Callable

import pytest

from district.feeds.feed import write_cursor
from district.operator import commands
from offline.line.stream import StreamListener
from offline.wire import FeedItem
from tests.fakes.serving import Joined, Serving
from tests.fakes.waiting import until


def test_the_stream_resumes_where_it_was_left(join: Callable[..., Joined], district: Serving) -> None:
    desk = join("caregiver")
    for n in range(3):
        district.office.store.append_own("incident.evidence", "jinxiu", None, n, {"n": n})
    stream = desk.transport.stream("1")
    came = [said.position for said in (next(stream) for _ in range(4)) if isinstance(said, FeedItem)]
    stream.close()
    assert came == [2, 3]


def test_no_proxy_keeps_back_what_comes_to_gather_more(join: Callable[..., Joined]) -> None:
    """Tried with nginx 1.22 as it is installed: without this header nothing arrived in 5 s, with it a comment every 2 s."""
    desk = join("caregiver")
    answer = desk.transport.request("GET", "/v1/stream", silence_s=5, stream=True)
    answer.close()
    assert answer.headers["X-Accel-Buffering"] == "no"


def test_a_place_beyond_the_feeds_end_is_its_end(join: Callable[..., Joined], district: Serving) -> None:
    """The district was restored from an older backup: what comes next comes at places that the desk was beyond."""
    desk = join("caregiver")
    stream = desk.transport.stream(write_cursor(1, {"jinxiu": 1_000}))
    assert not isinstance(next(stream), FeedItem)
    told = district.office.store.append_own("incident.evidence", "jinxiu", None, 1, {"n": 1})
    came = next(said for said in stream if isinstance(said, FeedItem))
    stream.close()
    assert came.event.id == told.event.id


def test_who_was_away_for_long_is_told_all_of_it_without_a_pause(
    join: Callable[..., Joined], district: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("district.api.stream._PAGE", 2)
    desk = join("caregiver")
    for n in range(6):
        district.office.store.append_own("incident.evidence", "jinxiu", None, n, {"n": n})
    district.office.hub._community("jinxiu").complete_from = 7  # too long ago to be at hand
    stream = desk.transport.stream("1")
    came = [getattr(next(stream), "position", None) for _ in range(6)]
    stream.close()
    assert came == [None, 2, 3, 4, 5, 6], "nothing but the greeting between them"


def test_a_desk_of_two_communities_resumes_in_each_where_it_was(join: Callable[..., Joined], district: Serving) -> None:
    """The one's feed is far longer than the other's: a single number for both would pass over what came in the shorter one."""
    desk = join("caregiver")
    commands.perform(district.office, "scope", {"device": desk.journal.device, "communities": ["jinxiu", "yulan"]})
    tell = district.office.store.append_own
    for n in range(9):
        tell("incident.evidence", "jinxiu", None, n, {"n": n})
    desk.client.round()
    listener = StreamListener(desk.journal, desk.transport, lambda: None)
    listener._began = True  # the line was cut, and meanwhile:
    missed = tell("incident.evidence", "yulan", None, 10, {"n": 10})
    listener.start()
    until(lambda: missed.event.id in [f.envelope.id for f in desk.journal.facts("incident.evidence")])
    listener.stop()
