"""Explanations and measures as figures and display tables; one module a page."""
