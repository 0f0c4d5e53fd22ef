"""Dust as the camera sees it: the control buffers of a generator."""
