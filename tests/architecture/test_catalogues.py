"""Both catalogues are complete, and their placeholders are the same."""

import re
import string

from assets.words import LANGUAGES, catalogue


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_every_sentence_stands_in_every_language() -> None:
    keys = {language: set(catalogue(language)) for language in LANGUAGES}
    assert keys["zh"] ^ keys["en"] == set()


def test_a_sentence_has_the_same_placeholders_everywhere() -> None:
    zh, en = catalogue("zh"), catalogue("en")
    assert {k for k in zh if placeholders(zh[k]) != placeholders(en[k])} == set()


def test_no_sentence_shouts_and_an_empty_one_is_empty_in_both_languages() -> None:
    for language in LANGUAGES:
        for key, text in catalogue(language).items():
            assert bool(text) == bool(catalogue("zh")[key]), key
            assert "!" not in text, (key, text)
            assert "!" not in text, (key, text)


def test_chinese_is_punctuated_as_chinese_is() -> None:
    """Marks beside an ideograph take its width; Latin text, addresses, lines to be typed and keys of menus keep their own."""
    half = re.compile("[\u4e00-\u9fff][,;:?!()]|[,;:?!()][\u4e00-\u9fff]")
    typed = re.compile(r"17,王.*|pack:文件夹|rtsp://用户:密码@|GRANT .* TO 服务用户|\(&[A-Z]\)")
    found = {key for key, text in catalogue("zh").items() if half.search(typed.sub("", text))}
    assert found == set()
