"""The pages behind links: in the reader's language, with what they need to go there, and no press counts twice."""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
import requests

from assets.words import say
from district.ledger import StoreLedger
from domain.incident_kinds import ACKNOWLEDGED, FEEDBACK, HANDLING, ON_SCENE, OPENED
from domain.people import Role
from tests.fakes.serving import Serving
from tests.fakes.staff import PASSWORD

ELDER = "p1"
Link = Callable[..., str]


@pytest.fixture
def link(district: Serving) -> Link:
    """A link of somebody of that language, to a fall of an elder."""
    office = district.office

    def make(language: str, **opened: Any) -> str:
        held = {"jinxiu": frozenset({Role.CAREGIVER})}
        account, _ = office.accounts.invite("li", "Li", held, office.now_ms(), "test", language=language)
        told = {"incident": "i1", "elder": ELDER, "kind": "fall", "severity": 1, "by": "system", **opened}
        StoreLedger(office.store).add(OPENED, told, "jinxiu", ELDER, office.now_ms())
        office.nightwatch.replies._base = district.url + "/"
        return office.nightwatch.replies.link(account.person, "i1", ELDER, "jinxiu", "ref", office.now())

    return make


def kinds(district: Serving) -> list[str]:
    facts = [i.event.kind for i in district.office.store.about(ELDER)]
    return [kind for kind in facts if kind in (ACKNOWLEDGED, HANDLING, ON_SCENE, FEEDBACK)]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_whole_way_by_pressing_what_is_there(district: Serving, link: Link, language: str) -> None:
    browser, url = requests.Session(), link(language)
    asked = browser.get(url, timeout=10)
    assert f'lang="{language}"' in asked.text
    assert say(language, "incident.kind.fall") in asked.text
    assert 'href="tel:120"' in asked.text
    page = asked
    for step in ("take", "coming", "there"):
        assert say(language, f"incident.reply.{'button' if step == 'take' else step}") in page.text
        page = browser.post(page.url, {"step": step}, timeout=10)
        again = browser.get(page.url, timeout=10)
        assert (page.status_code, again.text) == (200, page.text)  # loaded anew, nothing is pressed twice
    done = browser.post(page.url, {"step": "report", "outcome": "helped"}, timeout=10)
    assert say(language, "incident.reply.thanks") in done.text
    assert kinds(district) == [ACKNOWLEDGED, HANDLING, ON_SCENE, FEEDBACK]
    assert say(language, "incident.reply.used") in browser.get(url, timeout=10).text


def test_a_drill_says_so(link: Link) -> None:
    assert say("en", "incident.line.drill") in requests.get(link("en", exercise=True), timeout=10).text


@pytest.mark.parametrize(
    ("asked", "language"), [("en-GB,en;q=0.9,zh;q=0.8", "en"), ("zh-CN,zh;q=0.9", "zh"), ("fr", "zh"), ("", "zh")]
)
def test_whoever_is_not_known_is_answered_in_their_browsers_language(
    district: Serving, asked: str, language: str
) -> None:
    for path, words in (("r", "incident.reply.expired"), ("begin", "district.link_over")):
        told = requests.get(f"{district.url}/{path}/guess", headers={"Accept-Language": asked}, timeout=10)
        assert told.status_code == 404
        assert say(language, words) in told.text


def test_a_password_page_has_a_named_field_and_says_what_is_wrong(district: Serving) -> None:
    office = district.office
    url = f"{district.url}/begin/{office.accounts.first_administrator(office.now_ms())}"
    told = requests.post(url, urlencode({"password": "short"}), headers={"Accept-Language": "en"}, timeout=10)
    assert told.status_code == 422
    assert say("en", "district.password_weak") in told.text
    assert re.search(r'<label for="(\w+)">.*<input id="\1"', told.text)


def test_a_page_fetches_nothing_and_keeps_to_itself(link: Link) -> None:
    told = requests.get(link("zh"), timeout=10)
    assert told.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert told.headers["Cache-Control"] == "no-store"
    assert not re.search(r"<script|<link|url\(|@import|<img", told.text)


@pytest.mark.parametrize(
    ("asked", "chosen", "language"), [("en", "", "en"), ("zh-CN", "", "zh"), ("zh-CN", "?language=en", "en")]
)
def test_messages_come_in_the_language_in_which_the_password_was_chosen(
    district: Serving, asked: str, chosen: str, language: str
) -> None:
    office = district.office
    url = f"{district.url}/begin/{office.accounts.first_administrator(office.now_ms())}{chosen}"
    browser = requests.Session()
    browser.headers["Accept-Language"] = asked
    assert say(language, "district.begin_language") in browser.get(url, timeout=10).text
    done = browser.post(url, {"password": PASSWORD}, timeout=10)
    assert say(language, "district.begun", login="admin") in done.text
    (admin,) = office.accounts.accounts()
    assert admin.language == language
