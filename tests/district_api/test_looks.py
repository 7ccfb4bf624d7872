"""Who may ask for the picture of a passage, what the district writes down of it, and that it never waits for ever."""

import base64
from collections.abc import Callable

import pytest

from district.scope import DUTIES, Duty
from domain.people import Role
from offline.letters.looks import Passage, Question
from offline.transport.errors import Rejected
from tests.fakes.serving import Joined, Serving
from tests.fakes.staff import People


@pytest.fixture
def gates(join: Callable[..., Joined]) -> dict[str, Joined]:
    """A gate in each community, with a passage of p1 the district knows of."""
    made = {}
    for community in ("jinxiu", "yulan"):
        gate = made[community] = join("kiosk", community)
        gate.journal.append("passage.recorded", {"method": "face", "gate": "south"}, subject="p1")
        gate.client.round()
    return made


def ask(desk: Joined, gate: Joined, token: str, seq: int | None = None) -> str:
    """The code of the refusal."""
    me = gate.journal
    passage = Passage(me.device, me.epoch, seq or me.facts("passage.recorded")[0].envelope.seq)
    desk.transport.bearer = token
    with pytest.raises(Rejected) as caught:
        sealed = Question(gate.node.identity.box_public, passage).sealed
        desk.transport.look(passage.kiosk, passage.epoch, passage.seq, sealed)
    return caught.value.code


def test_every_role_in_every_community(
    district: Serving, join: Callable[..., Joined], gates: dict[str, Joined]
) -> None:
    """Whoever has the duty there gets as far as the gate, which is not on the line; nobody else does."""
    people, desks = People(district), {c: join("caregiver", c, gate_log=True) for c in ("jinxiu", "yulan")}
    for role in Role:
        login = f"r-{role.value.replace('_', '-')}"
        people.add(login, {"jinxiu": {role}})
        token = people.token(login)
        for community, gate in gates.items():
            told = ask(desks[community], gate, token)
            allowed = role in DUTIES[Duty.SEE_PASSAGE] and community == "jinxiu"
            assert told == ("kiosk_not_listening" if allowed else "out_of_scope"), (role, community)
            other = desks["yulan" if community == "jinxiu" else "jinxiu"]
            assert ask(other, gate, token) == "not_found"  # a passage elsewhere is as unknown as none


def test_who_looked_at_whom_is_written_down_before_anything_is_asked(
    district: Serving, join: Callable[..., Joined], gates: dict[str, Joined]
) -> None:
    people, desk, gate = People(district), join("caregiver", gate_log=True), gates["jinxiu"]
    person = people.add("gus", {"jinxiu": {Role.GATE_STAFF}})
    assert ask(desk, gate, people.token("gus")) == "kiosk_not_listening"
    (line,) = [one for one in district.office.audit.lines(about="p1") if one.action == "passage.picture_asked"]
    assert line.actor == person
    assert desk.journal.device in line.detail
    assert gate.journal.device in line.detail


def test_without_a_session_from_a_gate_or_of_no_passage_nothing_is_asked(
    district: Serving, join: Callable[..., Joined], gates: dict[str, Joined]
) -> None:
    people, desk, gate = People(district), join("caregiver", gate_log=True), gates["jinxiu"]
    people.add("gus", {"jinxiu": {Role.GATE_STAFF}})
    token = people.token("gus")
    assert ask(desk, gate, "") == "sign_in"
    assert ask(desk, gate, token, seq=999) == "not_found"
    assert ask(gate, gate, token) == "out_of_scope"
    gate.journal.append("kiosk.self_tested", {"passed": True})
    gate.client.round()
    assert ask(desk, gate, token, seq=gate.journal.facts("kiosk.self_tested")[0].envelope.seq) == "not_found"


@pytest.mark.parametrize(
    "body",
    [b"", b"{}", b'{"kiosk":"k","epoch":-1,"seq":1,"sealed":""}', b'{"kiosk":"k","epoch":1,"seq":1,"sealed":"\xc3\xa9"}',
     b'{"kiosk":"k","epoch":1,"seq":1,"sealed":"","more":1}'],
)  # fmt: skip
def test_what_is_no_question_is_refused(district: Serving, join: Callable[..., Joined], body: bytes) -> None:
    people, desk = People(district), join("caregiver")
    people.add("gus", {"jinxiu": {Role.GATE_STAFF}})
    with pytest.raises(Rejected) as caught:
        headers = {"Authorization": f"Bearer {people.token('gus')}"}
        desk.transport.request("POST", "/v1/passages/picture", body, headers=headers)
    assert caught.value.code == "bad_request"


def test_an_answer_that_nobody_waits_for_is_let_go(join: Callable[..., Joined]) -> None:
    kiosk, desk = join("kiosk"), join("caregiver")
    for who, code in ((kiosk, "not_found"), (desk, "out_of_scope")):
        with pytest.raises(Rejected) as caught:
            who.transport.answer_look("l1", base64.b64encode(b"sealed"))
        assert caught.value.code == code
