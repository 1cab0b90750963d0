"""Item text as vectors: a language model where there is one, TF-IDF everywhere else."""
