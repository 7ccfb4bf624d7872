"""Looking at the picture of one passage: what a desk asks, how the district vouches for it, what the gate answers.

The question is sealed to the gate and names the key to answer to; the answer is sealed to that key. The district checks the person,
writes down who looked at whom, and signs that it did: it passes on two things that it cannot read.
"""

import hashlib
import secrets
from dataclasses import dataclass

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from offline.keys.identity import b64, unb64
from offline.keys.seal import SealBroken, seal_to, unseal_with
from offline.letters.orders import SKEW_MS, VALID_MS

LOOK_CONTEXT = b"shouwang look 1|"
REFUSALS = ("no_consent", "expired", "not_kept", "nobody", "not_by_face")  # why a gate has no picture to show


@dataclass(frozen=True, slots=True)
class Passage:
    """Which passage: the number of its fact at the gate that recorded it."""

    kiosk: str
    epoch: int
    seq: int

    def __str__(self) -> str:
        return f"{self.kiosk}|{self.epoch}|{self.seq}"


class Look(msgspec.Struct, frozen=True):
    """The district's word: `by` (a person) may look at this passage from `desk`. `asked` is SHA-256 of the sealed question."""

    look: str
    kiosk: str
    epoch: int
    seq: int
    by: str
    desk: str
    issued: int
    asked: str

    @property
    def passage(self) -> Passage:
        return Passage(self.kiosk, self.epoch, self.seq)


class _Letter(msgspec.Struct, frozen=True):
    look: msgspec.Raw
    sealed: str
    signature: str


class _Question(msgspec.Struct, frozen=True):
    box_key: str
    nonce: str


class Answer(msgspec.Struct, frozen=True):
    """A JPEG in base64, or why there is none (one of `REFUSALS`)."""

    picture: str = ""
    refused: str = ""


class LookRefused(Exception):
    """Not the district's word about this gate now, or a question that does not open; the text says why, for the log."""


class Question:
    """A desk's question. Its answer opens with a key that exists for this question alone."""

    def __init__(self, gate_box: bytes, passage: Passage) -> None:
        self._box, self._nonce, self._passage = X25519PrivateKey.generate(), secrets.token_hex(16), passage
        told = _Question(b64(self._box.public_key().public_bytes_raw()), self._nonce)
        self.sealed = seal_to(gate_box, msgspec.json.encode(told), _question(passage))

    def open(self, sealed: bytes) -> Answer:
        """The gate's answer to it. Raises SealBroken."""
        try:
            plain = unseal_with(self._box, sealed, _answer(self._passage, self._nonce))
            return msgspec.json.decode(plain, type=Answer)
        except (msgspec.DecodeError, ValueError) as e:
            raise SealBroken from e


def sign_look(look: Look, sealed: bytes, key: Ed25519PrivateKey) -> bytes:
    """What goes down the gate's stream, one line of JSON."""
    raw = msgspec.json.encode(look)
    return msgspec.json.encode(_Letter(msgspec.Raw(raw), b64(sealed), b64(key.sign(LOOK_CONTEXT + raw))))


def digest(sealed: bytes) -> str:
    return hashlib.sha256(sealed).hexdigest()


class Asked:
    """A question as the gate has it, with whom the answer is for."""

    def __init__(self, look: Look, told: _Question) -> None:
        self.look, self._told = look, told

    def answer(self, answer: Answer) -> bytes:
        """Sealed to whoever asked."""
        context = _answer(self.look.passage, self._told.nonce)
        return seal_to(unb64(self._told.box_key), msgspec.json.encode(answer), context)


def read_look(sent: bytes, key: Ed25519PublicKey, box: X25519PrivateKey, kiosk: str, now_ms: int) -> Asked:
    """The question, if the district vouches for it and it is for this gate now. Raises LookRefused."""
    try:
        letter = msgspec.json.decode(sent, type=_Letter)
        key.verify(unb64(letter.signature), LOOK_CONTEXT + bytes(letter.look))
        look = msgspec.json.decode(letter.look, type=Look)
        sealed = unb64(letter.sealed)
    except (msgspec.DecodeError, ValueError, InvalidSignature) as e:
        raise LookRefused("not signed by the district") from e
    if look.kiosk != kiosk:
        raise LookRefused("for another gate")
    if look.asked != digest(sealed):
        raise LookRefused("another question than the district vouched for")
    if not -SKEW_MS <= now_ms - look.issued <= VALID_MS:
        raise LookRefused("too late")
    try:
        told = msgspec.json.decode(unseal_with(box, sealed, _question(look.passage)), type=_Question)
        if len(unb64(told.box_key)) != 32:
            raise ValueError("not a key")
    except (SealBroken, msgspec.DecodeError, ValueError) as e:
        raise LookRefused("the question does not open") from e
    return Asked(look, told)


def _question(passage: Passage) -> bytes:
    return f"look|{passage}".encode()


def _answer(passage: Passage, nonce: str) -> bytes:
    return f"look-answer|{passage}|{nonce}".encode()
