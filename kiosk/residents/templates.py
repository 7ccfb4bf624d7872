"""Face templates and enrolment photos, sealed under each person's own key. They stay on this kiosk.

A template without a valid consent never reaches memory: `gallery` asks for the people who consent and opens theirs alone.
"""

import json
import threading
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import sqlite_utils
from numpy.typing import NDArray

from domain.consent import Purpose
from kiosk.erasing import open_erasing
from offline.keys.keystore import Keystore
from offline.keys.seal import SealBroken, seal, unseal

Embeddings = NDArray[np.float32]  # photos × dimensions, unit rows
KEPT_AT_THE_GATE = (Purpose.FACE_AT_GATE, Purpose.ENROLMENT_PHOTOS)  # what templates and photos are kept for


class TemplateStore:
    """Safe to use from any thread."""

    def __init__(self, path: Path, keys: Keystore) -> None:
        self._keys, self._lock = keys, threading.RLock()
        self._db = sqlite_utils.Database(open_erasing(path))
        self._templates = self._db.table("templates").create(
            {"person": str, "engine": str, "version": str, "dim": int, "sealed": bytes},
            pk=("person", "engine", "version"),
            if_not_exists=True,
        )
        self._photos = self._db.table("photos").create(
            {"person": str, "number": int, "sealed": bytes}, pk=("person", "number"), if_not_exists=True
        )
        self._knew = self._db.table("knew").create({"person": str, "withdrawals": str}, pk="person", if_not_exists=True)

    def save(
        self, person: str, engine: str, version: str, embeddings: Embeddings, photos: Sequence[bytes] = (),
        knew: Collection[str] | None = None,
    ) -> None:  # fmt: skip
        """Keep a person's embeddings for one engine and their photos (JPEG) where given, in place of what was there.

        `knew`: the withdrawals that were known as they were enrolled; None where it is no enrolment and they stay as they are. An
        enrolment leaves nothing of an earlier one, which may have been of somebody else's face: no engine is to know them by it.
        """
        key = self._keys.create(person)
        sealed = seal(key, embeddings.astype("<f4").tobytes(), _context("template", person))
        with self._lock, self._db.atomic():
            self._templates.upsert(
                {"person": person, "engine": engine, "version": version, "dim": embeddings.shape[1], "sealed": sealed},
                pk=("person", "engine", "version"),
            )
            if knew is not None:
                self._knew.upsert({"person": person, "withdrawals": json.dumps(sorted(knew))}, pk="person")
                self._templates.delete_where("person = ? AND (engine, version) <> (?, ?)", [person, engine, version])
            if photos or knew is not None:
                self._photos.delete_where("person = ?", [person])  # of an earlier enrolment, which may have been more
            for number, photo in enumerate(photos):
                self._photos.upsert(
                    {"person": person, "number": number, "sealed": seal(key, photo, _context("photo", person))},
                    pk=("person", "number"),
                )

    def gallery(self, engine: str, version: str, consenting: Collection[str]) -> list[tuple[str, Embeddings]]:
        """The embeddings of everybody who consents, in the order of their ids; what does not open is left out."""
        with self._lock:
            rows = list(self._templates.rows_where("engine = ? AND version = ?", [engine, version], order_by="person"))
        found: list[tuple[str, Embeddings]] = []
        for row in rows:
            if row["person"] in consenting and (raw := self._open("template", row)) is not None:
                found.append((row["person"], np.frombuffer(raw, "<f4").reshape(-1, row["dim"])))
        return found

    def photos(self, person: str) -> list[bytes]:
        """The enrolment photos that were kept, JPEG."""
        with self._lock:
            rows = list(self._photos.rows_where("person = ?", [person], order_by="number"))
        return [raw for row in rows if (raw := self._open("photo", row)) is not None]

    def people(self) -> set[str]:
        """Everybody of whom anything is kept here."""
        with self._lock:
            rows = self._db.query("SELECT person FROM templates UNION SELECT person FROM photos")
            return {row["person"] for row in rows}

    def photographed(self) -> set[str]:
        """Everybody of whom enrolment photos are kept here."""
        with self._lock:
            return {row["person"] for row in self._db.query("SELECT DISTINCT person FROM photos")}

    def engines(self) -> dict[tuple[str, str], int]:
        """Of how many people there are templates, by engine and version."""
        with self._lock:
            rows = self._db.query("SELECT engine, version, COUNT(*) AS people FROM templates GROUP BY engine, version")
            return {(row["engine"], row["version"]): row["people"] for row in rows}

    def forget_engine(self, engine: str, version: str, person: str | None = None) -> None:
        """Erase all templates of an engine, or that of one person."""
        with self._lock, self._db.atomic():
            self._templates.delete_where(
                "engine = :engine AND version = :version AND (:person IS NULL OR person = :person)",
                {"engine": engine, "version": version, "person": person},
            )

    def knew(self, person: str) -> frozenset[str]:
        """The withdrawals in whose knowledge a person was enrolled: none of them speaks of what is kept here."""
        with self._lock:
            rows = list(self._knew.rows_where("person = ?", [person]))
        return frozenset(json.loads(rows[0]["withdrawals"])) if rows else frozenset()

    def remove_photos(self, person: str) -> bool:
        """Erase a person's photos and leave their templates; False where there were none."""
        with self._lock, self._db.atomic():
            before = self._photos.count_where("person = ?", [person]) > 0
            self._photos.delete_where("person = ?", [person])
        return before

    def remove(self, person: str) -> bool:
        """Erase everything of a person; False where nothing was."""
        with self._lock, self._db.atomic():
            before = person in self.people()
            self._templates.delete_where("person = ?", [person])
            self._photos.delete_where("person = ?", [person])
            self._knew.delete_where("person = ?", [person])
        return before

    def close(self) -> None:
        with self._lock:
            self._db.close()

    def _open(self, what: str, row: dict[str, Any]) -> bytes | None:
        person = str(row["person"])
        key = self._keys.find(person)
        if key is None:
            return None
        try:
            return unseal(key, bytes(row["sealed"]), _context(what, person))
        except SealBroken:
            return None


def _context(what: str, person: str) -> bytes:
    return f"{what}|{person}".encode()
