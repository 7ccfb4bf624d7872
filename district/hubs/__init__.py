"""Servers below and above: what is relayed, compared, mended and held back."""
