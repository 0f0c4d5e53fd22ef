"""x"""
from secondunit.prep.sets.avenue import build_avenue as build_yard
