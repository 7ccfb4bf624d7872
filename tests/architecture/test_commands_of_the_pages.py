"""Every command that a page tells whoever runs the programs can be typed as it stands there."""

import argparse
import re
import shlex
from collections.abc import Iterator

import pytest

import caregiver.__main__
import district.__main__
import kiosk.__main__
from tests.architecture.packages import ROOT

PARSERS = {
    "district": district.__main__.parser,
    "kiosk": kiosk.__main__.parser,
    "caregiver": caregiver.__main__.parser,
}
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))


def lines(page: str) -> Iterator[str]:
    """What is set as code: blocks line by line, and words within a sentence."""
    for n, part in enumerate(page.replace("\\\n", "").split("```")):
        yield from (
            part.splitlines() if n % 2 else (words.replace("\n", " ") for words in re.findall(r"`([^`]+)`", part))
        )


def typed(page: str) -> Iterator[tuple[str, list[str]]]:
    """(program, arguments); what a page only hints at (`shouwang-kiosk …`, `card|pin`) is none."""
    for line in lines(page):
        for command in re.split(r"&&|\s\|", line) if re.search(r"shouwang-|\./run ", line) else ():
            words = shlex.split(command, comments=True)
            words = words[words[:1] == ["sudo"] :]
            words = words[: words.index(">")] if ">" in words else words
            program, *rest = words[1:] if words[:1] == ["./run"] else words or [""]
            name = program.removeprefix("shouwang-")
            if name in PARSERS and words[0] != name and not {"…", "--help"} & {*rest} and "|" not in "".join(rest):
                yield name, rest


def test_every_command_of_the_pages_can_be_typed(capsys: pytest.CaptureFixture[str]) -> None:
    told = [(page.name, *command) for page in PAGES for command in typed(page.read_text("utf-8"))]
    wrong = [
        f"{page}: {program} {' '.join(rest)}" for page, program, rest in told if not _taken(PARSERS[program](), rest)
    ]
    assert wrong == [], capsys.readouterr().err
    assert {program for _, program, _ in told} == set(PARSERS)
    assert len(told) > 60


def _taken(parser: argparse.ArgumentParser, rest: list[str]) -> bool:
    """Whether it is a command, or the name of one."""
    for words in (rest, [*rest, "--help"]):
        try:
            parser.parse_args(words)
        except SystemExit as end:
            named = not any(word.startswith("-") for word in rest)
            if not (named and words is not rest and end.code == 0):
                continue
        return True
    return False
