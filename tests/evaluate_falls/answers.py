"""A command of `evaluate`, and the JSON it answers with."""

import json

import pytest


def answer(capsys: pytest.CaptureFixture[str], command, *args: object) -> dict:
    assert command.main([str(a) for a in args] + ["--json"]) == 0
    return json.loads(capsys.readouterr().out.splitlines()[-1])
