"""The gate comes first where it may, and works where it may not."""

import os
import subprocess
import sys

import pytest

from kiosk.priority import come_first


def test_a_process_comes_first_or_goes_on_as_it_is() -> None:
    told = subprocess.run(
        [sys.executable, "-c", "import os; from kiosk.priority import come_first; print(come_first(-3), os.nice(0))"],
        capture_output=True, text=True, check=True, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip
    assert told.stdout.split() in (["True", "-3"], ["False", "0"])


def test_without_leave_nothing_is_said_but_no(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: int) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "setpriority", refused)
    assert not come_first(-3)
