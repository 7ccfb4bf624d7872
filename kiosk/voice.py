"""The kiosk's voice as files: prompts made by espeak-ng at set-up, names when they are first greeted. No Qt."""

import hashlib
import logging
import shutil
import subprocess
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from assets import asset

log = logging.getLogger(__name__)

VOICES = {"zh": "cmn", "en": "en"}
WORDS_A_MINUTE = 158  # 0.9 of espeak-ng's 175
SPEAK_S = 10.0


@cache
def prompts() -> Mapping[str, Mapping[str, str]]:
    """Sentence by language and prompt, of ``assets/voice/prompts.toml``."""
    return tomllib.loads(asset("voice", "prompts.toml").read_text("utf-8"))


def synthesise(text: str, language: str, path: Path) -> Path:
    """Speak `text` into a WAV at `path`. Raises FileNotFoundError without espeak-ng, OSError where it fails."""
    espeak = shutil.which("espeak-ng")
    if espeak is None:
        raise FileNotFoundError("espeak-ng")
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    command = [espeak, "-v", VOICES[language], "-s", str(WORDS_A_MINUTE), "-w", str(part), "--", text]
    done = subprocess.run(command, capture_output=True, timeout=SPEAK_S, check=False)
    if done.returncode or not part.exists():
        raise OSError(f"espeak-ng: {done.stderr.decode(errors='replace').strip()}")
    part.replace(path)
    return path


def make_prompts(folder: Path) -> list[Path]:
    """Every prompt in every language below `folder`, made anew where its sentence has changed. Returns the paths."""
    made = []
    for language, sentences in prompts().items():
        for prompt, sentence in sentences.items():
            path = folder / language / f"{prompt}.wav"
            said = path.with_suffix(".txt")
            if not path.exists() or not said.exists() or said.read_text("utf-8") != sentence:
                synthesise(sentence, language, path)
                said.write_text(sentence, "utf-8")
            made.append(path)
    return made


class VoiceBox:
    """Finds the files to play for a prompt. `own` is the community's recordings, `cache_` what was made at set-up."""

    def __init__(self, own: Path, cache_: Path) -> None:
        self._own, self._cache = own, cache_

    def prompt(self, prompt: str, language: str) -> Path | None:
        """The community's own recording, else the made one; None where there is neither. What is said to elders may be recorded
        apart; where it is not, the community's own dialect comes before what a machine says."""
        names = (prompt, prompt.removesuffix("_elder"))
        for path in (folder / language / f"{name}.wav" for folder in (self._own, self._cache) for name in names):
            if path.exists():
                return path
        log.warning("no voice for %s (%s)", prompt, language)
        return None

    def name(self, name: str, language: str) -> Path | None:
        """A greeting name, spoken; made and kept when first needed (about 30 ms). None where it cannot be."""
        path = self._cache / language / f"name-{hashlib.sha256(name.encode()).hexdigest()[:16]}.wav"
        if path.exists():
            return path
        try:
            return synthesise(name, language, path)
        except (OSError, subprocess.SubprocessError) as error:
            log.warning("a name could not be spoken: %s", error)
            return None
