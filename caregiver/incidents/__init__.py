"""Alarms and incidents: seen, answered, worked on, closed."""
