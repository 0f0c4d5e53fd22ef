"""Boards: staged shots drawn by hand-like strokes, and their way into PDF, movie, timeline and Storyboarder."""
