"""Explainability reviews: which recommendations are looked at, what people say of them, and the record of it."""
