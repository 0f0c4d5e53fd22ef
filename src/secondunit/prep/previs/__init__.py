"""Previs: a camera with a real filmback and lens, moves as curves, the sun of a place and hour, marks and figures."""
