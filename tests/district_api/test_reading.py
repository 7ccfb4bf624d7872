"""What is read of a request's body."""

import msgspec
import pytest

from district.api.problems import Refusal
from district.api.reading import read


class Note(msgspec.Struct):
    text: str


@pytest.mark.parametrize("text", ["a\0", "\0", "\\\0"])
def test_no_word_holds_a_nul(text: str) -> None:
    with pytest.raises(Refusal):
        read(msgspec.json.encode(Note(text)), Note)


@pytest.mark.parametrize("text", [r"\u0000", r"\\u0000", "u0000", "C:\\u0000.jpg"])
def test_a_backslash_that_somebody_wrote_is_none(text: str) -> None:
    assert read(msgspec.json.encode(Note(text)), Note).text == text
