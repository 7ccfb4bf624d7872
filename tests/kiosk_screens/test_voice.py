import shutil
import wave
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from assets.words import LANGUAGES
from domain.challenge import draw
from kiosk.faces.messages import Turn
from kiosk.faces.pipeline import ASK_SLOW_S
from kiosk.screens.voice import Voice
from kiosk.visit.effects import Speak
from kiosk.visit.face_watch import SPOKEN_COACHING
from kiosk.visit.view import CallState, Way
from kiosk.voice import VoiceBox, make_prompts, prompts, synthesise
from qtkit.background import Background
from qtkit.i18n import Language
from qtkit.tones import seconds
from tests.fakes.players import SilentPlayer

needs_espeak = pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="espeak-ng is not installed here")


def silence(path: Path, frames: int = 100) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(22_050)
        out.writeframes(b"\0\0" * frames)
    return path


def test_every_prompt_a_visit_may_want_is_worded_in_both_languages() -> None:
    wanted = {"look", "welcome", "welcome_elder", "well", "follow", "follow_elder", "gate_failed", "held_open", "fire"}
    wanted |= (
        {"unsure", "unknown", "refused"}
        | {way.value for way in Way}
        | {f"coach_{reason}" for reason in SPOKEN_COACHING}
        | {f"turn_{turn}" for turn in Turn}
        | {"pin_secret", "pin_wrong", "pin_wait", "guard_next"}
        | {f"guard_{state}" for state in CallState if state is not CallState.RINGING}
    )
    assert set(prompts()) == set(LANGUAGES)
    for language in LANGUAGES:
        assert set(prompts()[language]) == wanted


@needs_espeak
def test_what_an_elder_is_asked_is_said_before_the_lantern_begins_and_each_turn_before_the_next(tmp_path: Path) -> None:
    lasts = {path.stem: seconds(path) for path in make_prompts(tmp_path) if path.parent.name == "zh"}
    shortest = min(step.until - step.at for seed in range(50) for step in draw(Random(seed), 0.0, slow=True))
    assert lasts["follow_elder"] < ASK_SLOW_S + 0.1  # a pause is its end
    assert max(lasts[f"turn_{turn}"] for turn in Turn) < shortest


@needs_espeak
def test_prompts_are_made_once_and_again_when_their_sentence_changes(tmp_path: Path) -> None:
    made = make_prompts(tmp_path)
    assert all(0.5 < seconds(path) < 8 for path in made)
    times = {path: path.stat().st_mtime_ns for path in made}
    made[0].with_suffix(".txt").write_text("an older sentence")
    make_prompts(tmp_path)
    changed = [path for path in made if path.stat().st_mtime_ns != times[path]]
    assert changed == [made[0]]


def test_without_espeak_the_kiosk_is_silent_and_lives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(FileNotFoundError):
        synthesise("您好", "zh", tmp_path / "x.wav")
    box = VoiceBox(tmp_path / "own", tmp_path / "cache")
    assert box.name("王奶奶", "zh") is None
    assert box.prompt("welcome", "zh") is None


def test_a_communitys_own_recording_takes_the_place_of_the_made_one(tmp_path: Path) -> None:
    box = VoiceBox(tmp_path / "own", tmp_path / "cache")
    made = silence(tmp_path / "cache" / "zh" / "welcome.wav")
    assert box.prompt("welcome", "zh") == made
    own = silence(tmp_path / "own" / "zh" / "welcome.wav")
    assert box.prompt("welcome", "zh") == own
    assert box.prompt("welcome", "en") is None
    silence(tmp_path / "cache" / "zh" / "welcome_elder.wav")
    assert box.prompt("welcome_elder", "zh") == own  # an elder hears their own dialect rather than a machine
    elders = silence(tmp_path / "own" / "zh" / "welcome_elder.wav")
    assert box.prompt("welcome_elder", "zh") == elders


def test_a_file_that_is_no_sound_lasts_no_time(tmp_path: Path) -> None:
    path = tmp_path / "x.wav"
    path.write_text("not a sound")
    assert seconds(path) == 0.0
    assert seconds(silence(tmp_path / "y.wav", 22_050)) == 1.0


@pytest.fixture
def speaking(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Voice, SilentPlayer]]:
    """A voice and what it plays; the words on a fire and a welcome last longer than any test."""
    box = VoiceBox(tmp_path / "own", tmp_path / "cache")
    for prompt in ("card", "pin", "coach_too_far", "coach_backlit"):
        silence(tmp_path / "own" / "zh" / f"{prompt}.wav")
    for prompt in ("welcome", "fire"):
        silence(tmp_path / "own" / "zh" / f"{prompt}.wav", 22_050 * 60)
    monkeypatch.setattr(box, "name", lambda name, language: silence(tmp_path / f"{name}.wav"))
    player, background = SilentPlayer(), Background(threads=1)
    yield Voice(player, box, Language("zh"), background), player
    background.close()


def names(player: SilentPlayer) -> list[str]:
    return [name for name, _ in player.played]


def test_the_name_and_then_the_prompt_and_a_newer_prompt_wins(speaking: tuple[Voice, SilentPlayer], qtbot: Any) -> None:
    voice, player = speaking
    voice.speak(Speak("welcome", {"zh": "王奶奶", "en": "Mrs Wang"}))
    qtbot.waitUntil(lambda: len(player.played) == 2)
    voice.speak(Speak("card"))
    voice.speak(Speak("pin"))
    qtbot.waitUntil(lambda: len(player.played) == 3)
    assert player.played == [("王奶奶", False), ("welcome", False), ("pin", False)]


def test_advice_waits_for_what_is_being_said_and_the_newest_is_given(
    speaking: tuple[Voice, SilentPlayer], qtbot: Any
) -> None:
    voice, player = speaking
    voice.speak(Speak("welcome"))
    qtbot.waitUntil(lambda: names(player) == ["welcome"])
    for advice in ("coach_too_far", "coach_backlit"):
        voice.speak(Speak(advice))
        qtbot.waitUntil(lambda: not voice._background.busy)
    assert names(player) == ["welcome"]
    voice._next.setInterval(0)  # it is over
    qtbot.waitUntil(lambda: names(player) == ["welcome", "coach_backlit"])
    qtbot.waitUntil(lambda: not voice._next.isActive())
    voice.speak(Speak("coach_too_far"))
    qtbot.waitUntil(lambda: len(player.played) == 3)


def test_the_words_on_a_fire_are_said_to_their_end(speaking: tuple[Voice, SilentPlayer], qtbot: Any) -> None:
    voice, player = speaking
    voice.speak(Speak("welcome"))
    qtbot.waitUntil(lambda: names(player) == ["welcome"])
    voice.speak(Speak("fire"))
    qtbot.waitUntil(lambda: names(player) == ["welcome", "fire"])
    voice.speak(Speak("card"))
    qtbot.waitUntil(lambda: not voice._background.busy)
    assert player.playing == "fire"
    voice._next.setInterval(0)
    qtbot.waitUntil(lambda: player.playing == "card")
