"""What a recorded answer was asked, however it is written down: `asked.txt`."""

import re
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from domain.challenge import Step, Turn
from evaluate._text import text_of

NAMES = (
    dict.fromkeys(("left", "leftward", "leftwards", "l", "左", "←"), Turn.LEFT)
    | dict.fromkeys(("right", "rightward", "rightwards", "r", "右", "→"), Turn.RIGHT)
    | dict.fromkeys(("centre", "center", "c", "straight", "front", "forward", "middle"), Turn.CENTRE)
    | dict.fromkeys(("正前方", "正前", "正面", "前方", "前面", "中间", "正中", "中", "正"), Turn.CENTRE)
)
# what people are asked elsewhere: an answer of turns says nothing about it
ELSE = r"(?:up|down)(?:wards?)?|nod|shake|tilt|blink|wink|smile|open|close|mouth|eyes?|sideways|not|don"
ELSE_ZH = r"[点抬低摇歪仰]头|眨眼|[睁闭]眼|张嘴|微笑|[向往朝][上下]|[上下]看|不要|别转"
OTHER_THAN_TURNS = re.compile(f"{ELSE}|{ELSE_ZH}")
SAID = re.compile(rf"\d+(?:\.\d*)?|\.\d+|[a-z]+|{ELSE_ZH}|{'|'.join(name for name in NAMES if not name.isascii())}")
ARROW = re.compile(r"[a-z\u4e00-\u9fff]\s*→\s*[a-z\u4e00-\u9fff]")  # between words it only joins them
LAST_S = 1.5  # of a last turn whose end is not told


def read_asked(folder: Path, source: Path) -> list[Step] | list[Turn]:
    """The asked sequence of a clip of the response in `folder`: steps where it gives times, turns where it does not.

    Words around the turns do not matter, in English or Chinese. Raises OSError where it cannot be read, ValueError without an
    asked.txt, and where it asks for something else or cannot be understood.
    """
    inside = [parent for parent in (source, *source.parents) if parent == folder or folder in parent.parents]
    places = [source.with_suffix(".asked.txt"), Path(f"{source}.asked.txt"), *(p / "asked.txt" for p in inside)]
    path = next((p for p in places if p.is_file()), None)
    if path is None:
        raise ValueError(f"no asked.txt says what was asked; it belongs into {source if source.is_dir() else folder}")
    text = text_of(path).lower()
    if ARROW.search(text):
        text = text.replace("→", " ")
    words = SAID.findall(text)
    if strange := next((w for w in words if OTHER_THAN_TURNS.fullmatch(w)), None):
        raise ValueError(f"{path} says “{strange}”; a turn is left, right or centre")
    told = [NAMES.get(w) or float(w) for w in words if w in NAMES or not w.isalpha()]
    turns = [t for t in told if isinstance(t, Turn)]
    numbers = _times(told, len(turns))
    starts = numbers if len(numbers) == len(turns) else numbers[::2]
    if not turns or len(numbers) not in (0, len(turns), 2 * len(turns)) or starts != sorted(set(starts)):
        raise ValueError(f"{path} is to name turns, each with no time, its start, or its start and end")
    if not numbers:
        return turns
    ends = [*numbers[1:], numbers[-1] + LAST_S] if starts is numbers else numbers[1::2]
    return [Step(*step) for step in zip(turns, starts, ends, strict=True)]


def _times(told: Sequence[Turn | float], turns: int) -> list[float]:
    """The numbers that are seconds: not those that count the turns, 1 to `turns`, each before its own."""
    before = [i for i, (a, b) in enumerate(pairwise(told)) if isinstance(b, Turn) and not isinstance(a, Turn)]
    if [told[i] for i in before] != [float(i + 1) for i in range(turns)]:
        before = []
    return [x for i, x in enumerate(told) if not isinstance(x, Turn) and i not in before]
