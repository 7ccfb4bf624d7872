"""The district server: what every device syncs to. No Qt."""
