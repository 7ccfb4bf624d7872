"""Residents from tables, good and bad."""

import zipfile
from datetime import date, datetime
from pathlib import Path

import pytest
from openpyxl import Workbook

from caregiver.residents.importing import preview, take_over
from caregiver.state import AppState
from domain.errors import Mendable
from offline.journal.fact_table import FactTable

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


def test_a_flat_that_excel_took_for_a_day_is_not_taken_over(state: AppState, tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["姓名", "门牌"])
    sheet.append(["王一", datetime(2012, 3, 1)])  # noqa: DTZ001 - a cell has no zone
    book.save(tmp_path / "people.xlsx")
    assert [line.problems for line in preview(tmp_path / "people.xlsx", state.people, TODAY).bad] == [("flat_is_day",)]


@pytest.mark.parametrize(
    ("name", "whole"),
    [
        ("王　二", ("王", "二")), ("王 秀兰", ("王", "秀兰")), ("王\n秀兰", ("王", "秀兰")), ("欧阳 修", ("欧阳", "修")),
        ("Ada  King Lovelace", ("Lovelace", "Ada King")), ("𠮷 㛃", ("𠮷", "㛃")),
    ],
)  # fmt: skip
def test_a_name_is_read_however_it_was_spaced(
    state: AppState, tmp_path: Path, name: str, whole: tuple[str, str]
) -> None:
    found = preview(table(tmp_path, f'"{name}",9-1-101,,,\n'), state.people, TODAY).good[0].profile
    assert (found.family_name, found.given_name) == whole


@pytest.mark.parametrize("flat", ["3－2－501", "３-２-５０１", "3栋2单元501室", "3号楼2单元501", "3 - 2 - 501"])
def test_a_flat_is_read_however_it_was_written(state: AppState, tmp_path: Path, flat: str) -> None:
    assert preview(table(tmp_path, f"王一,{flat},,,\n"), state.people, TODAY).good[0].profile.flat == "3-2-501"


def test_a_name_without_end_is_a_slip_of_columns(state: AppState, tmp_path: Path) -> None:
    [line] = preview(table(tmp_path, f"{'王' * 4000},9-1-101,,,\n"), state.people, TODAY).bad
    assert line.problems == ("long_name",)
    assert len(line.profile.full_name) < 80


@pytest.mark.parametrize("between", [";", "\t"])
def test_columns_may_be_divided_otherwise(state: AppState, tmp_path: Path, between: str) -> None:
    path = tmp_path / "people.csv"
    path.write_text(f"姓名{between}门牌\n王一{between}9-1-101\n", "utf-8")
    assert len(preview(path, state.people, TODAY).good) == 1


@pytest.mark.parametrize("how", ["cut", "stirred", "torn", "another"])
def test_a_damaged_workbook_says_what_to_do(state: AppState, tmp_path: Path, how: str) -> None:
    whole, path = tmp_path / "whole.xlsx", tmp_path / "people.xlsx"
    book = Workbook()
    for number in range(40):
        book.worksheets[0].append([f"王{number}", f"9-1-{number}"])
    book.save(whole)
    raw = whole.read_bytes()
    if how in ("cut", "another"):
        with zipfile.ZipFile(whole) as old, zipfile.ZipFile(path, "w") as new:
            for name in old.namelist() if how == "cut" else ("else.txt",):
                content = old.read(name) if how == "cut" else b"no workbook"
                new.writestr(name, content[: len(content) // 2] if "sheet1" in name else content)
    else:
        stirred = bytearray(raw)
        with zipfile.ZipFile(whole) as old:
            at = old.getinfo("xl/worksheets/sheet1.xml").header_offset + 120
        stirred[at : at + 60] = bytes(60)
        path.write_bytes(bytes(stirred) if how == "stirred" else raw[: len(raw) // 2])
    with pytest.raises(Mendable, match="table_unreadable"):
        preview(path, state.people, TODAY)


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
