"""Training in its own process; the run folder is the only channel."""
