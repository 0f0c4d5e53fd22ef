"""What a scene needs: elements, effects, eighths of a page, the one-line schedule."""
