"""What an operator may say of a gate without its district or its camera, from the file to the rules and the screen."""

from datetime import time, timedelta
from pathlib import Path

import pytest

from assets.words import LANGUAGES
from domain.errors import Mendable
from domain.passages import Hours, Method
from kiosk.config import KioskSettings
from kiosk.house_rules import gate_rules, open_hours
from kiosk.screens.speech import sentence
from kiosk.upkeep.fallback_rows import fallback_rows
from kiosk.visit.line import Line
from offline.settings import load


def told(folder: Path, text: str) -> KioskSettings:
    (folder / "kiosk.toml").write_text(text, "utf-8")
    return load(KioskSettings, "kiosk", folder / "kiosk.toml")


def rows(settings: KioskSettings, hours: float, language: str = "en") -> dict[str, tuple[str, str]]:
    shown = fallback_rows(settings.fallback, lambda: timedelta(hours=hours))()
    return {
        sentence(row.label, language): (sentence(row.value, language), row.state)
        for row in shown
        if isinstance(row.value, Line)
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_as_it_comes_nothing_rests_and_nothing_opens_by_itself(tmp_path: Path, language: str) -> None:
    settings = told(tmp_path, "")
    assert gate_rules(settings).unheard == {}
    assert open_hours(settings) == ()
    assert len(rows(settings, 9999, language)) == 5
    assert {state for _, state in rows(settings, 9999, language).values()} == {""}


def test_what_is_said_is_what_holds_and_what_is_shown(tmp_path: Path) -> None:
    settings = told(
        tmp_path,
        "[fallback]\nface_hours = 72\npass_hours = 1.5\nopen_after_minutes = 5\n"
        "[[fallback.open_hours]]\nstart = 07:30:00\nend = 19:00:00\ndays = [0, 1, 2, 3, 4]\non_holidays = false\n",
    )
    assert gate_rules(settings).unheard == {Method.FACE: timedelta(hours=72), Method.QR: timedelta(minutes=90)}
    assert open_hours(settings) == (Hours(time(7, 30), time(19), frozenset(range(5)), False),)
    assert rows(settings, 2) == {
        "Faces": ("for 72 h", ""),
        "Cards": ("goes on", ""),
        "PINs": ("goes on", ""),
        "Visitors' codes": ("paused, 1.5 h are over", "overdue"),
        "No camera": ("open 07:30–19:00", "due"),
    }


ALL_REST = "[fallback]\nface_hours = 1\ncard_hours = 1\npin_hours = 1\npass_hours = 1\n"


def test_where_every_way_rests_there_must_be_a_number_to_ring(tmp_path: Path) -> None:
    with pytest.raises(Mendable) as refused:
        told(tmp_path, ALL_REST)
    assert "guard_phone" in str(refused.value.details["what"])
    assert told(tmp_path, ALL_REST + '[site]\nguard_phone = "0571 8888"\n').fallback.pin_hours == 1


@pytest.mark.parametrize("wrong", ["face_hours = 0", "open_after_minutes = 0", "card_hours = 'long'"])
def test_what_makes_no_sense_is_named(tmp_path: Path, wrong: str) -> None:
    with pytest.raises(Mendable, match="fallback"):
        told(tmp_path, f"[fallback]\n{wrong}\n")


@pytest.mark.parametrize(
    "where",
    ["[face]\npolicy = 'strict'\n", "[[face.policy_hours]]\npolicy = 'strict'\nstart = 22:00:00\nend = 06:00:00\n"],
)
def test_strict_without_an_infrared_camera_is_refused_and_not_a_gate_that_knows_nobody(
    tmp_path: Path, where: str
) -> None:
    with pytest.raises(Mendable, match="setting"):
        told(tmp_path, where)
    settings = told(tmp_path, where + "[infrared]\nsource = '1'\n")
    assert settings.infrared.source == "1"
