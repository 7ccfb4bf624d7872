"""The gate comes first where it may, and works where it may not."""

import os
import subprocess
import sys
from threading import Thread

import pytest

from kiosk.priority import come_first, punctual


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


def test_a_windows_thread_is_punctual_only_while_it_runs_and_its_threads_are_not() -> None:
    plain = os.sched_getscheduler(0)
    policies: list[int] = []
    with punctual() as allowed:
        assert (os.sched_getscheduler(0) & ~os.SCHED_RESET_ON_FORK == os.SCHED_RR) is allowed
        other = Thread(target=lambda: policies.append(os.sched_getscheduler(0)))
        other.start()
        other.join()
    assert policies == [os.SCHED_OTHER]
    assert os.sched_getscheduler(0) == plain


def test_punctual_without_leave_is_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "sched_setscheduler", refused)
    with punctual() as allowed:
        assert not allowed
