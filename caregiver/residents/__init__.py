"""Residents: consents, ways in, visitors' passes, import."""
