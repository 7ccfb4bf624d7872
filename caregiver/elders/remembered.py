"""What the rules said when the program was last closed, so that the next start need not ask them about everybody again.

A standing is a function of the facts about a person and of the time: one that has not run out, of a person about whom nothing
came since, still holds.
"""

import json
from datetime import datetime, timedelta
from pathlib import Path

from caregiver.elders.standing import Standing, Urgency
from caregiver.memory.reading import Reader
from caregiver.parts.whole_file import whole_file
from domain.events import from_ms, to_ms
from offline.keys.seal import SealBroken, seal, unseal

_CONTEXT = b"standings"
FORGET_AFTER = timedelta(hours=12)


def save(path: Path, key: bytes, standings: dict[str, Standing], reader: Reader, now: datetime) -> None:
    """Write the standings, sealed, with the newest fact they know of."""
    body = {
        "row": _newest(reader),
        "at": to_ms(now),
        "standings": {id: [int(s.urgency), s.word, _ms(s.until), _ms(s.since)] for id, s in standings.items()},
    }
    with whole_file(path) as part:
        part.write_bytes(seal(key, json.dumps(body).encode(), _CONTEXT))


def load(path: Path, key: bytes, reader: Reader, now: datetime) -> dict[str, Standing]:
    """The standings that still hold; none where there is no file or it cannot be read."""
    path.with_suffix(".json").unlink(missing_ok=True)  # of a version that did not seal it
    try:
        body = json.loads(unseal(key, path.read_bytes(), _CONTEXT))
        row, at, found = int(body["row"]), from_ms(int(body["at"])), dict(body["standings"])
    except (OSError, SealBroken, ValueError, KeyError, TypeError):
        return {}
    if row > _newest(reader) or not timedelta(0) <= now - at < FORGET_AFTER:
        return {}
    changed = {r[0] for r in reader.rows("SELECT DISTINCT subject FROM facts WHERE rowid > ?", (row,))}
    standings = {}
    for id, (urgency, word, until, since) in found.items():
        if id not in changed and (until is None or from_ms(until) > now):
            standings[id] = Standing(Urgency(urgency), word, _at(until), _at(since))
    return standings


def _newest(reader: Reader) -> int:
    return int(reader.value("SELECT max(rowid) FROM facts") or 0)


def _ms(at: datetime | None) -> int | None:
    return None if at is None else to_ms(at)


def _at(ms: int | None) -> datetime | None:
    return None if ms is None else from_ms(ms)
