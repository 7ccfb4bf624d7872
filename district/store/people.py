"""What facts tell of people, kept beside them in the same transaction: where they belong, whose home is watched, who is erased."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from district.scope import Lane, lane_of
from district.store.port import COMMUNITY, DEVICE, HLC, ID, KIND, LANE, RECEIVED, SUBJECT, Execute, Payload, Row
from domain.clock import Hlc
from domain.consent import GIVEN, WITHDRAWN, ConsentEvent, Purpose, ledger

REGISTERED, ERASED = "person.registered", "person.erased"
HOME_DEVICE, HOME_DEVICE_GONE = "home.device_registered", "home.device_removed"
PLAN = "careplan.set"
PLACES = frozenset(
    {REGISTERED, GIVEN, WITHDRAWN, "careplan.proposed"}
)  # of a device: by these somebody belongs somewhere
HELD = "held: it cannot be undone, and awaits the district's word"  # why something is in quarantine at a hub (`district.hubs.held`)
LONGEST_NAME = 200  # letters
_WORDS = "home_words"  # what the notes of consents to home monitoring begin with
_STANDS = "device_words"  # and those of what was said of where a device stands


KNOWN = "SELECT person, community, watched, erased FROM people WHERE watched = 1 OR erased IS NOT NULL"


class Elders:
    """The people whose homes are watched, and the erased, by community; made of `KNOWN`. One writer keeps it, anybody may look."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self._of: dict[str, set[str]] = {}
        self.erased: set[tuple[str, str]] = set()
        for person, community, watched, erased in rows:
            if erased is not None:
                self.erased.add((person, community))
            elif watched:
                self._of.setdefault(community, set()).add(person)

    def of(self, community: str) -> set[str]:
        return self._of.setdefault(community, set())


def relane(fact: Row, elders: Elders) -> Row:
    """The fact with its lane put right for passages of elders."""
    watched = elders.of(fact[COMMUNITY])
    if fact[SUBJECT] not in watched or fact[LANE] != Lane.PASSAGE:
        return fact
    return (*fact[:LANE], int(lane_of(fact[KIND], fact[SUBJECT], watched)))


def without_the_erased(facts: Sequence[Row], payloads: Sequence[Payload], elders: Elders) -> Sequence[Payload]:
    """The payloads, less those of facts about people who are erased: what comes late about them says nothing any more."""
    gone = elders.erased
    if not gone:
        return payloads
    return [
        (None, None) if (f[SUBJECT], f[COMMUNITY]) in gone and f[KIND] != ERASED else payload
        for f, payload in zip(facts, payloads, strict=True)
    ]


def learn(fact: Row, body: bytes | None, elders: Elders, execute: Execute) -> str | None:
    """Take from one fact of the roster what the registry keeps. Returns the person to erase, if it orders that."""
    person, community, kind = fact[SUBJECT], fact[COMMUNITY], fact[KIND]
    if person is None:
        return None
    told = _payload(body)
    if kind == ERASED:
        erase(execute, person, community, elders, fact[RECEIVED])
        return str(person)
    if (person, community) in elders.erased:  # what comes late about them changes nothing any more
        return None
    if kind == REGISTERED:
        _person(execute, person, community)
    elif kind in (GIVEN, WITHDRAWN) and told.get("purpose") == Purpose.HOME_MONITORING:
        _watch(execute, person, community, elders, on=_agreed(execute, fact, told))
    elif kind == PLAN:
        _watch(execute, person, community, elders, on=_planned(execute, fact))
    elif kind in (HOME_DEVICE, HOME_DEVICE_GONE) and _is_name(told.get("device")):
        _stand(fact, told, execute)
    return None


def _stand(fact: Row, told: Mapping[str, Any], execute: Execute) -> None:
    """Where a device stands after this word, in whatever order words come: one that is given back is an old one.

    It stands where it was put up last, unless it was taken out of that very home since.
    """
    person, community, device = fact[SUBJECT], fact[COMMUNITY], told["device"]
    note, word = f"{_STANDS}|{community}|{device}", (str(fact[DEVICE]), str(fact[HLC]), _said(fact))
    rows = execute("SELECT value FROM notes WHERE key = ?", (note,))
    # the last word that put it up, and those that took it out of somebody's home since
    put, gone = json.loads(rows[0][0]) if rows else (None, {})
    if _is_before(word, put):
        return
    if fact[KIND] == HOME_DEVICE_GONE:
        if not _is_before(word, gone.get(person)):
            gone[person] = word
        execute("DELETE FROM homes WHERE community = ? AND name = ? AND elder = ?", (community, device, person))
    else:
        put, gone = word, {who: other for who, other in gone.items() if _is_before(word, other)}
        place = place if _is_name(place := told.get("place", "")) else ""
        execute("DELETE FROM homes WHERE community = ? AND name = ?", (community, device))
        if person not in gone:
            execute(
                "INSERT INTO homes (community, name, elder, place) VALUES (?, ?, ?, ?)",
                (community, device, person, place),
            )
    _note(execute, note, json.dumps((put, gone)))


def _is_name(told: object) -> bool:
    """Whether it may be what people call a thing: PostgreSQL takes no NUL, and none of its indexes a name of pages."""
    return isinstance(told, str) and len(told) <= LONGEST_NAME and "\0" not in told


def erase(execute: Execute, person: str, community: str, elders: Elders, at: int) -> None:
    """Know somebody as erased there, which nothing undoes. `at` in ms."""
    _person(execute, person, community, watched=0, erased=at)
    execute("DELETE FROM homes WHERE community = ? AND elder = ?", (community, person))
    elders.of(community).discard(person)
    elders.erased.add((person, community))


def leave(execute: Execute, community: str, elders: Elders) -> list[str]:
    """Forget the people and homes of a community, other than that somebody is erased. Who is known nowhere else."""
    gone = [row[0] for row in execute("SELECT person FROM people WHERE community = ? AND erased IS NULL", (community,))]
    execute("DELETE FROM people WHERE community = ? AND erased IS NULL", (community,))
    execute("DELETE FROM homes WHERE community = ?", (community,))
    for begins in (f"{_WORDS}|{community}|", f"{_STANDS}|{community}|"):
        execute("DELETE FROM notes WHERE substr(key, 1, ?) = ?", (len(begins), begins))
    elders.of(community).clear()
    return [p for p in gone if not execute("SELECT 1 FROM people WHERE person = ?", (p,))]


def _agreed(execute: Execute, fact: Row, told: Mapping[str, Any]) -> bool:
    """Whether the home may be watched after this word, in whatever order the words came: what was said so far is a note."""
    after = told.get("after")
    word = [fact[KIND] == GIVEN, _said(fact), [str(id) for id in after] if isinstance(after, list) else None]
    words = _words(execute, fact) | {fact[ID]: word}
    _note(execute, _words_note(fact), json.dumps(words))
    return _holds(fact[SUBJECT], words)


def _planned(execute: Execute, fact: Row) -> bool:
    """Whether it may be after this care plan: one that comes late undoes no withdrawal that was said since."""
    words = _words(execute, fact)
    withdrawn = max((said for given, said, _ in words.values() if not given), default="")
    return withdrawn <= _said(fact) or _holds(fact[SUBJECT], words)


def _words_note(fact: Row) -> str:
    return f"{_WORDS}|{fact[COMMUNITY]}|{fact[SUBJECT]}"


def _words(execute: Execute, fact: Row) -> dict[str, Any]:
    """What was said so far of the consent of its subject, by fact: whether it was given, when, in the knowledge of which words."""
    rows = execute("SELECT value FROM notes WHERE key = ?", (_words_note(fact),))
    return dict(json.loads(rows[0][0])) if rows else {}


def _holds(person: str, words: Mapping[str, Any]) -> bool:
    events = [
        ConsentEvent(
            person, Purpose.HOME_MONITORING, given, "", "", 0, (said, "", 0), id,
            None if after is None else frozenset(after),
        )
        for id, (given, said, after) in words.items()
    ]  # fmt: skip
    return bool(ledger(events))


def _said(fact: Row) -> str:
    """When, as a stamp; a clock that is ahead says nothing later than its receipt."""
    return min(str(fact[HLC]), str(Hlc(fact[RECEIVED], 0xFFFF)))


def _is_before(word: Sequence[str], other: Sequence[str] | None) -> bool:
    """Of (device, its stamp, when it was said): one device's own go by its stamps, which never go back though its clock may."""
    if other is None:
        return False
    return word[1] < other[1] if word[0] == other[0] else word[2] < other[2]


def _note(execute: Execute, key: str, value: str) -> None:
    sql = "INSERT INTO notes (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value"
    execute(sql, (key, value))


def _watch(execute: Execute, person: str, community: str, elders: Elders, on: bool) -> None:
    if _person(execute, person, community, watched=int(on)):
        return
    (elders.of(community).add if on else elders.of(community).discard)(person)


def _person(
    execute: Execute, person: str, community: str, watched: int | None = None, erased: int | None = None
) -> bool:
    """Keep what is new of a person; True where the person is erased, which nothing undoes."""
    execute(
        "INSERT INTO people (person, community, watched, erased) VALUES (?, ?, ?, ?) ON CONFLICT (person, community)"
        f" DO UPDATE SET watched = {'people.watched' if watched is None else 'excluded.watched'},"
        " erased = coalesce(people.erased, excluded.erased)",
        (person, community, watched or 0, erased),
    )
    rows = execute("SELECT erased FROM people WHERE person = ? AND community = ?", (person, community))
    return bool(rows) and rows[0][0] is not None


def _payload(body: bytes | None) -> Mapping[str, Any]:
    if body is None:
        return {}
    try:
        found = msgspec.json.decode(body)
    except msgspec.DecodeError:
        return {}
    return found if isinstance(found, dict) else {}
