"""Prep's jobs on a show: where they join its record, its files and its shots."""
