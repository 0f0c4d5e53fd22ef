"""Policy: what is declared, which rules are in force, and what they say of a use."""
