"""What a building is made of, and the pieces it breaks into."""
