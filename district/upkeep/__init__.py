"""Keeping a server in order: backup, move, retention, doctor, what was put aside."""
