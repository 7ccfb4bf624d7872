"""What the district does not take of a device: it says so by a fact of its own, which reaches desks behind hubs as well.

Payload: `device`, `epoch`, `seq` of the fact it is about, and `because`: one of BECAUSE.
"""

PUT_ASIDE = "district.put_aside"
UNREADABLE = "unreadable"
BECAUSE = (
    "no_account",  # whoever is named has none, or it has ended
    "no_duty",  # it is not among their duties there
    "not_signed_in",  # they were not signed in at the desk that wrote it
    UNREADABLE,  # everything else: form, schema, a kind that is not the device's to write
)


def because(reason: str) -> str:
    """The code at the head of a reason as quarantine keeps it: ``code: words for the log``."""
    code = reason.partition(":")[0]
    return code if code in BECAUSE else UNREADABLE
