"""Enrolling: photographs and a consent become a template; at the gate, from a folder, or from a visitor just now."""
