"""Which passwords are too easily guessed, however long: one thing over and over, rows of keys, common words with digits."""

import re

SHORTEST, LONGEST = 12, 256
LEAST_LEFT = 4  # letters that must be left when everything common is taken away
LEAST_DIFFERENT = 5
_ROWS = (
    "01234567890123456789",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "1qaz2wsx3edc4rfv5tgb",
)
_WORDS = (
    "password", "passw0rd", "p@ssw0rd", "welcome", "letmein", "admin", "administrator", "iloveyou", "woaini", "mima",
    "shouwang", "district", "caregiver", "changeme", "default", "secret", "dragon", "monkey", "sunshine", "princess",
    "football", "baseball", "superman", "5201314", "1314520", "123qwe", "abc123",
)  # fmt: skip
_RUNS = re.compile(
    "|".join(
        re.escape(row[at : at + n])
        for line in _ROWS
        for row in (line, line[::-1])
        for n in range(len(line), 3, -1)
        for at in range(len(line) - n + 1)
    )
)
_COMMON = re.compile("|".join(sorted(map(re.escape, _WORDS), key=len, reverse=True)))


def weak(password: str, login: str) -> bool:
    """Whether a password is refused: 12 to 256 letters, without the login, and not one of those that are tried first."""
    small = password.lower()
    if not SHORTEST <= len(password) <= LONGEST or login in small:
        return True
    if len(set(small)) < LEAST_DIFFERENT or small in (small + small)[1:-1]:  # the same part over and over
        return True
    left = re.sub(r"\d{4,}|[\W_]+", "", _RUNS.sub("", _COMMON.sub("", small)))
    return len(left) < LEAST_LEFT
