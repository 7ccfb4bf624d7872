"""A question about a passage's picture on its way: who can read it, who can change it, and how long it is good."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from offline.keys.seal import SealBroken
from offline.letters.looks import Answer, Asked, Look, LookRefused, Passage, Question, digest, read_look, sign_look

DISTRICT, GATE, OTHER = Ed25519PrivateKey.generate(), X25519PrivateKey.generate(), X25519PrivateKey.generate()
PASSAGE = Passage("gate-1", 1, 7)
NOW = 1_795_000_000_000


def question(gate: X25519PrivateKey = GATE, passage: Passage = PASSAGE) -> Question:
    return Question(gate.public_key().public_bytes_raw(), passage)


def letter(asked: Question, passage: Passage = PASSAGE, key: Ed25519PrivateKey = DISTRICT, vouched: str = "") -> bytes:
    told = Look(
        "l1", passage.kiosk, passage.epoch, passage.seq, "s-gus", "desk-1", NOW, vouched or digest(asked.sealed)
    )
    return sign_look(told, asked.sealed, key)


def read(sent: bytes, kiosk: str = "gate-1", now: int = NOW, box: X25519PrivateKey = GATE) -> Asked:
    return read_look(sent, DISTRICT.public_key(), box, kiosk, now)


def test_the_answer_opens_where_it_was_asked_and_nowhere_else() -> None:
    mine, theirs = question(), question()
    asked = read(letter(mine))
    assert (asked.look.by, asked.look.passage) == ("s-gus", PASSAGE)
    sealed = asked.answer(Answer(picture="anBlZw=="))
    assert mine.open(sealed) == Answer(picture="anBlZw==")
    with pytest.raises(SealBroken):
        theirs.open(sealed)


def test_a_question_that_was_changed_forged_or_moved_is_refused() -> None:
    elsewhere = Passage("gate-1", 1, 8)
    for sent, why in (
        (letter(question(), key=Ed25519PrivateKey.generate()), "not signed"),
        (letter(question()).replace(b"s-gus", b"s-eve"), "not signed"),
        (letter(question(), vouched=digest(b"another")), "another question"),
        (letter(question(passage=elsewhere)), "does not open"),  # asked of one passage, vouched for another
        (letter(question(OTHER)), "does not open"),
        (b"{}", "not signed"),
        (b"\xff", "not signed"),
    ):
        with pytest.raises(LookRefused, match=why):
            read(sent)
    with pytest.raises(LookRefused, match="another gate"):
        read(letter(question()), kiosk="gate-2")


@pytest.mark.parametrize("late_ms", [-2_001, 10_001])
def test_a_question_is_good_for_ten_seconds(late_ms: int) -> None:
    sent = letter(question())
    assert read(sent, now=NOW + 10_000)
    with pytest.raises(LookRefused, match="too late"):
        read(sent, now=NOW + late_ms)
