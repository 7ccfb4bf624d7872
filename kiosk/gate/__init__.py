"""The gate: a relay that opens it, and what its contacts tell."""
