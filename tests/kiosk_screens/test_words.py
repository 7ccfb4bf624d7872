"""How the words of a page break into lines."""

from collections.abc import Callable

import pytest
from PySide6.QtGui import QTextLayout, QTextOption
from PySide6.QtWidgets import QLabel

from kiosk.screens.words import even
from qtkit.theme import Theme
from qtkit.widgets import text

SAID = ("The gate is open, come in", "Uncover mouth and nose, or use a way below", "We have not met yet")


def lines(label: QLabel, width: int) -> list[str]:
    layout = QTextLayout(label.text(), label.font())
    layout.setTextOption(QTextOption())
    layout.beginLayout()
    found = []
    while (line := layout.createLine()).isValid():
        line.setLineWidth(width)
        found.append(label.text()[line.textStart() : line.textStart() + line.textLength()].strip())
    layout.endLayout()
    return found


@pytest.mark.parametrize("said", SAID)
@pytest.mark.parametrize("width", range(300, 700, 40))
def test_no_word_stands_alone_in_the_last_line_and_no_line_is_added_for_it(
    themed: Callable[[float], Theme], width: int, said: str
) -> None:
    """As "The gate is open, come / in" did."""
    themed(1.0)
    label = text(said, "title")
    label.ensurePolished()
    before = lines(label, width)
    even(label, width)
    after = lines(label, width - label.contentsMargins().left() - label.contentsMargins().right())
    advance = label.fontMetrics().horizontalAdvance
    assert len(after) == len(before)
    assert max(map(advance, after)) <= max(map(advance, before))
    assert len(after) != 2 or len(after[-1].split()) > 1


@pytest.mark.parametrize("name", ["Obama先生", "欧阳老师傅", "阿依古丽女士"])
def test_a_greeting_in_chinese_breaks_after_the_name_and_not_within_a_word(
    themed: Callable[[float], Theme], name: str
) -> None:
    themed(1.0)
    label = text(f"{name}，晚上好", "title")
    label.ensurePolished()
    width = label.fontMetrics().horizontalAdvance(f"{name}，晚") + 4
    assert lines(label, width)[1] == "上好"
    even(label, width)
    assert lines(label, width - 2 * label.contentsMargins().left()) == [f"{name}，", "晚上好"]


def test_chinese_without_a_mark_where_it_would_fit_is_left_as_it_breaks(themed: Callable[[float], Theme]) -> None:
    themed(1.0)
    label = text("请走近一点，我们只看最前面的一个人然后为您打开", "title")
    label.ensurePolished()
    even(label, label.fontMetrics().horizontalAdvance(label.text()) - 80)
    assert label.contentsMargins().left() == 0
