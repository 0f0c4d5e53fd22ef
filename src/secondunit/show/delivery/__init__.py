"""How a final leaves: signed, published, checked from outside, reported in the binder."""
