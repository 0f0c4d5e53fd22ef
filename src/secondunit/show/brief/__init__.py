"""The brief: what ``show.toml`` and ``shot.toml`` ask for, read closed and written with words; axes and recipes."""
