"""What is sealed for one reader or signed by one writer on its way between nodes: orders, notes, pictures, passes."""
