"""Pictures on their way from a gate to a desk: in memory, for seconds, sealed from end to end."""
