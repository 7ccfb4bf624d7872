"""What travels is compressed, and what is inflated has an end."""

import gzip

import pytest
import zstandard

from offline.wire import MAX_BODY_BYTES, compress, decompress

BODY = b'{"kind":"passage.recorded"}' * 100


def test_a_batch_of_like_facts_travels_in_a_tenth_and_arrives_as_it_was() -> None:
    assert len(compress(BODY)) * 10 < len(BODY)
    assert decompress(compress(BODY), "zstd") == BODY


@pytest.mark.parametrize(
    ("body", "encoding"),
    [(BODY, ""), (BODY, "identity"), (gzip.compress(BODY), "gzip"), (zstandard.compress(BODY), "zstd")],
    ids=["unsaid", "identity", "gzip", "zstd"],
)
def test_every_encoding_that_a_client_may_choose_is_read(body: bytes, encoding: str) -> None:
    assert decompress(body, encoding) == BODY


@pytest.mark.parametrize("encoding", ["", "gzip", "zstd"])
def test_a_body_that_inflates_beyond_the_limit_is_refused(encoding: str) -> None:
    bomb = bytes(MAX_BODY_BYTES + 1)
    packed = {"": bomb, "gzip": gzip.compress(bomb), "zstd": zstandard.compress(bomb)}[encoding]
    with pytest.raises(ValueError, match="too large"):
        decompress(packed, encoding)


@pytest.mark.parametrize(
    ("body", "encoding"), [(b"no", "gzip"), (b"no", "zstd"), (BODY, "br")], ids=["gzip", "zstd", "br"]
)
def test_what_is_not_what_it_says_is_refused(body: bytes, encoding: str) -> None:
    with pytest.raises(ValueError, match=r"not|unknown"):
        decompress(body, encoding)
