"""What people read: the place so that it can be found, the note only where it helps, and a link that previewers cannot press."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from assets.words import LANGUAGES, catalogue
from district.reaching.handovers import Handover
from district.reaching.messages import Described, Recipient, compose
from district.reaching.replies import Shown
from domain import incident_kinds as k
from domain.incident import Event, Incident
from domain.incident_kinds import Kind, State
from domain.incidents import fold
from domain.ladder_steps import Act
from domain.subjects import of_stray
from tests.district_ladder.conftest import ELDER, HERE, T0, District

OF = Described("张奶奶", "3-2-501", (39.99316, 116.31260), "010-1234", "密码 2580", "服用华法林")
NOTICE = Handover("r", "i", HERE, ELDER, "fall", 1, "ann", "alarm", 0, "opened", "", False, 0)


def incident(kind: Kind = Kind.FALL, **more: Any) -> Incident:
    found = fold([Event(k.OPENED, {"incident": "i", "elder": ELDER, "kind": kind.value, **more}, "system", T0)])
    assert found is not None
    return found


def text(to: Recipient, notice: Handover = NOTICE, abroad: bool = False, **more: Any) -> str:
    found = compose(notice, incident(**more), OF, to, "https://x/r/t", abroad)
    return f"{found.title}\n{found.body}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_alarm_leads_there(language: str) -> None:
    found = text(Recipient("ann", language, responder=True))
    for part in ("张奶奶", "3-2-501", "N50J47539B825", "39.993160", "116.312600", "010-1234", "120", "https://x/r/t"):
        assert part in found


def test_the_medical_note_is_for_responders_and_never_goes_abroad() -> None:
    assert "华法林" in text(Recipient("ann", "zh", responder=True))
    assert "华法林" not in text(Recipient("son", "zh", responder=False))
    assert "华法林" not in text(Recipient("ann", "zh", responder=True), abroad=True)
    assert "华法林" not in text(Recipient("ann", "zh", responder=True), replace(NOTICE, act="inform"))


@pytest.mark.parametrize(
    ("to", "abroad", "told"),
    [
        (Recipient("ann", "en", responder=True), False, True), (Recipient("ann", "en", responder=True), True, False),
        (Recipient("son", "en", responder=False), False, False),
    ],
)  # fmt: skip
def test_who_has_a_key_is_told_to_whoever_goes_and_never_abroad(to: Recipient, abroad: bool, told: bool) -> None:
    of = replace(OF, key_holders=("王强 139",))
    assert ("Has a key: 王强 139" in compose(NOTICE, incident(), of, to, "", abroad).body.splitlines()) is told


@pytest.mark.parametrize(("language", "words"), [("zh", "没有登记在任何人家中"), ("en", "registered in nobody's home")])
def test_a_device_in_nobodys_home_asks_to_find_out_who_has_it(language: str, words: str) -> None:
    assert words in text(Recipient("com", language), kind=Kind.SOS, elder=of_stray(HERE, "button-7"))
    assert words not in text(Recipient("com", language), kind=Kind.SOS)


@pytest.mark.parametrize(("language", "words"), [("zh", "连求助也收不到"), ("en", "not even a call for help")])
def test_that_a_gateway_is_silent_says_what_it_means(language: str, words: str) -> None:
    said = text(Recipient("com", language), kind=Kind.GATEWAY_SILENT, elder="gateway:jinxiu:bridge/b1")
    assert words in said
    asked = {"zh": ("正在呼叫：社区", "家属"), "en": ("Asked now: community", "family")}[language]
    assert (asked[0] in said, asked[1] in said) == (True, False), "nobody's family is asked"


@pytest.mark.parametrize(
    ("kind", "more", "zh", "en"),
    [
        (
            Kind.INACTIVITY, {"since": T0.isoformat(), "rule": "silence"},
            "自 11-23 16:00 起没有动静。", "Nothing has been heard of them since 11-23 16:00.",
        ),
        (  # they may have walked about the rooms all the while
            Kind.INACTIVITY, {"since": T0.isoformat(), "rule": "no_door"},
            "自 11-23 16:00 起没有开过门。", "The door has not been opened since 11-23 16:00.",
        ),
        (
            Kind.INACTIVITY, {"since": T0.isoformat(), "rule": "no_kettle"},
            "自 11-23 16:00 起没有收到约定应有的信号。", "What was agreed to be heard of them has not been since 11-23 16:00.",
        ),
        (
            Kind.DEVICE_BLIND, {"since": T0.isoformat(), "rule": "hall door"},
            "hall door：自 11-23 16:00 起没有信号。", "hall door: nothing has come from it since 11-23 16:00.",
        ),
        (
            Kind.MISSED_CHECKIN, {"since": T0.isoformat(), "rule": "return"},
            "11-23 16:00 外出，至今未见返回。", "They went out at 11-23 16:00 and have not been seen since.",
        ),
        (
            Kind.MISSED_CHECKIN, {"since": T0.isoformat(), "rule": "w1"},
            "自 11-23 16:00 起应有消息，至今没有。", "They were to check in from 11-23 16:00 on, and have not.",
        ),
        (Kind.TAMPER, {"device": "hall door"}, "设备：hall door", "Device: hall door"),
    ],
)  # fmt: skip
def test_whoever_goes_reads_since_when_and_which_device(kind: Kind, more: dict[str, Any], zh: str, en: str) -> None:
    for language, line in (("zh", zh), ("en", en)):
        assert line in text(Recipient("ann", language), kind=kind, **more).splitlines()
    assert text(Recipient("ann", "en"), kind=kind).count("\n") < text(Recipient("ann", "en"), kind=kind, **more).count(
        "\n"
    )


def test_a_drill_a_repeat_and_an_unconfirmed_alarm_say_so() -> None:
    assert text(Recipient("ann", "zh"), exercise=True).startswith("【演练】")
    assert "可能已经收到过" in text(Recipient("ann", "zh"), replace(NOTICE, repeated=True))
    assert "尚未经中心确认" in text(Recipient("ann", "zh"), confirmed=False)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("act", list(Act))
def test_every_kind_and_act_has_words(language: str, kind: Kind, act: Act) -> None:
    if act is Act.ESCALATE:
        return
    found = compose(replace(NOTICE, act=act.value), incident(kind), OF, Recipient("ann", language), "", False, k.CLOSED)
    assert "{" not in found.title + found.body


@pytest.mark.parametrize(("language", "words"), [("zh", "仍须有人前去查看"), ("en", "somebody must still go and see")])
def test_those_on_their_way_hear_that_i_am_well_was_pressed_and_that_it_is_no_all_clear(
    district: District, language: str, words: str
) -> None:
    district.town.languages = {"ann": language}
    district.tell("sign.fall", device="watch")
    district.tick()
    district.tick(timedelta(seconds=30))
    district.tell("sign.link", by=ELDER)
    district.tick()
    district.tick(timedelta(seconds=1))
    assert district.told("inform") == ["ann"]
    assert words in district.recording.messages[-1].title
    assert district.incident().open


def test_both_languages_say_the_same_things() -> None:
    keys = [{key for key in catalogue(language) if key.startswith("incident.")} for language in LANGUAGES]
    assert keys[0] == keys[1]


class TestReplies:
    @pytest.fixture
    def token(self, district: District) -> str:
        district.tell("sign.sos", device="b")
        district.tick()
        body = district.recording.messages[0].body
        return body.split("https://watch.example/r/")[1].split()[0]

    def test_looking_acknowledges_nothing_however_often(self, district: District, token: str) -> None:
        for _ in range(5):
            assert district.watch.replies.look(token, district.now).shown is Shown.ASK
        assert district.incident().state is State.DETECTED

    def test_pressing_acknowledges_once_as_the_person_it_was_sent_to(self, district: District, token: str) -> None:
        assert district.watch.replies.act(token, district.now).shown is Shown.THANKS
        assert district.watch.replies.act(token, district.now).shown is Shown.USED
        assert (district.incident().state, district.incident().leader) == (State.ACCEPTED, "ann")
        assert [f.payload["person"] for f in district.ledger.about(ELDER, ["notice.sent"])] == ["ann"]
        assert len(district.ledger.about(ELDER, [k.NOTICE_ACKNOWLEDGED])) == 1

    def test_a_crash_before_the_token_is_spent_lets_them_press_again_and_counts_once(
        self, district: District, token: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def crash(*_: object) -> None:
            raise KeyboardInterrupt

        with monkeypatch.context() as broken:
            broken.setattr(district.watch.replies, "_spend", crash)
            with pytest.raises(KeyboardInterrupt):
                district.watch.replies.act(token, district.now)
        assert district.watch.replies.act(token, district.now).shown is Shown.THANKS
        assert len(district.ledger.about(ELDER, [k.ACKNOWLEDGED])) == 1

    def test_an_old_or_invented_token_tells_nothing(self, district: District, token: str) -> None:
        later = district.now + timedelta(hours=25)
        for answer in (district.watch.replies.look("guess", district.now), district.watch.replies.act(token, later)):
            assert (answer.shown, answer.incident) == (Shown.EXPIRED, None)

    def test_an_incident_that_is_over_cannot_be_taken(self, district: District, token: str) -> None:
        for kind, by in ((k.ACKNOWLEDGED, "bo"), (k.FEEDBACK, "bo"), (k.CLOSED, "chief")):
            district.step(kind, by)
        assert district.watch.replies.act(token, district.now).shown is Shown.OVER

    def test_the_token_is_not_kept(self, district: District, token: str) -> None:
        rows = district.store.read("SELECT * FROM reply_links")
        assert token not in repr(rows)

    def test_the_elders_own_link_is_a_sign_of_life_on_the_button_only(self, district: District) -> None:
        link = district.watch.replies.check_in_link(ELDER, HERE, "ref", district.now)
        token = link.rpartition("/")[2]
        assert district.watch.replies.look(token, district.now).check_in
        assert not district.ledger.about(ELDER, ["sign.link"])
        district.watch.replies.act(token, district.now)
        assert len(district.ledger.about(ELDER, ["sign.link"])) == 1
