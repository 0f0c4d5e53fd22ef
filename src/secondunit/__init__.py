"""Second Unit: open, generative visual effects that film people can use."""

__version__ = "0.1.0"
