"""The name of the weights in the package. ``training/ship.py`` writes this file."""

SHIPPED = "f3b81042f158bd652e1e9bdb87f234ae6ad903e4bc8ae53047685941e478b915"
"""``session.weights_digest`` of the weights in the package: others are refused."""
