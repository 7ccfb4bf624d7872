"""What travels is compressed, and what is inflated has an end."""

import gzip

import pytest
import zstandard

from offline.wire import MAX_BODY_BYTES, compress, decompress, unpacked

BODY = b'{"kind":"passage.recorded"}' * 100


def test_a_batch_of_like_facts_travels_in_a_tenth_and_arrives_as_it_was() -> None:
    assert len(compress(BODY)) * 10 < len(BODY)
    assert decompress(compress(BODY), "zstd") == BODY


@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        (BODY, ""),
        (BODY, "identity"),
        (gzip.compress(BODY), "gzip"),
        (zstandard.compress(BODY), "zstd"),
        (zstandard.ZstdCompressor(write_content_size=False).compress(BODY), "zstd"),
    ],
    ids=["unsaid", "identity", "gzip", "zstd", "zstd that does not say how much it is"],
)
def test_every_encoding_that_a_client_may_choose_is_read(body: bytes, encoding: str) -> None:
    assert decompress(body, encoding) == BODY


@pytest.mark.parametrize("encoding", ["", "gzip", "zstd", "zstd unsaid"])
def test_a_body_that_inflates_beyond_the_limit_is_refused(encoding: str) -> None:
    bomb = bytes(MAX_BODY_BYTES + 1)
    unsaid = zstandard.ZstdCompressor(write_content_size=False)
    packed = {
        "": bomb, "gzip": gzip.compress(bomb), "zstd": zstandard.compress(bomb), "zstd unsaid": unsaid.compress(bomb),
    }[encoding]  # fmt: skip
    with pytest.raises(ValueError, match="too large"):
        decompress(packed, encoding.partition(" ")[0])


@pytest.mark.parametrize("encoding", ["", "gzip", "zstd", "zstd unsaid"])
def test_a_body_of_just_the_limit_is_read_and_a_byte_more_is_not(encoding: str) -> None:
    unsaid = zstandard.ZstdCompressor(write_content_size=False)
    packed = {
        "": BODY, "gzip": gzip.compress(BODY), "zstd": zstandard.compress(BODY), "zstd unsaid": unsaid.compress(BODY),
    }[encoding]  # fmt: skip
    assert decompress(packed, encoding.partition(" ")[0], limit=len(BODY)) == BODY
    with pytest.raises(ValueError, match="too large"):
        decompress(packed, encoding.partition(" ")[0], limit=len(BODY) - 1)


def test_an_answer_of_just_the_limit_is_read_and_an_empty_one_is_empty() -> None:
    assert unpacked(compress(BODY), "zstd", limit=len(BODY)) == BODY
    assert unpacked(compress(b""), "zstd") == b""


@pytest.mark.parametrize(
    ("body", "encoding"), [(b"no", "gzip"), (b"no", "zstd"), (BODY, "br")], ids=["gzip", "zstd", "br"]
)
def test_what_is_not_what_it_says_is_refused(body: bytes, encoding: str) -> None:
    with pytest.raises(ValueError, match=r"not|unknown"):
        decompress(body, encoding)


def test_an_answer_is_read_as_it_was_before_it_was_compressed() -> None:
    assert unpacked(compress(BODY), "zstd") == BODY
    assert unpacked(BODY, "") == BODY


@pytest.mark.parametrize(
    "body",
    [
        compress(bytes(1_001)),
        zstandard.ZstdCompressor(write_content_size=False).compress(BODY),
        compress(BODY)[:-9],
        b"no",
    ],
    ids=["too much", "how much is not said", "cut short", "not zstd"],
)
def test_an_answer_that_is_not_what_it_says_or_too_much_is_not_inflated(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"large|not zstd"):
        unpacked(body, "zstd", limit=1_000 if body == compress(bytes(1_001)) else len(BODY))
