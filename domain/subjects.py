"""What an incident of no elder is about: a gate, a gateway, or a device that stands in nobody's home, in the place of an elder."""

GATE, GATEWAY, STRAY = "gate", "gateway", "stray"
CROWD = "*"  # in the place of a device: all those of a community that are too many to be told apart


def of_gate(gate: str) -> str:
    return f"{GATE}:{gate}"


def of_gateway(community: str, gateway: str) -> str:
    return f"{GATEWAY}:{community}:{gateway}"


def gateway_of(subject: str) -> str:
    """The whole name of the gateway that `of_gateway` was given."""
    return subject.split(":", 2)[2]


def of_stray(community: str, device: str) -> str:
    """A device that reports and was put up in no home."""
    return f"{STRAY}:{community}:{device}"


def of_crowd(community: str) -> str:
    """Devices in nobody's home of which so many call that they are one alarm."""
    return of_stray(community, CROWD)


def is_stray(subject: str) -> bool:
    return subject.startswith(f"{STRAY}:")


def is_crowd(subject: str) -> bool:
    return is_stray(subject) and thing(subject) == CROWD


def thing(subject: str) -> str | None:
    """The name of the gate, gateway or device; None where the subject is a person, whose id has no colon."""
    kind, _, name = subject.partition(":")
    if kind == GATE:
        return name
    name = name.partition(":")[2]
    if kind == GATEWAY:
        return name.partition("/")[2] or name  # bridge/NAME, hub/NAME
    return name if kind == STRAY else None
