"""The one place where the kiosk's adapters are chosen and wired."""

from kiosk.bootstrap.at_the_gate import CARD_NUMBERS, pass_keys
from kiosk.bootstrap.faces import make_enroller
from kiosk.bootstrap.ground import open_node, open_templates
from kiosk.bootstrap.house import make_gatehouse

__all__ = ["CARD_NUMBERS", "make_enroller", "make_gatehouse", "open_node", "open_templates", "pass_keys"]
