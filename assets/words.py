"""The catalogues: every sentence a person reads, in Chinese and English, from ``assets/i18n/<language>/*.toml``.

A key is ``<file>.<table>.<name>``: ``error.camera_missing`` is ``camera_missing`` in ``error.toml``. A count takes with it the word
that stands for one and for any other number: ``{n:resident|residents}``.
"""

import tomllib
from functools import cache
from string import Formatter
from typing import Any

from assets import asset

LANGUAGES = ("zh", "en")


@cache
def catalogue(language: str) -> dict[str, str]:
    """All sentences of one language, flat. Raises KeyError for a language that is not shipped."""
    if language not in LANGUAGES:
        raise KeyError(language)
    found: dict[str, str] = {}
    for path in sorted(asset("i18n", language).glob("*.toml")):
        _flatten(path.stem, tomllib.loads(path.read_text("utf-8")), found)
    return found


def spoken(language: str) -> str:
    """The shipped language that comes nearest ("en-GB": en); the first one for what is none of them."""
    begins = language.strip().lower()[:2]
    return begins if begins in LANGUAGES else LANGUAGES[0]


def _flatten(prefix: str, table: dict[str, Any], into: dict[str, str]) -> None:
    for key, value in table.items():
        if isinstance(value, dict):
            _flatten(f"{prefix}.{key}", value, into)
        else:
            into[f"{prefix}.{key}"] = value


def say(language: str, key: str, /, **details: object) -> str:
    """The sentence for `key` with its placeholders filled. Raises KeyError where the catalogue lacks it."""
    sentence = catalogue(language)[key]
    return _COUNTED.vformat(sentence, (), details) if "|" in sentence else sentence.format(**details)


class _Counted(Formatter):
    def format_field(self, value: Any, spec: str) -> str:
        one, sep, many = spec.partition("|")
        return f"{value} {one if value == 1 else many}" if sep else format(value, spec)


_COUNTED = _Counted()
