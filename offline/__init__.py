"""A node's memory: journal, projections, outbox, sync, wire format, identity, seals. No Qt."""
