"""Short texts about somebody (a note on a visit, what responders must know), sealed under that person's own key."""

from offline.keys.identity import b64, unb64
from offline.keys.keystore import Keystore
from offline.keys.seal import SealBroken, seal, unseal

VIEWED = "record.viewed"  # by whom, `what` of the elder's, and `why`, sealed
READ = "medical_note"  # what: handed out by the district, whose fact it is
GLASS_BROKEN = "medical_note_sealed"  # what: the sealed copy of a desk, whose fact it is


def seal_note(keys: Keystore, about: str, words: str) -> str:
    """`words` as a payload carries them, base64."""
    return b64(seal(keys.create(about), words.encode(), b"note|" + about.encode()))


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
    """A picture taken with somebody (on a visit, at an incident) as a payload carries it, base64."""
    return b64(seal(keys.create(about), jpeg, b"photo|" + about.encode()))


def open_photo(keys: Keystore, about: str, sealed: object) -> bytes:
    """What `seal_photo` sealed; b"" where there is nothing, or the person's key is not here."""
    key = keys.find(about)
    if key is None or not isinstance(sealed, str):
        return b""
    try:
        return unseal(key, unb64(sealed), b"photo|" + about.encode())
    except (SealBroken, ValueError):
        return b""
