"""The voice of the gate: the community's own recordings where there are any, else espeak-ng, spoken once and kept.

A recording is a WAV file named after its prompt, ``<folder>/<language>/<prompt>.wav``: any voice, any dialect.
"""

import hashlib
import logging
import shutil
import subprocess
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from assets.words import catalogue, say

log = logging.getLogger(__name__)

ESPEAK = "espeak-ng"
VOICES = {"zh": "cmn", "en": "en"}
WORDS_PER_MINUTE = 155  # 0.9 of espeak-ng's 175
_PATIENCE_S = 10.0


class SpokenVoice:
    """Implements kiosk.hands.Voice. `play` is handed a WAV and called on a thread of this object's."""

    def __init__(
        self, language: Callable[[], str], play: Callable[[Path], None], recordings: Path, cache: Path
    ) -> None:
        self._language, self._play, self._recordings, self._cache = language, play, recordings, cache
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="voice")

    def say(self, prompt: str, name: Mapping[str, str]) -> None:
        self._thread.submit(self._say, prompt, self._language(), dict(name))

    def close(self) -> None:
        self._thread.shutdown(wait=True, cancel_futures=True)

    def _say(self, prompt: str, language: str, name: Mapping[str, str]) -> None:
        try:
            wav = self.find(prompt, language, name.get(language, ""))
            if wav is not None:
                self._play(wav)
        except Exception:
            log.exception("the voice failed at %s", prompt)

    def find(self, prompt: str, language: str, name: str = "") -> Path | None:
        """The WAV for a prompt, made now where it has to be; None where this machine cannot speak."""
        recorded = self._recordings / language / f"{prompt}.wav"
        if recorded.exists():
            return recorded
        named = f"voice.{prompt}_named"
        text = (
            say(language, named, name=name)
            if name and named in catalogue(language)
            else say(language, f"voice.{prompt}")
        )
        wav = self._cache / language / f"{hashlib.sha256(text.encode()).hexdigest()[:16]}.wav"
        return wav if wav.exists() or _speak(text, language, wav) else None


def make_all(cache: Path) -> int:
    """Speak every prompt that holds no name, so that none has to be waited for; how many there are."""
    voice = SpokenVoice(lambda: "zh", lambda _: None, cache / "none", cache)
    made = [
        voice.find(key.removeprefix("voice."), language)
        for language in VOICES
        for key in catalogue(language)
        if key.startswith("voice.") and not key.endswith("_named")
    ]
    voice.close()
    return sum(wav is not None for wav in made)


def _speak(text: str, language: str, wav: Path) -> bool:
    if shutil.which(ESPEAK) is None:
        return False
    wav.parent.mkdir(parents=True, exist_ok=True)
    part = wav.with_suffix(".part")
    command = [ESPEAK, "-v", VOICES[language], "-s", str(WORDS_PER_MINUTE), "-w", str(part), text]
    done = subprocess.run(command, capture_output=True, timeout=_PATIENCE_S)
    if done.returncode or not part.exists():
        log.error("espeak-ng: %s", done.stderr[-300:])
        return False
    part.replace(wav)
    return True
