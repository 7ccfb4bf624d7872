from pathlib import Path

import pytest
from pydantic import BaseModel

from assets.words import LANGUAGES
from domain.errors import Mendable
from offline.program import guarded, sentence, terminal_language
from offline.settings import Settings, load


class Gate(BaseModel):
    host: str = "127.0.0.1"
    port: int = 502


class Example(Settings):
    name: str = "南门"
    gate: Gate = Gate()


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SHOUWANG_EXAMPLE_CONFIG", str(tmp_path / "example.toml"))
    return tmp_path / "example.toml"


def test_no_file_means_the_defaults(file: Path) -> None:
    assert load(Example, "example") == Example()


def test_the_environment_overrides_the_file(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_text('name = "北门"\n[gate]\nhost = "10.0.0.9"\nport = 1502\n', "utf-8")
    monkeypatch.setenv("SHOUWANG_EXAMPLE_GATE__PORT", "2502")
    assert load(Example, "example") == Example(name="北门", gate=Gate(host="10.0.0.9", port=2502))


@pytest.mark.parametrize(
    ("text", "code", "says"),
    [
        ('name = "x\n', "config_broken", "line 1"),
        ("nme = 'x'\n", "config_wrong", "nme"),
        ("[gate]\nport = 'south'\n", "config_wrong", "gate.port"),
    ],
)
def test_a_mistake_is_named_with_its_place(file: Path, text: str, code: str, says: str) -> None:
    file.write_text(text, "utf-8")
    with pytest.raises(Mendable) as caught:
        load(Example, "example")
    assert caught.value.code == code
    for language in LANGUAGES:
        assert says in sentence(caught.value, language)
        assert str(file) in sentence(caught.value, language)


def test_a_file_that_was_named_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(Mendable, match="config_missing"):
        load(Example, "example", tmp_path / "none.toml")


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
