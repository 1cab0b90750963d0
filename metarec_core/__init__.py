"""MetaRec: a recommender that says why. Start at :mod:`metarec_core.api`; importing this package loads no torch."""

__version__ = "0.1.0"
