"""A shot opened: its plate, the scene that brief and plate make, and the sheet that shows it."""
