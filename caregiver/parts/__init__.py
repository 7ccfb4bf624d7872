"""What pages are built of: tables, work that takes its time, errands to the district, photographs, files."""
