"""How the pieces come down."""
