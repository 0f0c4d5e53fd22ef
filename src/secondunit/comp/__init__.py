"""Putting the element into the plate."""
