"""Procedural sets: metric building and street kits, their options, and the files an art department opens."""
