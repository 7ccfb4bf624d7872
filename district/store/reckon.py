"""What a batch means against what is known already: pure, and the same on every database."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from district.store.own import is_sound
from district.store.port import COLUMNS, DEVICE, EPOCH, HASH, ID, SEQ, Execute, Payload, Prepared, Row


@dataclass(frozen=True, slots=True)
class Reckoning:
    """Indices into the batch: facts to keep, and second bodies under a taken id to keep as evidence."""

    keep: tuple[int, ...]
    evidence: tuple[int, ...]
    poison: tuple[int, ...]
    fork: bool = False


def reckon(batch: Prepared, known: Mapping[int, bytes], aside: Collection[int], taken: Collection[str]) -> Reckoning:
    """`known`: hash by seq of what is here; `aside`: seqs in quarantine; `taken`: fact ids here under another key.

    The same number with another hash is a fork, and then nothing of the batch is kept. A number that was put aside stays so.
    """
    keep: list[int] = []
    evidence: list[int] = []
    seen: dict[int, bytes] = {}
    ids: set[str] = set()
    for i, fact in enumerate(batch.facts):
        seq, content = fact[SEQ], fact[HASH]
        before = known.get(seq, seen.get(seq))
        if before is not None:
            if before != content:
                return Reckoning((), (), (), fork=True)
            continue
        if seq in aside:
            continue
        seen[seq] = content
        (evidence if fact[ID] in taken or fact[ID] in ids else keep).append(i)
        ids.add(fact[ID])
    poison = tuple(i for i, p in enumerate(batch.poison) if p.seq not in known and p.seq not in aside)
    return Reckoning(tuple(keep), tuple(evidence), poison)


def sift(batch: Prepared, known: Mapping[int, bytes], aside: Collection[int], taken: Collection[str]) -> Reckoning:
    """As `reckon`, for facts that come down from upstream: what is here under a number stands, and is no fork of ours."""
    here = {f[SEQ]: f[HASH] for f in batch.facts if f[SEQ] in known}
    return reckon(batch, here, aside, taken)


def release(execute: Execute, batch: Prepared) -> None:
    """Let the batch's numbers out of quarantine: part of the transaction that keeps them, or nothing of it happens."""
    for fact in batch.facts:
        execute(
            "DELETE FROM quarantine WHERE device = ? AND epoch = ? AND seq = ?", (batch.device, batch.epoch, fact[SEQ])
        )


def keep_evidence(execute: Execute, fact: Row, found: Row, kept: Payload) -> None:
    """Remember the row that was found in the place of `fact`, under the number it belongs to; what was only erased is none."""
    if found[HASH] == fact[HASH] and is_sound(found, *kept):
        return
    told = repr(dict(zip(COLUMNS, found, strict=True)))
    execute(
        "INSERT INTO evidence VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        (fact[DEVICE], fact[EPOCH], fact[SEQ], fact[ID], told, *kept),
    )


# What is kept as evidence tells of somebody, too: `fact` is a row as `repr` has it.
ERASE_EVIDENCE = (
    "UPDATE evidence SET salt = NULL, body = NULL WHERE body IS NOT NULL AND replace(fact, ?, '') <> fact"
    " AND replace(fact, ?, '') <> fact"
)


def quoted(person: str) -> bytes:
    """How what was put aside, which is bytes nobody has read, names somebody."""
    return json.dumps(person).encode()


def told_of(person: str, community: str) -> tuple[str, str]:
    """The parameters of `ERASE_EVIDENCE`."""
    return f"'community': {community!r}", f"'subject': {person!r}"


def contiguous(through: int, seqs: Iterable[int]) -> int:
    """The end of the unbroken run from `through` on; `seqs` in any order."""
    for seq in sorted(seqs):
        if seq == through + 1:
            through = seq
        elif seq > through:
            break
    return through


def gaps(through: int, seqs: Sequence[int], limit: int = 64) -> tuple[tuple[int, int], ...]:
    """Inclusive ranges missing between `through` and the greatest of `seqs`; the first `limit` of them."""
    found: list[tuple[int, int]] = []
    expected = through + 1
    for seq in sorted(s for s in seqs if s > through):
        if seq > expected and len(found) < limit:
            found.append((expected, seq - 1))
        expected = seq + 1
    return tuple(found)
