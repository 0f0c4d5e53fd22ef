"""From stages to pictures: simulation, what frames share, one frame, its passes and what people look at."""
