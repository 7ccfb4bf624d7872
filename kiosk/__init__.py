"""A gate that knows its residents, and always offers another way in."""
