from datetime import time
from pathlib import Path

from kiosk.config import FallbackTable, KioskSettings, OpenHours, Site
from kiosk.introduction import introduction
from offline.letters.gate_card import GATE_DESCRIBED, read_card
from offline.node import Node
from tests.fakes.there import there


def test_a_gate_introduces_itself_once_for_every_change(tmp_path: Path) -> None:
    node = Node(tmp_path)
    settings = KioskSettings(data=tmp_path, site=Site(gate_id="south", gate_zh="南门", guard_phone="0571"))
    try:
        assert introduction(settings, node, "sface 1") is None, "nobody to tell before enrolment"
        node.journal.become("gate-1", 1, "jinxiu")
        told = introduction(settings, node, "sface 1")
        assert told is not None
        node.journal.append(GATE_DESCRIBED, told)
        assert introduction(settings, node, "sface 1") is None
        assert introduction(settings, node, "sface 2") is not None
        card = read_card("gate-1", told)
        assert card is not None
        assert (card.gate, card.name["zh"], card.box_key) == ("south", "南门", node.identity.box_public)
        assert card.fingerprint == node.identity.fingerprint
        assert "0571" not in str(told)
    finally:
        node.close()


def test_a_gate_tells_which_ways_rest_without_the_district_and_when_it_stands_open(tmp_path: Path) -> None:
    by_day = OpenHours(start=time(7), end=time(19))
    node = Node(tmp_path)
    node.journal.become("gate-1", 1, "jinxiu")
    for table in (FallbackTable(), FallbackTable(face_hours=72, pass_hours=0.5, open_hours=(by_day,))):
        told = there(introduction(KioskSettings(data=tmp_path, fallback=table), node, "sface 1"))
        card = there(read_card("gate-1", told))
        found = (card.rests, card.stands_open)
        assert found == (({}, ()) if table.face_hours is None else ({"face": 72, "qr": 0.5}, ("07:00–19:00",)))
    node.close()
    older = {key: value for key, value in told.items() if key not in ("rests", "stands_open")}
    assert there(read_card("gate-1", older)).rests == {}


def test_a_card_whose_key_somebody_changed_is_none(tmp_path: Path) -> None:
    node = Node(tmp_path)
    node.journal.become("gate-1", 1, "jinxiu")
    told = introduction(KioskSettings(data=tmp_path), node, "sface 1")
    node.close()
    assert told is not None
    assert read_card("gate-1", told | {"box_key": "A" * 43 + "="}) is None
    assert read_card("gate-1", {}) is None
