"""How the district's commands speak to whoever typed them: answers on standard output, remarks beside it."""

import argparse
import sys
from collections.abc import Callable
from typing import Any, TypeAlias

from assets.words import say
from district.config import DistrictSettings
from domain.events import from_ms
from offline.program import terminal_language

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"
Do = Callable[[DistrictSettings, argparse.Namespace], int]  # what a command does; the exit status


def remark(name: str, **details: object) -> None:
    """For the person at the terminal: not on standard output, which scripts read."""
    print(say(terminal_language(), f"district.{name}", **details), file=sys.stderr)


def new_community(community: str, told: dict[str, Any]) -> None:
    """A mistyped name makes a community of its own, in which nobody hears the alarm."""
    if told["new_community"]:
        remark("new_community", community=community, known=", ".join(told["new_community"]))


def minute(ms: int) -> str:
    return f"{from_ms(ms):%Y-%m-%d %H:%M}"
