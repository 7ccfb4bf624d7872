"""Embeddings of many pictures on all cores, kept by file digest so that a second look costs nothing."""

import hashlib
import os
import sqlite3
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import astuple, dataclass
from pathlib import Path

import msgspec
import numpy as np
import platformdirs

from domain.errors import Mendable
from domain.identification import Quality
from evaluate._pool import each
from kiosk.faces.engine import FaceEngine, Vector
from kiosk.faces.engines import load_engine
from kiosk.faces.enrolment import embed_photo, read_photo
from kiosk.faces.quality import OFF, VERSION

HERE = 3  # version of how pictures are taken here
OURS = msgspec.msgpack.encode(("ours", b"", (), 0.0))  # a picture about which nothing is known
_engine: FaceEngine | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Embedded:
    """One picture: its vector and quality, or the code of its refusal. `ms` is detection, quality and embedding together."""

    embedding: Vector | None
    quality: Quality | None
    code: str
    ms: float


def cache_folder() -> Path:
    """SHOUWANG_CACHE, else the user's cache folder."""
    folder = Path(os.environ.get("SHOUWANG_CACHE") or platformdirs.user_cache_dir("shouwang"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def embed_all(
    paths: Iterable[Path], engine: FaceEngine, *, load: str = "", processes: int | None = None
) -> dict[Path, Embedded]:
    """Embed every picture, at no quality limit but the laxest; progress goes to standard error.

    `load` is what the engine is loaded by, where that is not its name (a model pack).
    """
    digests = {path: _digest(path) for path in paths}
    kind = f"{engine.name} {engine.version} q{VERSION}.{HERE}"
    with closing(_cache()) as db:
        known = dict(db.execute("SELECT digest, body FROM picture WHERE engine = ?", (kind,)))
        todo = {digest: path for path, digest in digests.items() if digest not in known}
        for digest, body in _compute(load or engine.name, todo, processes):
            known[digest] = body
            if body == OURS:  # a process died, or a fault of ours: the next evaluation tries again
                continue
            # kept at once: an evaluation that is interrupted goes on where it was, and two may run side by side
            db.execute("INSERT OR REPLACE INTO picture VALUES (?, ?, ?)", (kind, digest, body))
    return {path: _unpack(known[digest]) for path, digest in digests.items()}


def _digest(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return hashlib.sha256(str(path).encode()).hexdigest()  # what cannot be read is refused when it is looked at


def _cache() -> sqlite3.Connection:
    """The cache, made anew where it is damaged: it holds nothing that cannot be computed again."""
    path = cache_folder() / "embeddings.db"
    try:
        return _opened(path)
    except sqlite3.DatabaseError as e:
        if isinstance(e, sqlite3.OperationalError):
            raise
        path.unlink()
        return _opened(path)


def _opened(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, timeout=300, isolation_level=None)
    try:
        db.execute("PRAGMA synchronous=OFF")
        db.execute("CREATE TABLE IF NOT EXISTS picture (engine, digest, body BLOB, PRIMARY KEY (engine, digest))")
    except sqlite3.Error:
        db.close()
        raise
    return db


def _compute(engine: str, todo: dict[str, Path], processes: int | None) -> Iterator[tuple[str, bytes]]:
    found = each(_embed, list(todo.values()), start=_start, args=(engine,), processes=processes)
    for digest, body in zip(todo, found, strict=True):
        yield digest, OURS if body is None else body


def _start(engine: str) -> None:
    global _engine
    _engine = load_engine(engine)


def _embed(path: Path) -> bytes:
    assert _engine is not None
    try:
        image = read_photo(path)
        start = time.perf_counter()
        photo = embed_photo(_engine, path.name, image, OFF)
    except Mendable as e:
        return _refused(e.code)
    except Exception as e:
        print(f"\n{path}: {e!r}", file=sys.stderr, flush=True)
        return OURS
    ms = 1000 * (time.perf_counter() - start)
    return msgspec.msgpack.encode(("", photo.embedding.astype(np.float32).tobytes(), astuple(photo.quality), ms))


def _refused(code: str) -> bytes:
    return msgspec.msgpack.encode((code, b"", (), 0.0))


def _unpack(body: bytes) -> Embedded:
    code, vector, quality, ms = msgspec.msgpack.decode(body)
    if code:
        return Embedded(None, None, code, ms)
    return Embedded(np.frombuffer(vector, np.float32), Quality(*quality), "", ms)
