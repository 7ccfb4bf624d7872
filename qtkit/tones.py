"""Alarm tones, made here so that no sound file can go missing: bursts of pulses after IEC 60601-1-8 (high, medium, low)."""

import logging
import math
import wave
from array import array
from enum import StrEnum
from pathlib import Path

log = logging.getLogger(__name__)
RATE = 44_100


class Severity(StrEnum):
    ALARM = "alarm"  # somebody must come now
    WARNING = "warning"  # somebody must look
    NOTICE = "notice"  # something arrived
    CALL = "call"  # somebody stands at a gate and rings


# (pulse start s, frequency Hz), pulse length s, length of one round s.
PATTERNS: dict[Severity, tuple[tuple[tuple[float, float], ...], float, float]] = {
    Severity.ALARM: (((0.0, 660), (0.2, 784), (0.4, 988), (0.75, 784), (0.95, 988)), 0.15, 2.0),
    Severity.WARNING: (((0.0, 587), (0.3, 784), (0.6, 587)), 0.2, 4.0),
    Severity.NOTICE: (((0.0, 523), (0.22, 659)), 0.18, 1.0),
    Severity.CALL: (
        ((0.0, 784), (0.16, 659), (0.32, 784), (0.48, 659)),
        0.14,
        3.0,
    ),  # as a bell at the door, none of the standard's
}


def samples(severity: Severity) -> "array[int]":
    """One round of the pattern: mono 16-bit at 44.1 kHz, four harmonics, 15 ms ramps so that nothing clicks."""
    pulses, length, total = PATTERNS[severity]
    sound = [0.0] * int(RATE * total)
    for start, hertz in pulses:
        count = int(RATE * length)
        for i in range(count):
            ramp = min(1.0, i / (0.015 * RATE), (count - i) / (0.015 * RATE))
            t = i / RATE
            sound[int(start * RATE) + i] += ramp * sum(math.sin(2 * math.pi * hertz * k * t) / k for k in range(1, 5))
    peak = max(map(abs, sound))
    return array("h", (round(value / peak * 29_000) for value in sound))


def write_tone(severity: Severity, folder: Path) -> Path:
    """The WAV of a severity in `folder`, made once. Returns its path."""
    path = folder / f"{severity}.wav"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        with wave.open(str(part), "wb") as out:
            out.setnchannels(1)
            out.setsampwidth(2)
            out.setframerate(RATE)
            out.writeframes(samples(severity).tobytes())
        part.replace(path)
    return path


def seconds(path: Path) -> float:
    """How long a WAV lasts; 0 where it cannot be read."""
    try:
        with wave.open(str(path)) as sound:
            return float(sound.getnframes() / sound.getframerate())
    except (OSError, EOFError, wave.Error):
        log.warning("%s is not a WAV that can be played", path)
        return 0.0
