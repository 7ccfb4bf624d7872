"""Residents from tables, good and bad."""

from datetime import date
from pathlib import Path

import pytest
from openpyxl import Workbook

from caregiver.residents.importing import preview, take_over
from caregiver.state import AppState
from domain.errors import Mendable
from offline.fact_table import FactTable

TODAY = date(2026, 11, 23)
HEAD = "姓名,门牌,出生日期,电话,独居\n"


def table(tmp_path: Path, body: str, encoding: str = "utf-8") -> Path:
    path = tmp_path / "people.csv"
    path.write_bytes((HEAD + body).encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_what_excel_writes_in_china_is_read(state: AppState, tmp_path: Path, encoding: str) -> None:
    found = preview(table(tmp_path, "欧阳修远,9-1-101,1948/3/7,138 0000 1111,是\n", encoding), state.people, TODAY)
    profile = found.good[0].profile
    assert (profile.family_name, profile.given_name, profile.born, profile.lives_alone) == (
        "欧阳",
        "修远",
        "1948-03-07",
        True,
    )


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        (",9-1-101,,,", "no_name"), ("王一,,,,", "no_flat"), ("王一,???,,,", "bad_flat"), ("王一,9-1-1,in spring,,", "bad_born"),
        ("王一,9-1-1,1946-02-30,,", "no_such_day"), ("王一,9-1-1,2099-01-01,,", "no_such_day"),
        ("王一,9-1-1,,call me,", "bad_phone"), ("王一,9-1-1,,,perhaps", "bad_yes_no"),
    ],
)  # fmt: skip
def test_each_problem_is_named_with_its_row(state: AppState, tmp_path: Path, row: str, problem: str) -> None:
    found = preview(table(tmp_path, f"李二,9-1-102,,,\n{row}\n"), state.people, TODAY)
    assert [line.number for line in found.good] == [2]
    assert [(line.number, line.problems) for line in found.bad] == [(3, (problem,))]


def test_a_name_with_rare_characters_and_emoji_survives(state: AppState, tmp_path: Path) -> None:
    found = preview(table(tmp_path, "𠮷㛃😀,9-1-103,,,否\n"), state.people, TODAY)
    made = take_over(found.good, state.journal, state.keys)
    state.take()
    person = state.people.find(made[0])
    assert person is not None
    assert person.name == "𠮷㛃😀"


def test_five_thousand_rows_with_three_hundred_bad_ones(state: AppState, tmp_path: Path) -> None:
    rows = [f"王{i},{i // 50 + 20}-1-{i},1950-01-01,,是" if i >= 300 else f"王{i},,1950-01-01,," for i in range(5000)]
    found = preview(table(tmp_path, "\n".join(rows)), state.people, TODAY)
    assert (len(found.good), len(found.bad)) == (4700, 300)
    before = len(state.people)
    take_over(found.good, state.journal, state.keys)
    state.take()
    assert len(state.people) == before + 4700


def test_the_same_table_twice_registers_nobody_twice(state: AppState, tmp_path: Path) -> None:
    path = table(tmp_path, "王一,9-1-104,,,\n王一,9-1-104,,,\n")
    first = preview(path, state.people, TODAY)
    assert [line.problems for line in first.lines] == [(), ("known",)]
    take_over(first.good, state.journal, state.keys)
    state.take()
    assert preview(path, state.people, TODAY).good == []


def test_nothing_is_half_done(state: AppState, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = preview(table(tmp_path, "王一,9-1-105,,,\n王二,9-1-106,,,\n"), state.people, TODAY)
    before = state.journal.pending()

    def fail(*_: object, **__: object) -> None:
        raise Mendable("disk_full", path="/")

    monkeypatch.setattr(FactTable, "insert", fail)
    with pytest.raises(Mendable, match="disk_full"):
        take_over(found.good, state.journal, state.keys)
    assert state.journal.pending() == before


def test_a_workbook_reads_like_a_text(state: AppState, tmp_path: Path) -> None:
    from datetime import datetime

    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["Full name", "Flat", "Born", "Phone"])
    sheet.append(["Ada Lovelace", "9-1-107", datetime(1950, 12, 10), 13800001111])  # noqa: DTZ001 - a cell has no zone
    book.save(tmp_path / "people.xlsx")
    profile = preview(tmp_path / "people.xlsx", state.people, TODAY).good[0].profile
    assert (profile.family_name, profile.given_name) == ("Lovelace", "Ada")
    assert (profile.born, profile.phone) == ("1950-12-10", "13800001111")


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.xlsx", b"not a workbook", "table_unreadable"), ("a.csv", b"\xff\xfe\x00\x81\x20", "table_unreadable"),
        ("a.csv", b"", "table_headings"), ("a.csv", b"x,y\n1,2\n", "table_headings"),
    ],
)  # fmt: skip
def test_a_table_that_is_none_says_what_to_do(
    state: AppState, tmp_path: Path, name: str, content: bytes, code: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(Mendable, match=code):
        preview(tmp_path / name, state.people, TODAY)
