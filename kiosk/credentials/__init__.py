"""Ways in beside the face: cards, PINs and QR passes. Readers present; the desk knows what is good."""
