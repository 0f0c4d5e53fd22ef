"""The show on disk, and the one place that joins rooms into jobs."""
