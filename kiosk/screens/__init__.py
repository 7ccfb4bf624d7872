"""What the kiosk shows and hears from fingers. ``model`` is the vocabulary (no Qt), the rest draws it."""
