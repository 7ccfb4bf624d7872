"""Names are found by how they sound, whichever way that is."""

import pytest

from caregiver.memory.spelling import MOST, spell


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("王秀兰", "wangxiulan wxl"),
        ("单秀英", "shanxiuying sxy danxiuying dxy"),
        ("曾长生", "zengchangsheng zcs zengzhangsheng zzs"),
        ("万俟乐", "moqile mql"),
        ("尉迟恭", "yuchigong ycg"),
        ("Smith", "smith s"),
    ],
)
def test_every_reading_of_a_name_finds_it(name: str, typed: str) -> None:
    assert set(typed.split()) <= set(spell([name])[name].split())


@pytest.mark.parametrize(
    ("name", "initials"), [("单秀英", "sxy"), ("仇国华", "qgh"), ("曾桂兰", "zgl"), ("任行", "rx")]
)
def test_it_stands_in_a_list_where_one_looks_for_it(name: str, initials: str) -> None:
    assert spell([name])[name].split()[-1] == initials


def test_no_name_has_readings_without_end() -> None:
    name = "阿不都" * 6
    assert len(spell([name])[name].split()) == 2 * MOST


@pytest.mark.parametrize("name", ["", " ", "😀", "𠅤", "·"])
def test_what_has_no_reading_is_no_trouble(name: str) -> None:
    assert name in spell([name])
