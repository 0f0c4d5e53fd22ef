"""Layout, structure, fracture, rigid bodies, dust, light and control passes."""
