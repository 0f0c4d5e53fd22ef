"""The name of the weights in the package. ``training/ship.py`` writes this file."""

SHIPPED = "2560c9a67129a28137d8a073ed66c563597025831b00e3eccb62752e69927406"
"""``session.weights_digest`` of the weights in the package: others are refused."""
