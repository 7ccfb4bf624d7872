import threading
import weakref
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from PySide6.QtCore import QObject

from qtkit.background import Background


def fail() -> None:
    raise ValueError("no")


def test_the_result_arrives_on_the_windows_thread(qtbot: Any) -> None:
    background = Background()
    seen: list[tuple[int, bool]] = []
    background.run(
        lambda: 42, lambda value: seen.append((value, threading.current_thread() is threading.main_thread()))
    )
    qtbot.waitUntil(lambda: not background.busy)
    assert seen == [(42, True)]
    background.close()


def test_a_failure_goes_to_its_own_handler_and_otherwise_to_whoever_hears_what_nobody_caught(qtbot: Any) -> None:
    background = Background()
    errors: list[Exception] = []
    background.run(fail, otherwise=errors.append)
    qtbot.waitUntil(lambda: not background.busy)
    assert isinstance(errors[0], ValueError)
    with qtbot.captureExceptions() as uncaught:
        background.run(fail)
        qtbot.waitUntil(lambda: not background.busy)
    assert [kind for kind, *_ in uncaught] == [ValueError]
    background.close()


def test_cancelled_work_never_reports(qtbot: Any) -> None:
    background = Background(threads=1)
    go, seen = threading.Event(), list[object]()
    job = background.run(go.wait, seen.append)
    job.cancel()
    go.set()
    with qtbot.waitCallback() as last:
        background.run(lambda: "last", last)
    assert job.cancelled
    assert seen == []
    background.close()


def test_work_dies_with_its_owner(qtbot: Any) -> None:
    background, owner, go = Background(threads=1), QObject(), threading.Event()
    job = background.run(go.wait, owner=owner)
    owner.deleteLater()
    with qtbot.waitSignal(owner.destroyed):
        pass
    assert job.cancelled
    go.set()
    background.close()


def test_closing_leaves_no_thread(qtbot: Any) -> None:
    background = Background(threads=2)
    for _ in range(4):
        background.run(lambda: None)
    background.close()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("background")]
    with pytest.raises(RuntimeError):
        background.run(lambda: None)


def test_a_reading_that_was_overtaken_shows_nothing_old(qtbot: Any) -> None:
    background, owner = Background(threads=2), QObject()
    slow, shown = threading.Event(), list[str]()

    def old() -> str:
        assert slow.wait(10)
        return "old"

    background.read_anew(old, shown.append, owner)
    background.read_anew(lambda: "new", shown.append, owner)
    qtbot.waitUntil(lambda: shown == ["new"])
    slow.set()
    qtbot.waitUntil(lambda: not background.busy)
    assert shown == ["new"]
    background.close()


def _tell(told: Callable[[object], object], _owner: QObject, value: object) -> None:
    told(value)


def test_whoever_is_told_is_let_go_of_once_they_have_been(qtbot: Any) -> None:
    """What Qt let go of only in a job's destructor could be the background itself, for the last time: it died twice."""
    background, owner = Background(threads=1), QObject()
    with qtbot.waitCallback() as told:
        background.run(lambda: 42, partial(_tell, told, owner), owner=owner)
    background.close()
    gone = weakref.ref(owner)
    del owner
    assert gone() is None


def test_what_the_work_held_ends_on_the_windows_thread(qtbot: Any) -> None:
    """It may be a window, and Qt's objects die in no thread but their own."""
    background, go, ended = Background(threads=1), threading.Event(), list[threading.Thread]()

    class Held:
        def __del__(self) -> None:
            ended.append(threading.current_thread())

    background.run(partial(lambda _held: go.wait(10), Held()))
    go.set()
    qtbot.waitUntil(lambda: bool(ended))
    background.close()
    assert ended == [threading.main_thread()]


def test_whoever_waits_for_an_answer_keeps_no_page_waiting(qtbot: Any) -> None:
    background, go = Background(threads=1, asking=1), threading.Event()
    background.run(partial(go.wait, 10), asks=True)
    with qtbot.waitCallback() as read:
        background.run(lambda: "what is here", read)
    go.set()
    background.close()


def test_closing_cuts_who_waits_in_vain_and_nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qtkit.background.LAST_WORDS_S", 0.0)
    background, never, cuts = Background(), threading.Event(), list[str]()

    def cut() -> None:
        cuts.append("cut")
        never.set()

    background.cut_by(cut)
    ended: list[bool] = []
    background.run(lambda: ended.append(never.wait(60)), asks=True)
    background.close()
    assert (cuts, ended) == (["cut"], [True])
    calm = Background()
    calm.cut_by(lambda: cuts.append("again"))
    calm.close()
    assert cuts == ["cut"]


def test_what_answers_in_time_is_not_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qtkit.background.LAST_WORDS_S", 60.0)
    background, cuts, begun, done = Background(), list[str](), threading.Event(), list[str]()
    background.cut_by(lambda: cuts.append("cut"))

    def answer() -> None:
        begun.set()
        while not background._closed:  # it comes once the window has closed
            pass
        done.append("answered")

    background.run(answer, asks=True)
    assert begun.wait(10)
    background.close()
    assert (cuts, done) == ([], ["answered"])


def test_a_reading_that_has_not_begun_is_not_begun_once_there_is_a_newer_one(qtbot: Any) -> None:
    background, owner, free = Background(threads=1), QObject(), threading.Event()
    done: list[int] = []
    background.run(lambda: free.wait(10))
    for number in range(5):
        background.read_anew(partial(done.append, number), lambda _: None, owner)
    free.set()
    qtbot.waitUntil(lambda: not background.busy)
    assert done == [4]
    background.close()
