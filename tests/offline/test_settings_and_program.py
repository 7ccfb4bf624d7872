import errno
import io
import logging
import os
import re
import subprocess
import sys
from argparse import ArgumentTypeError
from datetime import date
from pathlib import Path
from typing import Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field

from assets.words import LANGUAGES
from domain.errors import Mendable
from offline.program import alone, ask_secret, day, guarded, keep_log, mendable, sentence, terminal_language
from offline.settings import Settings, load


class Gate(BaseModel):
    model_config = ConfigDict(extra="forbid")
    host: str = "127.0.0.1"
    port: int = Field(502, ge=1, le=65535)
    kind: Literal["modbus", "http"] = "modbus"
    fast: bool = False


class Line(BaseModel):
    community: str


class Example(Settings):
    name: str = "南门"
    gate: Gate = Gate()
    hours: tuple[int, ...] = ()
    lines: dict[str, Line] = {}


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SHOUWANG_EXAMPLE_CONFIG", str(tmp_path / "example.toml"))
    return tmp_path / "example.toml"


def test_no_file_means_the_defaults(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("offline.settings.user_config_path", lambda *_, **__: tmp_path)
    assert load(Example, "example") == Example()


def test_the_environment_overrides_the_file(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_text('name = "北门"\n[gate]\nhost = "10.0.0.9"\nport = 1502\n', "utf-8")
    monkeypatch.setenv("SHOUWANG_EXAMPLE_GATE__PORT", "2502")
    assert load(Example, "example") == Example(name="北门", gate=Gate(host="10.0.0.9", port=2502))


@pytest.mark.parametrize(
    ("text", "code", "says"),
    [
        ('name = "x\n', "config_broken", "line 1"),
        ("nme = 'x'\n", "config_mistyped", '"name"'),
        ("[gate]\nhots = 'x'\n", "config_mistyped", '"host"'),
        ("[gate]\ncolour = 'x'\n", "config_unknown", "gate.colour"),
        ("[gate]\nport = 'south'\n", "config_number", "gate.port"),
        ("[gate]\nport = 70000\n", "config_bound", "≤ 65535"),
        ("[gate]\nkind = 'wire'\n", "config_choice", "'modbus', 'http'"),
        ("[gate]\nfast = 'perhaps'\n", "config_bool", "gate.fast"),
        ("[lines.home]\n", "config_absent", "lines.home.community"),
        ("name = 3\n", "config_text", '"name"'),
        ("gate = 3\n", "config_table", "[gate]"),
        ("hours = 3\n", "config_wrong", "hours"),
    ],
)
def test_a_mistake_is_named_with_its_place(file: Path, text: str, code: str, says: str) -> None:
    file.write_text(text, "utf-8")
    with pytest.raises(Mendable) as caught:
        load(Example, "example")
    assert caught.value.code == code
    for language in LANGUAGES:
        assert says in re.sub("[“”]", '"', sentence(caught.value, language))
        assert str(file) in sentence(caught.value, language)


def test_a_file_that_was_named_must_be_there(tmp_path: Path, file: Path) -> None:
    with pytest.raises(Mendable, match="config_missing"):
        load(Example, "example", tmp_path / "none.toml")
    with pytest.raises(Mendable, match="config_missing"):  # named by the variable
        load(Example, "example")
    with pytest.raises(Mendable, match="config_unreadable"):
        load(Example, "example", tmp_path)


def test_a_mistake_outside_of_the_file_is_named_where_it_was_made(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.touch()
    with pytest.raises(Mendable, match="config_table") as caught:
        load(Example, "example", told={"gate": 3})
    assert caught.value.details["path"] == "--gate"
    monkeypatch.setenv("SHOUWANG_EXAMPLE_GATE__PORT", "south")
    with pytest.raises(Mendable, match="config_number") as caught:
        load(Example, "example")
    assert caught.value.details["path"] == "SHOUWANG_EXAMPLE_GATE__PORT"
    monkeypatch.setenv("SHOUWANG_EXAMPLE_GATE", "south")
    with pytest.raises(Mendable, match="config_table"):
        load(Example, "example")


def test_a_list_in_the_environment_is_json(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.touch()
    monkeypatch.setenv("SHOUWANG_EXAMPLE_HOURS", "[8, 20]")
    monkeypatch.setenv("SHOUWANG_EXAMPLE_NAME", "[south")
    assert load(Example, "example") == Example(name="[south", hours=(8, 20))


def test_errors_at_the_terminal_are_one_sentence_and_no_traceback(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOUWANG_LANGUAGE", "zh")

    def mendable() -> int:
        raise Mendable("not_enrolled")

    def ours() -> int:
        raise ZeroDivisionError

    assert guarded("example", mendable) == 1
    assert guarded("example", ours) == 1
    said = capsys.readouterr().err
    assert "注册码" in said
    assert "example.log" in said
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("lang", "language"), [("zh_CN.UTF-8", "zh"), ("en_GB.UTF-8", "en"), ("C", "en"), ("fr_FR", "en")]
)
def test_the_terminals_language_is_followed(monkeypatch: pytest.MonkeyPatch, lang: str, language: str) -> None:
    monkeypatch.delenv("SHOUWANG_LANGUAGE", raising=False)
    monkeypatch.delenv("LC_ALL", raising=False)
    monkeypatch.setenv("LANG", lang)
    assert terminal_language() == language


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (errno.EACCES, "file_denied"),
        (errno.EROFS, "disk_readonly"),
        (errno.ENOSPC, "disk_full"),
        (errno.ENOTDIR, "file_no_folder"),
        (errno.ENOENT, "file_unusable"),
    ],
)
def test_a_file_the_system_refuses_is_named(capsys: pytest.CaptureFixture[str], number: int, code: str) -> None:
    refused = OSError(number, "as the system says", "/srv/here")

    def main() -> int:
        raise refused

    found = mendable(refused)
    assert found is not None
    assert found.code == code
    assert guarded("example", main) == 1
    assert "/srv/here" in capsys.readouterr().err


@pytest.mark.parametrize(("flags", "code"), [(0, "file_denied"), (os.ST_RDONLY, "disk_readonly")])
def test_a_folder_where_nothing_can_be_written_is_told_from_one_that_is_another_users(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, flags: int, code: str
) -> None:
    (tmp_path / "running.sqlite").mkdir()
    mounted = [*os.statvfs(tmp_path)[:8], flags, 255]
    monkeypatch.setattr("offline.program.os.statvfs", lambda _: os.statvfs_result(mounted))
    with pytest.raises(Mendable, match=code), alone(tmp_path):
        pass


def test_ctrl_c_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    def main() -> int:
        raise KeyboardInterrupt

    assert guarded("example", main) == 130
    assert not capsys.readouterr().err.strip()


def test_details_may_bear_any_name() -> None:
    assert "k.pem" in sentence(Mendable("certificate_wrong", cert="c.pem", key="k.pem"), "en")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("typed", "code"), [(["2580", "2580"], None), (["2580", "2508"], "typed_twice"), ([""], "nothing_typed")]
)
def test_a_secret_is_typed_twice(monkeypatch: pytest.MonkeyPatch, typed: list[str], code: str | None) -> None:
    monkeypatch.setattr("sys.stdin", Terminal())
    answers = iter(typed)
    monkeypatch.setattr("offline.program.getpass", lambda _: next(answers))
    if code is None:
        assert ask_secret("PIN", "again") == typed[0]
    else:
        with pytest.raises(Mendable, match=code):
            ask_secret("PIN", "again")


def test_a_secret_comes_from_a_pipe(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("2580\n"))
    assert ask_secret("PIN", "again") == "2580"
    with pytest.raises(Mendable, match="nothing_typed"):
        ask_secret("PIN", "again")


def test_a_day_on_the_command_line(monkeypatch: pytest.MonkeyPatch) -> None:
    assert day("2027-01-31") == date(2027, 1, 31)
    with pytest.raises(ArgumentTypeError, match="2027-01-31"):
        day("tomorrow")


def test_one_window_a_folder(tmp_path: Path) -> None:
    with alone(tmp_path / "kiosk"), pytest.raises(Mendable, match="already_running"), alone(tmp_path / "kiosk"):
        pass
    with alone(tmp_path / "kiosk"):
        pass


def test_without_a_log_there_is_no_traceback_either(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: dict[str, list[logging.Handler]] = {}
    monkeypatch.setattr(logging, "basicConfig", lambda **told: kept.update(told))
    (tmp_path / "file").touch()
    keep_log(tmp_path / "file" / "example.log")
    assert len(kept["handlers"]) == 1
    assert str(tmp_path) in capsys.readouterr().err


@pytest.mark.parametrize("lines", [1, 100_000])
def test_whoever_has_read_enough_of_an_answer_is_told_nothing_more(lines: int) -> None:
    """As `shouwang-district incidents | head` does: a pipe nobody reads, before the first line and in the middle of many."""
    work = f"from offline.program import guarded; guarded('example', lambda: [print('x' * 80) for _ in range({lines})] and 0)"
    with subprocess.Popen([sys.executable, "-c", work], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as program:
        assert program.stdout is not None
        assert program.stderr is not None
        program.stdout.close()
        assert program.stderr.read() == b""
