"""The best libraries of others on the same split files, each in its own process and environment; see README.md."""
