"""A command of `evaluate`, and the JSON it answers with."""

import json
from typing import Any, Protocol

import pytest


class Command(Protocol):
    def main(self, argv: list[str]) -> int: ...


def answer(capsys: pytest.CaptureFixture[str], command: Command, *args: object) -> dict[str, Any]:
    assert command.main([str(a) for a in args] + ["--json"]) == 0
    told: dict[str, Any] = json.loads(capsys.readouterr().out.splitlines()[-1])
    return told
