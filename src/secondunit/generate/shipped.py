"""The name of the weights in the package. ``training/ship.py`` writes this file."""

SHIPPED = "6c013c68c9c28c10c8180aa49201e73581ccec4b906ad758214aa3548ae6dec7"
"""``session.weights_digest`` of the weights in the package: others are refused."""
