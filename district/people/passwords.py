"""Which passwords are too easily guessed (NIST SP 800-63B, 5.1.1.2): found in breaches, dictionary words, repetitions, rows of keys
and dates, by `zxcvbn` (MIT), whose list holds the 30,000 most used of breached passwords and asks nobody over a network; and
this system's own words with nothing but digits and marks around them."""

import re
from functools import cache
from typing import Any

SHORTEST, LONGEST = 12, 256
STRONG = 3  # zxcvbn: more than 10^8 guesses, out of reach behind Argon2id and a delay after failures
LOOKED_AT = 72  # letters: what follows can only make it stronger, and looking takes time
LEAST_LEFT = 4  # letters that must be left when our own words, digits and marks are taken away
_OURS = (
    "administrator", "shouwang", "district", "caregiver", "supervisor", "community", "kiosk", "admin", "password", "changeme",
    "woaini", "mima", "5201314", "1314520",
)  # fmt: skip
_COMMON = re.compile("|".join(_OURS))


def weak(password: str, login: str) -> bool:
    """Whether a password is refused: 12 to 256 characters, without the login, and not one of those that are tried first."""
    small = password.lower()
    if not SHORTEST <= len(password) <= LONGEST or login in small:
        return True
    if len(re.sub(r"[\d\W_]+", "", _COMMON.sub("", small))) < LEAST_LEFT:
        return True
    return bool(_zxcvbn()(password[:LOOKED_AT], user_inputs=[login, *_OURS])["score"] < STRONG)


@cache
def _zxcvbn() -> Any:
    """Its lists are read when somebody first needs them, not by every start of the server."""
    from zxcvbn import zxcvbn

    return zxcvbn
