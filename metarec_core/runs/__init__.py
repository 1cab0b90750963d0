"""The run folder: written once by training, read by everything after."""
