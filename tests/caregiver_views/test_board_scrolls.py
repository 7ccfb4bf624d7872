"""The board with 2,000 elders: scrolling costs what is in sight, however long the list is. Counted, not timed."""

from collections import Counter
from collections.abc import Callable

import pytest

from caregiver.elders.board_delegate import BoardDelegate
from caregiver.main_window import MainWindow
from qtkit.shots import settle

STEPS = 40


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often a line was measured and painted; the delegate does what it always does."""
    counts: Counter[str] = Counter()
    for name in ("paint", "sizeHint"):
        real = getattr(BoardDelegate, name)

        def counting(
            self: BoardDelegate, *args: object, name: str = name, real: Callable[..., object] = real
        ) -> object:
            counts[name] += 1
            return real(self, *args)

        monkeypatch.setattr(BoardDelegate, name, counting)
    return counts


@pytest.mark.parametrize("cards", [False, True], ids=["rows", "cards"])
def test_scrolling_two_thousand_paints_only_what_is_in_sight(
    counted: Counter[str], window: MainWindow, cards: bool
) -> None:
    window.alarm.show_work(None)
    board = window.board
    board.form.setChecked(cards)
    board.model.show(window.state.elders.board.rows() * 42)
    assert board.model.rowCount() > 2_000
    settle(window)
    bar, view = board.list.verticalScrollBar(), board.list.viewport()
    cell = board.list.visualRect(board.model.index(0))
    across = max(1, view.width() // cell.width())
    in_sight = (view.height() // cell.height() + 2) * across
    counted.clear()
    painted = []
    for step in range(STEPS + 1):
        bar.setValue(bar.maximum() * step // STEPS)
        before = counted["paint"]
        view.repaint()
        painted.append(counted["paint"] - before)
    assert min(painted) > 0, "every place of the list was painted"
    assert max(painted) <= in_sight, "no more than one sees"
    assert counted["sizeHint"] <= STEPS * 4, "the lines are not measured again one by one"
    assert board.list.indexAt(view.rect().center()).row() > 1_900, "the end was reached"
