"""Staging in three dimensions: sets, figures and vehicles as triangles, and the renderer that sees them."""
