"""A node's memory of facts: one sealed SQLite file, its chain, what waits to be sent, and what is read out of it."""
