"""The name of the weights in the package. ``training/ship.py`` writes this file."""

SHIPPED = "f57c6072faabb3116b73eb168f2fe521fdf384a41d74ecadfdb3a75822cd7580"
"""``session.weights_digest`` of the weights in the package: others are refused."""
