"""Pictures of the pieces: texture, shading, shadow, motion."""
