"""What a fact is once it has travelled, whatever became of its payload on the way."""

import base64

import msgspec
import pytest

from domain.events import Clock, payload_digest
from offline.wire import Event, dump

SALT, BODY = bytes(range(16)), b'{"gate":"south"}'
WHOLE = Event(
    1, "a" * 32, "passage.recorded", 1, "jinxiu", 1_000, Clock.SYNCED, "0000000003e8.0000", payload_digest(SALT, BODY),
    salt=base64.b64encode(SALT).decode(), payload=msgspec.Raw(BODY),
)  # fmt: skip


def test_a_fact_arrives_as_it_was_sent() -> None:
    assert msgspec.json.decode(dump(WHOLE), type=Event) == WHOLE
    assert WHOLE.payload_matches()


@pytest.mark.parametrize("written", ["null", None], ids=["null", "left out"])
def test_an_erased_payload_is_absent_however_it_is_written(written: str | None) -> None:
    told = msgspec.json.decode(dump(WHOLE))
    del told["payload"], told["salt"]
    came = msgspec.json.decode(dump(told if written is None else {**told, "payload": None}), type=Event)
    assert came.payload is None
    assert came.payload_matches(), "nothing is left that could be wrong"


@pytest.mark.parametrize("salt", [None, "", "A", base64.b64encode(SALT[::-1]).decode()])
def test_a_payload_whose_salt_is_gone_or_another_is_not_what_was_written(salt: str | None) -> None:
    assert not msgspec.structs.replace(WHOLE, salt=salt).payload_matches()


def test_a_payload_that_was_altered_is_not_what_was_written() -> None:
    assert not msgspec.structs.replace(WHOLE, payload=msgspec.Raw(b'{"gate":"north"}')).payload_matches()
