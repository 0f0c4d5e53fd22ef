"""Dust: where it is made, how it flows, how light goes through it."""
