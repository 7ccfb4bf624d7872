"""Whom an incident calls and how they are reached: the ladder, messages, channels, replies."""
