"""Who this node is and what it can open: its identity, the keys of people, seals and signatures."""
