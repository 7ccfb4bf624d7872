from pathlib import Path

from kiosk.config import KioskSettings, Site
from kiosk.introduction import introduction
from offline.letters.gate_card import GATE_DESCRIBED, read_card
from offline.node import Node


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


def test_a_card_whose_key_somebody_changed_is_none(tmp_path: Path) -> None:
    node = Node(tmp_path)
    node.journal.become("gate-1", 1, "jinxiu")
    told = introduction(KioskSettings(data=tmp_path), node, "sface 1")
    node.close()
    assert told is not None
    assert read_card("gate-1", told | {"box_key": "A" * 43 + "="}) is None
    assert read_card("gate-1", {}) is None
