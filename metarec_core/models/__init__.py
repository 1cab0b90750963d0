"""Models: each scores the whole catalogue, in named parts."""
