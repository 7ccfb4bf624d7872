"""What keeps a kiosk fit: its state, its self-test, the night, its second eye, another face engine."""
