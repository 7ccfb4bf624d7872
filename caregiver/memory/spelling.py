"""How a name sounds, so that whoever types letters finds it: every reading of every character, whole and by initials."""

import os
from collections.abc import Iterable
from itertools import islice, product

MOST = 32  # readings of one name; four characters with two each are 16
# Mostly read otherwise as a family name than as a word: what such a name is sorted by.
FAMILY = {
    "单": "shan", "仇": "qiu", "解": "xie", "查": "zha", "朴": "piao", "区": "ou", "曾": "zeng", "盖": "ge", "乐": "yue",
    "翟": "zhai", "缪": "miao", "覃": "qin", "员": "yun", "召": "shao", "折": "she", "秘": "bi", "么": "yao", "句": "gou",
    "尉": "wei", "黑": "he", "洗": "xian", "纪": "ji", "燕": "yan", "宁": "ning",
}  # fmt: skip


def spell(names: Iterable[str]) -> dict[str, str]:
    """Name -> its readings and their initials, lower case with blanks between, the likeliest last. Slow the first time."""
    os.environ.setdefault("PYPINYIN_NO_PHRASES", "1")  # 46 MB and 190,000 lists that names have no use for
    from pypinyin import Style, pinyin

    spelled = {}
    for name in names:
        readings = pinyin(name, style=Style.NORMAL, heteronym=True)
        if readings and (likely := FAMILY.get(name[0])):
            readings[0] = [likely, *(other for other in readings[0] if other != likely)]
        found = [
            f"{''.join(reading)} {''.join(syllable[0] for syllable in reading)}"
            for reading in islice(product(*readings), MOST)
        ]
        spelled[name] = " ".join(reversed(found)).lower()
    return spelled
