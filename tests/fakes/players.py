"""A loudspeaker that keeps what it was to play."""

from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class SilentPlayer:
    """`played`: every sound with whether it goes round; `playing`: the one that would sound now."""

    works: bool = True
    played: list[tuple[str, bool]] = field(default_factory=list)
    playing: str = ""
    renewed: int = 0

    def play(self, wav: Path, loop: bool) -> None:
        self.played.append((wav.stem, loop))
        self.playing = wav.stem

    def stop(self) -> None:
        self.playing = ""

    def working(self) -> bool:
        return self.works

    def renew(self) -> None:
        self.renewed += 1
