"""The name of the weights in the package. ``training/ship.py`` writes this file."""

SHIPPED = "e38999838da43077fa40a9c00b8eb98dada6654e85e9d854360ea042dd9e68de"
"""``session.weights_digest`` of the weights in the package: others are refused."""
