"""Calls from the gate."""
