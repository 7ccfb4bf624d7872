"""What the kiosk shows and hears from fingers. What is shown, and what a press means, is decided in `kiosk.visit`."""
