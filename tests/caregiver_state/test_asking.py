"""What somebody is told of an answer of the district that is none."""

import pytest

from assets.words import catalogue
from caregiver.asking import refusal
from offline.transport.errors import NotNow, Rejected, TryAgain, Untrusted

MEND = {"login_taken": "accounts_login_taken", "busy": "accounts_busy"}


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (Rejected("out_of_scope", 403), "accounts_not_yours"),
        (Rejected("sign_in", 401), "accounts_sign_in"),
        (Rejected("login_taken", 409), "accounts_login_taken"),
        (Rejected("upgrade_required", 426), "district_refuses"),
        (NotNow("busy"), "accounts_busy"),
        (NotNow("too_many"), "district_too_many"),
        (NotNow("internal"), "district_trouble"),
        (NotNow("http_502"), "district_trouble"),
        (TryAgain("GET /v1/accounts: no route"), "accounts_no_line"),
        (Untrusted("another key"), "district_not_itself"),
    ],
)
def test_each_kind_of_refusal_is_told_as_what_it_is(error: Exception, code: str) -> None:
    assert refusal(error, "accounts", MEND).code == code


def test_a_reason_that_nobody_foresaw_is_told_as_it_came() -> None:
    assert refusal(Rejected("brand_new", 409), "accounts", MEND).details == {"reason": "brand_new"}


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("about", ["account", "accounts", "access", "exports", "gate", "picture", "retention"])
def test_there_are_words_for_each_about_everything_that_is_asked(about: str, language: str) -> None:
    for error in (
        Rejected("out_of_scope"),
        Rejected("sign_in"),
        Rejected("x"),
        NotNow("busy"),
        NotNow("x"),
        TryAgain("x"),
    ):
        assert f"error.{refusal(error, about, {}).code}" in catalogue(language)
