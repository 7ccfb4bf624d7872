"""What the desk has by heart: its replica, what changed in it, who is who, photographs, gates, what the district did not take."""
