"""The generator seam and its backends."""
