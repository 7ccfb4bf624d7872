"""What stands around the pages: the side, the head, what rings, what is in trouble, and each page in its room."""
