"""Guards on text: scripts are read and never written, and prompts name nobody."""
