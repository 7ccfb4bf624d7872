"""Whom this gate knows, and the templates it knows them by: its own, and those that other gates have lent it."""
