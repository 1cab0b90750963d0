"""Training: an iterator of reports; the caller saves, shows and stops."""
