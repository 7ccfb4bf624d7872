"""Who may not come in, as facts of a desk or of a gate's own terminal: what shuts somebody out needs no line (decision 51)."""

# {by, note}: who says so and, sealed, why; the newer one counts
BLOCKED, UNBLOCKED = "person.blocked", "person.unblocked"
NOTICED = "staff.noticed"  # of a gate, about whom: {gate, ruling, method, opened}
