"""One-time codes: a secret people can type, and the hash of the district's key, in one word."""

import secrets

from district.office import Office
from district.scope import DeviceRole
from district.store.registry import Code
from offline.keys.identity import make_code

VALID_MS = 15 * 60_000
_LETTERS = "abcdefghjkmnpqrstvwxyz23456789"  # none that are mistaken for one another
_LENGTH = 11  # 54 bits


def issue(office: Office, role: DeviceRole, community: str, gate_log: bool = False) -> str:
    """A new enrolment code; only its hash is kept."""
    secret = "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))
    office.registry.put_code(secret, Code(role, community, gate_log, office.now_ms() + VALID_MS))
    return make_code(secret, office.identity.sign_public)
