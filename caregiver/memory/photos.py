"""Pictures taken on visits and at incidents: scaled, without what the camera wrote into them, sealed as notes are. No Qt."""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image, ImageOps

from caregiver.memory.reading import Reader
from domain.errors import Mendable
from offline.journal.journal import Journal
from offline.journal.projections import read_payload
from offline.keys.keystore import Keystore
from offline.letters.notes import open_photo, seal_photo

TAKEN = "photo.taken"  # {of, ref, photo, by}: in the lane of care, never in that of alarms
SIDE = 1280  # pixels of the longer side at most
MOST_BYTES = 150_000  # sealed and in base64 well below what a fact may hold
KINDS = ("jpg", "jpeg", "png", "webp", "bmp")
MOST = 4  # of one visit or incident by one person at once

Draft = tuple[str, dict[str, Any], str | None, int | None, str | None]  # as `Journal.append_all` takes it


@dataclass(frozen=True, slots=True)
class Photo:
    at: int
    by: str
    jpeg: bytes


def shrunk(path: Path) -> bytes:
    """The picture as a JPEG of at most `MOST_BYTES`, upright, without the place, time and device that cameras write into it.

    Raises Mendable `photo_unreadable`.
    """
    try:
        with Image.open(path) as opened:
            opened.draft("RGB", (SIDE, SIDE))  # a JPEG is decoded no larger than it is needed
            image = ImageOps.exif_transpose(opened)
            image.thumbnail((SIDE, SIDE))
            flat = Image.new("RGB", image.size, "white")  # a transparent ground would come out black
            flat.paste(image.convert("RGBA"), mask=image.convert("RGBA").getchannel("A"))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as e:
        raise Mendable("photo_unreadable", file=path.name) from e
    for quality in (85, 75, 60, 45):
        if len(jpeg := _jpeg(flat, quality)) <= MOST_BYTES:
            return jpeg
    flat.thumbnail((SIDE // 2, SIDE // 2))
    return _jpeg(flat, 60)


def _jpeg(image: Image.Image, quality: int) -> bytes:
    out = BytesIO()
    image.save(out, "JPEG", quality=quality)
    return out.getvalue()


class Photos:
    """Reads and writes them; `by` is who sits here."""

    def __init__(self, journal: Journal, reader: Reader, keys: Keystore, by: str) -> None:
        self._journal, self._reader, self._keys, self._by = journal, reader, keys, by

    def keep(self, about: str, of: str, ref: str, jpegs: Sequence[bytes]) -> None:
        """Pictures about somebody, of a "visit" or an "incident" with this id."""
        self._journal.append_all(self.facts(about, of, ref, jpegs))

    def facts(self, about: str, of: str, ref: str, jpegs: Sequence[bytes]) -> list[Draft]:
        """The same, to be recorded with what they are of."""
        told = ({"of": of, "ref": ref, "photo": seal_photo(self._keys, about, j), "by": self._by} for j in jpegs)
        return [(TAKEN, payload, about, None, None) for payload in told]

    def of(self, about: str, ref: str, most: int = 12) -> list[Photo]:
        """What can be opened here of one visit or incident, oldest first; nothing of somebody out of this desk's scope."""
        rows = self._reader.rows(
            "SELECT f.at, p.body FROM residents_photos r JOIN facts f ON f.rowid = r.fact JOIN payloads p ON p.fact = f.rowid"
            " WHERE r.ref = ? AND f.subject = ? AND p.body IS NOT NULL ORDER BY f.at LIMIT ?",
            (ref, about, most),
        )
        found = []
        for at, body in rows:
            told = read_payload(body) or {}
            if jpeg := open_photo(self._keys, about, told.get("photo")):
                found.append(Photo(at, str(told.get("by", "")), jpeg))
        return found
