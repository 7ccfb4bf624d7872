"""For how long what is about what may be kept: the names of the terms, and to which a fact belongs."""

from collections.abc import Mapping

PASSAGE, SIGN, OPERATIONS = "passage", "sign", "operations"
# By what a kind begins with. The roster, consents, plans and incidents have no term: they end with whom they are about.
_NONE = frozenset({"person", "consent", "careplan", "plan", "config", "template", "home", "margin", "incident"})
_TERMS: Mapping[str, str] = {
    "passage": PASSAGE, "verdict": PASSAGE,
    "call": OPERATIONS, "reminder": OPERATIONS, "kiosk": OPERATIONS, "gate": OPERATIONS, "staff": OPERATIONS, "device": OPERATIONS,
    "notice": OPERATIONS,
}  # fmt: skip


def term_of(kind: str, about_somebody: bool) -> str | None:
    """The term of a fact; None where it has none. Whatever else is said of somebody has that of signs, and of nobody that of
    operations, kinds that are not known here among it."""
    family = kind.partition(".")[0]
    if family in _NONE:
        return None
    return _TERMS.get(family, SIGN if about_somebody else OPERATIONS)
