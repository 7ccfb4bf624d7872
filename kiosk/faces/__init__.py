"""Faces at the gate: detect, follow, judge quality, tell living from pictured, embed, search, decide."""
