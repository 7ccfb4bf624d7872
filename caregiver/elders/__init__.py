"""Elders at a glance and one by one: the board, the page, the care plan, visits."""
