"""The name of the weights in the package. ``training/ship.py`` writes this file."""

SHIPPED = "99c5cd04939aa58f3f8447ea5da1faa55b023e850f095e91cceacac5eac70513"
"""``session.weights_digest`` of the weights in the package: others are refused."""
