"""Prep: from the pages to shot lists, boards, sets and previs. Scripts are read, never written."""
