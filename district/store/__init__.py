"""What the district keeps: facts and the registry, on SQLite or on PostgreSQL, behind one port."""
