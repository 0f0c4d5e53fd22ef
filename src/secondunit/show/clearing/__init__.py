"""Clearing a take: its use declared, approvals counted, the gate asked, and all of it put on record."""
