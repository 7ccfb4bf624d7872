"""For how long what is about what may be kept: the names of the terms, and to which a kind of fact belongs."""

from collections.abc import Mapping

PASSAGE, SIGN, OPERATIONS = "passage", "sign", "operations"
# By what a kind begins with. The roster, consents, plans and incidents have no term: they end with whom they are about.
TERM_OF: Mapping[str, str] = {
    "passage": PASSAGE, "verdict": PASSAGE,
    "sign": SIGN, "visit": SIGN, "fall": SIGN, "checkin": SIGN, "record": SIGN,
    "call": OPERATIONS, "reminder": OPERATIONS, "kiosk": OPERATIONS, "gate": OPERATIONS, "device": OPERATIONS,
    "notice": OPERATIONS,
}  # fmt: skip
