"""Long is not enough: what is tried first is refused."""

import pytest

from district.people.passwords import weak


@pytest.mark.parametrize(
    "password",
    [
        "short", "a" * 257, "aaaaaaaaaaaaa", "123456789012", "987654321098", "qwertyuiop123", "abcabcabcabc", "Password123456!",
        "woaini5201314", "admin-2026-admin", "1qaz2wsx3edc4rfv", "my-zhao-is-best", "p@ssw0rd1234", "iloveyou1234", "lakers242424",
        "letmeinletmein", "Shouwang2026!", "dragonmonkey12", "sunshine2026!", "20261126shouwang",
    ],
)  # fmt: skip
def test_what_is_tried_first_is_refused(password: str) -> None:
    assert weak(password, "zhao")


@pytest.mark.parametrize(
    "password",
    ["correct horse battery", "an entirely new one", "楼下的桂花开了三次又谢了", "Kx7#pQ2m!vT9", "another password!"],
)
def test_what_nobody_would_try_is_taken(password: str) -> None:
    assert not weak(password, "zhao")
