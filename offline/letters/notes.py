"""Short texts about somebody (a note on a visit, what responders must know), sealed under that person's own key."""

from domain.errors import Mendable
from domain.subjects import thing
from offline.keys.identity import b64, unb64
from offline.keys.keystore import Keystore
from offline.keys.seal import SealBroken, seal, unseal

VIEWED = "record.viewed"  # by whom, `what` of the elder's, and `why`, sealed
READ = "medical_note"  # what: handed out by the district, whose fact it is
GLASS_BROKEN = "medical_note_sealed"  # what: the sealed copy of a desk, whose fact it is


def seal_note(keys: Keystore, about: str, words: str) -> str:
    """`words` as a payload carries them, base64. Raises Mendable `key_not_here`."""
    return b64(seal(_key(keys, about), words.encode(), b"note|" + about.encode()))


def open_note(keys: Keystore, about: str, sealed: object) -> str:
    """What `seal_note` sealed; '' where there is nothing, or the person's key is not here."""
    key = keys.find(about)
    if key is None or not isinstance(sealed, str):
        return ""
    try:
        return unseal(key, unb64(sealed), b"note|" + about.encode()).decode()
    except (SealBroken, ValueError):
        return ""


def seal_photo(keys: Keystore, about: str, jpeg: bytes) -> str:
    """A picture taken with somebody (on a visit, at an incident) as a payload carries it, base64. Raises Mendable
    `key_not_here`."""
    return b64(seal(_key(keys, about), jpeg, b"photo|" + about.encode()))


def open_photo(keys: Keystore, about: str, sealed: object) -> bytes:
    """What `seal_photo` sealed; b"" where there is nothing, or the person's key is not here."""
    key = keys.find(about)
    if key is None or not isinstance(sealed, str):
        return b""
    try:
        return unseal(key, unb64(sealed), b"photo|" + about.encode())
    except (SealBroken, ValueError):
        return b""


def _key(keys: Keystore, about: str) -> bytes:
    """A person's key is made where they are registered: a second one made here would open nothing of theirs, nobody else could
    read what is under it, and the true one would not be asked for."""
    key = keys.find(about)
    if key is None and thing(about) is None:
        raise Mendable("key_not_here")
    return keys.create(about) if key is None else key
