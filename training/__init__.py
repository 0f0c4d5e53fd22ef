"""The embedded generator's making: data by our own solver, training, evaluation, export. Never needed to run."""
